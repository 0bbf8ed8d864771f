"""What SQLite's errors mean to people, and what the operator is told."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
from pathlib import Path

import msgspec
import pytest

from batiyoun.chats.durability import DurabilityLost
from batiyoun.errors import Busy, Internal, Unavailable
from batiyoun.storage.sqlite.errors import RowDamaged, is_damage, of_read, of_write
from batiyoun.storage.sqlite.reader import Reader


def error(name: str, text: str = "simulated") -> sqlite3.OperationalError:
    """An error of SQLite with that name."""
    made = sqlite3.OperationalError(text)
    if name:
        made.sqlite_errorname = name
    return made


@pytest.mark.parametrize(
    ("name", "kind", "told"),
    [
        ("SQLITE_FULL", Unavailable, "the disk is full"),
        ("SQLITE_BUSY", Unavailable, "another program holds a write lock"),
        ("SQLITE_BUSY_SNAPSHOT", Unavailable, "another program holds a write lock"),
        ("SQLITE_IOERR_WRITE", Unavailable, "SQLITE_IOERR_WRITE"),
        ("SQLITE_CORRUPT", Unavailable, "SQLITE_CORRUPT"),
        ("", Unavailable, "OperationalError"),
        ("SQLITE_IOERR_FSYNC", DurabilityLost, ""),
        ("SQLITE_IOERR_DIR_FSYNC", DurabilityLost, ""),
    ],
)
def test_of_writing(name: str, kind: type[Exception], told: str, caplog: pytest.LogCaptureFixture) -> None:
    assert type(of_write(error(name))) is kind
    assert told in caplog.text


@pytest.mark.parametrize(
    ("cause", "kind", "level"),
    [
        (RowDamaged("envelope 3 of chat number 4"), Internal, logging.CRITICAL),
        (error("SQLITE_CORRUPT_INDEX"), Internal, logging.CRITICAL),
        (error("SQLITE_NOTADB"), Internal, logging.CRITICAL),
        (error("", "Could not decode to UTF-8 column 'id' with text '\\xff'"), Internal, logging.CRITICAL),
        (error("SQLITE_IOERR_READ"), Unavailable, logging.ERROR),
    ],
)
def test_of_reading(
    cause: sqlite3.Error | RowDamaged, kind: type[Exception], level: int, caplog: pytest.LogCaptureFixture
) -> None:
    meaning = of_read(cause)
    assert type(meaning) is kind
    assert [record.levelno for record in caplog.records] == [level]
    assert "number" not in meaning.public


def test_damage_is_told_from_trouble() -> None:
    assert is_damage(error("SQLITE_CORRUPT_VTAB"))
    assert not is_damage(error("SQLITE_FULL"))
    assert not is_damage(error(""))


async def test_too_many_reads_at_once_are_busy(tmp_path: Path) -> None:
    """No queue without an end."""
    reader = Reader(tmp_path / "x.db", threads=1, max_waiting=2)
    enough = threading.Event()

    def wait(_: sqlite3.Connection) -> int:
        assert enough.wait(20)
        return 1

    first, second = reader._run(wait), reader._run(wait)
    tasks = [asyncio.create_task(first), asyncio.create_task(second)]
    await asyncio.sleep(0.02)
    with pytest.raises(Busy):
        await reader._run(wait)
    enough.set()
    assert await asyncio.gather(*tasks) == [1, 1]
    await asyncio.sleep(0)
    assert await reader._run(wait) == 1
    reader.close()


async def test_values_of_the_wrong_kind_are_damage(tmp_path: Path) -> None:
    reader = Reader(tmp_path / "x.db")

    def wrong(_: sqlite3.Connection) -> int:
        return msgspec.json.decode(b'"text"', type=int)

    with pytest.raises(Internal):
        await reader._run(wrong)
    reader.close()
