"""storage/blobs/disk.py: whole files by names that the server made."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path

import pytest

from batiyoun.errors import Unavailable
from batiyoun.storage.blobs.disk import DiskBlobs

KEY = f"avatars/{'Ab-_' * 10}xyz-512.webp"


@pytest.fixture
def blobs(tmp_path: Path) -> DiskBlobs:
    return DiskBlobs(tmp_path / "blobs")


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_what_is_put_is_there_until_it_is_deleted(blobs: DiskBlobs) -> None:
    assert await blobs.get(KEY) is None
    await blobs.put(KEY, b"one")
    await blobs.put(KEY, b"two")
    assert await blobs.get(KEY) == b"two"
    await blobs.delete(KEY)
    await blobs.delete(KEY)
    assert await blobs.get(KEY) is None


NAME = "x" * 43


@pytest.mark.parametrize(
    "key",
    [
        "",
        "x",
        "../secret",
        "/etc/passwd",
        "avatars/../../secret",
        "avatars/a.webp",
        f"avatars/{NAME}.webp\0",
        f"avatars/{NAME}.webp/..",
        f"avatars/{NAME[1:]}/.webp",
        f"../{NAME}.webp",
        KEY + "\n",
    ],
)
async def test_41_names_that_the_server_did_not_make_touch_nothing(blobs: DiskBlobs, tmp_path: Path, key: str) -> None:
    for attempt in (blobs.put(key, b"x"), blobs.get(key), blobs.delete(key)):
        with pytest.raises(ValueError, match="not the key"):
            await attempt
    assert files(tmp_path) == []


async def test_53_nobody_else_can_read_them(blobs: DiskBlobs, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        await blobs.put(KEY, b"x")
    finally:
        os.umask(before)
    (file,) = files(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


async def test_a_put_that_fails_leaves_what_was_there(
    blobs: DiskBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await blobs.put(KEY, b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable):
        await blobs.put(KEY, b"new")
    assert await blobs.get(KEY) == b"old"
    assert len(files(tmp_path)) == 1


async def test_of_many_at_once_one_whole_file_stays(blobs: DiskBlobs, tmp_path: Path) -> None:
    contents = [bytes([number]) * 100_000 for number in range(8)]
    await asyncio.gather(*(blobs.put(KEY, content) for content in contents))
    assert await blobs.get(KEY) in contents
    assert len(files(tmp_path)) == 1
