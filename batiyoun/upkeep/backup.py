"""Copies an embedded installation into one archive while the server runs."""

from __future__ import annotations

import os
import sqlite3
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

from batiyoun import __version__
from batiyoun.startup import EXIT_CANNOT_CREATE, EXIT_CONFIG, CannotStart
from batiyoun.upkeep.archive import ArchiveWriter, Progress
from batiyoun.upkeep.installation import Installation, refuse_strangers

#: sysexits.h EX_DATAERR
EXIT_DAMAGED: Final = 65
#: pages per step: 8 MiB between two signs of progress
_PAGES: Final = 2048
_SQLITE = b"SQLite format 3\0"

#: The problems in a copied database, by its name in the archive; empty when it is whole.
Examine = Callable[[str, Path], list[str]]


@dataclass(frozen=True, slots=True)
class Done:
    """What was copied: the number of files and their bytes."""

    files: int
    size: int


def back_up(
    installation: Installation, target: IO[bytes], *, now: float, workspace: Path, examine: Examine, progress: Progress
) -> Done:
    """Write the archive into `target`. Safe while the server runs and people write.

    Each database is copied as it was at one moment, by SQLite's own online backup inside one read transaction, into a
    folder in `workspace`, examined there, and then put into the archive; other files of the data directory (keys,
    uploads) follow. Everything that was acknowledged before the call is in it. Raises `CannotStart` when there is
    nothing to copy, when a copy shows that a database is damaged (a backup must not replace a good one), and when the
    disk does not take it. `progress` hears of bytes: those of databases twice, when copied and when archived.
    """
    if not all(path.is_file() for path in installation.databases.values()):
        raise CannotStart(
            f"There is nothing to back up in {installation.data_dir}: set BATIYOUN_DATA_DIR to where the server keeps "
            "its data.",
            EXIT_CONFIG,
        )
    refuse_strangers(installation.data_dir)
    about = {"version": __version__, "made": datetime.fromtimestamp(now, UTC).isoformat()}
    try:
        with (
            tempfile.TemporaryDirectory(prefix=".backup-", dir=workspace) as folder,
            ArchiveWriter(target, about, now=now, progress=progress) as archive,
        ):
            return _fill(archive, installation, Path(folder, "copy.db"), examine, progress)
    except (OSError, sqlite3.Error) as exc:
        if isinstance(exc, sqlite3.DatabaseError) and not isinstance(exc, sqlite3.OperationalError):
            raise CannotStart(
                f"A database in {installation.data_dir} is damaged: {exc}. No backup was made; keep the last good one.",
                EXIT_DAMAGED,
            ) from exc
        reason = exc.strerror if isinstance(exc, OSError) and exc.strerror else exc
        raise CannotStart(
            f"The backup failed ({reason}): is there space for a copy of the databases in {workspace}, and may this "
            f"user read {installation.data_dir}?",
            EXIT_CANNOT_CREATE,
        ) from exc


def _fill(archive: ArchiveWriter, installation: Installation, copy: Path, examine: Examine, progress: Progress) -> Done:
    files = size = 0
    for name, path in installation.databases.items():
        with _copied(path, copy, progress):
            if problems := examine(name, copy):
                raise CannotStart(
                    f"{path} is damaged: {problems[0]}. No backup was made; keep the last good one.", EXIT_DAMAGED
                )
            archive.add(name, copy)
            files, size = files + 1, size + copy.stat().st_size
    for name, path in _others(installation):
        try:
            if _is_database(path):
                with _copied(path, copy, progress):
                    archive.add(name, copy)
            else:
                archive.add(name, path)
            files, size = files + 1, size + path.stat().st_size
        except FileNotFoundError:
            continue  # deleted since it was listed
    return Done(files, size)


@contextmanager
def _copied(source: Path, copy: Path, progress: Progress) -> Iterator[None]:
    """`copy` is `source` at one moment, until the end of the block."""
    try:
        snapshot(source, copy, progress)
        yield
    finally:
        for ending in ("", "-wal", "-shm", "-journal"):
            copy.with_name(copy.name + ending).unlink(missing_ok=True)


def snapshot(source: Path, copy: Path, progress: Progress) -> None:
    """Copy a database that others may be writing. Raises `sqlite3.Error`, `OSError`.

    The read transaction is held from the first page to the last: without it every commit of another process would
    start the copy anew (https://www.sqlite.org/backup.html). It holds up no writer, because the databases are in WAL
    mode; the WAL grows until it ends. Read-only, so that the end of this connection never checkpoints or deletes the
    WAL that the server's syncer holds open.
    """
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    reading = sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True, timeout=10, isolation_level=None)
    with closing(reading), closing(sqlite3.connect(copy, isolation_level=None)) as writing:
        writing.execute("pragma synchronous=off")  # a copy that is lost is made again
        page = reading.execute("pragma page_size").fetchone()[0]
        reading.execute("begin")
        reading.execute("select count(*) from sqlite_schema").fetchone()
        left = reading.execute("pragma page_count").fetchone()[0]

        def step(_: int, remaining: int, __: int) -> None:
            nonlocal left
            progress((left - remaining) * page)
            left = remaining

        reading.backup(writing, pages=_PAGES, progress=step)


def expected_size(installation: Installation) -> int:
    """About how many bytes `progress` will hear of."""
    twice = sum(path.stat().st_size for path in installation.databases.values() if path.exists()) * 2
    return twice + sum(path.stat().st_size for _, path in _others(installation))


def _others(installation: Installation) -> Iterator[tuple[str, Path]]:
    """Everything else that the server keeps, by its name in the archive; hidden files are half-written ones."""
    for folder, directories, names in os.walk(installation.data_dir):
        directories[:] = sorted(name for name in directories if not name.startswith("."))
        for name in sorted(names):
            path = Path(folder, name)
            if name.startswith(".") or installation.belongs_to_a_database(path) or _beside_a_database(path):
                continue
            try:
                regular = stat.S_ISREG(path.lstat().st_mode)
            except FileNotFoundError:
                continue
            if regular:
                yield path.relative_to(installation.data_dir).as_posix(), path


def _beside_a_database(path: Path) -> bool:
    for ending in ("-wal", "-shm", "-journal"):
        owner = path.with_name(path.name.removesuffix(ending))
        if path.name.endswith(ending) and owner.is_file() and _is_database(owner):
            return True
    return False


def _is_database(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_SQLITE)) == _SQLITE
