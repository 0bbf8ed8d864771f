"""The backup's file: a tar whose last member holds the size and SHA-256 of all others.

A truncated archive has no checksums, a damaged one does not fit them, and both are refused before anything is put in
its place. It is plain tar, so that people can look into it with the tool they know; compress and encrypt it as you
like. Compressed by gzip, bzip2 or xz it is read as it is.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import lzma
import os
import tarfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final, Self

#: Raised when the layout changes; a reader refuses what is newer.
FORMAT: Final = 1
HEAD: Final = "batiyoun-backup.json"
SUMS: Final = "checksums.json"
FOLDER: Final = "data"
#: the two JSON members are short: a few files, or a line for each uploaded one
_LONGEST_JSON: Final = 512 * 1024 * 1024
_CHUNK: Final = 1 << 20

#: Told how many bytes were passed on.
Progress = Callable[[int], object]


class BackupUnusable(Exception):
    """The file is no backup, or a damaged one; the message is for the operator."""


class ArchiveWriter:
    """Writes into `target`, which needs no `seek`: a pipe will do. The end of the `with` block makes it whole."""

    def __init__(self, target: IO[bytes], about: Mapping[str, Any], *, now: float, progress: Progress) -> None:
        """`about` is told by `unpack`; `now`: POSIX seconds, the time on every member."""
        self._outlet = _Outlet(target)
        # closed by __exit__
        self._tar = tarfile.open(fileobj=self._outlet, mode="w|", format=tarfile.PAX_FORMAT)  # noqa: SIM115
        self._now = int(now)
        self._progress = progress
        self._sums: dict[str, dict[str, Any]] = {}
        self._add_json(HEAD, {"format": FORMAT, **about})

    def add(self, name: str, path: Path) -> None:
        """Put a regular file into the archive as `data/<name>`. Raises `OSError`, also when it shrinks meanwhile."""
        name = f"{FOLDER}/{name}"
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            measured = _Measured(file, self._progress)
            self._tar.addfile(self._member(name, size), measured)  # type: ignore[arg-type]  # it only calls read()
        self._sums[name] = {"size": size, "sha256": measured.digest.hexdigest()}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Write the checksums and the end of the archive, unless it failed; `target` stays open."""
        if kind is None:
            self._add_json(SUMS, self._sums)
            self._tar.close()
        else:
            self._outlet.shut = True

    def _add_json(self, name: str, value: object) -> None:
        text = json.dumps(value, indent=1).encode()
        self._tar.addfile(self._member(name, len(text)), io.BytesIO(text))

    def _member(self, name: str, size: int) -> tarfile.TarInfo:
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = size, 0o600, self._now
        return member


class _Outlet(io.RawIOBase):
    """The target, until it is shut: tarfile would write what it holds back even while it is thrown away."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self.shut = False

    def write(self, data: Any) -> int:
        """As a file does."""
        if not self.shut:
            self._target.write(data)
        return len(data)


class _Measured:
    """A file whose content is hashed while tarfile reads it."""

    def __init__(self, file: IO[bytes], progress: Progress) -> None:
        self._file = file
        self._progress = progress
        self.digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        """As a file does."""
        chunk = self._file.read(size)
        self.digest.update(chunk)
        self._progress(len(chunk))
        return chunk


def unpack(source: IO[bytes], folder: Path, progress: Progress) -> dict[str, Any]:
    """Put every file of the archive into `folder`, which is empty, synced and with mode 0600; returns its `about`.

    Raises `BackupUnusable`, also for names that lead out of `folder`, and `OSError` when the disk does not take it.
    """
    try:
        with tarfile.open(fileobj=source, mode="r|*") as tar:
            return _unpack(tar, folder, progress)
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, lzma.LZMAError) as exc:
        raise BackupUnusable(str(exc) or type(exc).__name__) from exc


def _unpack(tar: tarfile.TarFile, folder: Path, progress: Progress) -> dict[str, Any]:
    sums: dict[str, dict[str, Any]] = {}
    about: dict[str, Any] | None = None
    promised: dict[str, Any] | None = None
    for member in tar:
        if about is None:
            about = _head(tar, member)
        elif promised is not None:
            raise BackupUnusable("it goes on after its end")
        elif member.name == SUMS:
            promised = _json(tar, member)
        else:
            sums[member.name] = _store(tar, member, folder, progress)
    if about is None:
        raise BackupUnusable("it is empty")
    if promised is None:
        raise BackupUnusable("its end is missing")
    if promised != sums:
        different = sorted(name for name in {*promised, *sums} if promised.get(name) != sums.get(name))
        raise BackupUnusable(f"{different[0]} is not what was written")
    return about


def _head(tar: tarfile.TarFile, member: tarfile.TarInfo) -> dict[str, Any]:
    if member.name != HEAD:
        raise BackupUnusable("it is not a backup of Batiyoun")
    about = _json(tar, member)
    if not isinstance(about.get("format"), int) or about["format"] > FORMAT:
        raise BackupUnusable(f"it was made by a newer Batiyoun ({about.get('version')})")
    return about


def _json(tar: tarfile.TarFile, member: tarfile.TarInfo) -> dict[str, Any]:
    file = tar.extractfile(member) if member.isreg() and member.size <= _LONGEST_JSON else None
    try:
        value = json.loads(file.read()) if file is not None else None
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise BackupUnusable(f"{member.name} is not readable")
    return value


def _store(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path, progress: Progress) -> dict[str, Any]:
    name = PurePosixPath(member.name)
    inside = name.parts[:1] == (FOLDER,) and len(name.parts) > 1 and ".." not in name.parts
    file = tar.extractfile(member) if inside and member.isreg() else None
    if file is None:
        raise BackupUnusable(f"{member.name!r} does not belong into a backup")
    target = folder.joinpath(*name.parts[1:])
    digest = hashlib.sha256()
    try:
        for depth in range(2, len(name.parts)):  # one by one: `parents=True` makes them with another mode
            folder.joinpath(*name.parts[1:depth]).mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except (FileExistsError, NotADirectoryError, ValueError) as exc:
        raise BackupUnusable(f"{member.name!r} is in it twice") from exc
    with os.fdopen(descriptor, "wb") as out:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            out.write(chunk)
            progress(len(chunk))
        out.flush()
        os.fsync(out.fileno())
    return {"size": member.size, "sha256": digest.hexdigest()}
