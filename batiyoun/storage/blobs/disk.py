"""`BlobStore` in a directory of this machine's disk."""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from batiyoun.errors import Unavailable
from batiyoun.files.store import KEY

log = logging.getLogger(__name__)

Result = TypeVar("Result")
#: what is being written is called so until it is whole
_UNFINISHED = ".new-"


class DiskBlobs:
    """One file for each key, in folders by the first two characters of the name; for this user alone."""

    def __init__(self, root: Path) -> None:
        """The directory is made when something is put into it."""
        self._root = root

    async def put(self, key: str, content: bytes) -> None:
        """See `BlobStore`."""
        path = self._path(key)
        await self._run(lambda: _write(path, content))

    async def get(self, key: str) -> bytes | None:
        """See `BlobStore`."""
        path = self._path(key)
        try:
            return await self._run(path.read_bytes)
        except FileNotFoundError:
            return None

    async def old_keys(self, folder: str, before: datetime) -> list[str]:
        """See `BlobStore`. What a crash left of a file that was being written is removed on the way."""
        return await self._run(lambda: list(_old(self._root / folder, before.timestamp())))

    async def delete(self, key: str) -> None:
        """See `BlobStore`."""
        path = self._path(key)
        await self._run(lambda: path.unlink(missing_ok=True))

    def _path(self, key: str) -> Path:
        if KEY.fullmatch(key) is None:
            raise ValueError("not the key of a blob")
        folder, name = key.split("/")
        return self._root / folder / name[:2] / name

    async def _run(self, work: Callable[[], Result]) -> Result:
        try:
            return await asyncio.to_thread(work)
        except FileNotFoundError:
            raise
        except OSError as exc:
            log.exception("the directory of files cannot be used")
            raise Unavailable("The server cannot store or read files right now. Tell the administrator.") from exc


def _old(folder: Path, before: float) -> Iterator[str]:
    for path in folder.glob("*/*"):
        try:
            if path.stat().st_mtime >= before:
                continue
        except FileNotFoundError:
            continue
        key = f"{folder.name}/{path.name}"
        if KEY.fullmatch(key):
            yield key
        elif path.name.startswith(_UNFINISHED):
            path.unlink(missing_ok=True)


def _write(path: Path, content: bytes) -> None:
    """Under another name, then renamed: nobody ever reads half of it, and a power cut leaves all or nothing."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=_UNFINISHED)  # mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the name, too
    finally:
        os.close(folder)
