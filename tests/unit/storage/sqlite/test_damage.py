"""A damaged log.db is refused or its damage is told; wrong contents are never shown (reliability.md)."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from batiyoun.chats.groups.model import Group, Leaf, Step
from batiyoun.chats.model import Appended, Chat, NewChat, Receipt, Refused, Role, RosterChange
from batiyoun.errors import Internal, Unavailable
from batiyoun.storage.sqlite import StoreDamaged, StoreUnusable
from batiyoun.storage.sqlite.schema import connect
from batiyoun.storage.sqlite.verify import find_damage
from tests.contracts.chat_stores import Scene, draft, read_all, stored
from tests.unit.storage.sqlite.conftest import OpenLog

NEEDLE = "Where is Waldo"


async def furnished(open_log: OpenLog) -> list[Chat]:
    """A store with three chats, receipts, roster changes, long and short bodies; closed."""
    async with open_log() as scene:
        chats = [await scene.group("bob", "cid"), await scene.direct("ann", "bob"), await scene.group("bob")]
        for number in range(30):
            for chat in chats:
                body = f"{NEEDLE} {number} " + "x" * (number % 5) * 700
                await scene.say(chat, "ann", body, metadata={"n": number}, message_id=scene.clock.new_id())
        await scene.one(draft(chats[0], "ann", change=RosterChange(add={"dan": Role.ADMIN}, name="renamed")))
        await scene.store.advance([Receipt(chat.id, "bob", 7, read=True) for chat in chats])
        return [found for chat in chats if (found := await scene.store.get(chat.id))]


async def everything(scene: Scene, chats: list[Chat]) -> list[Any]:
    """All that people can read."""
    return [
        [await read_all(scene.store, chat.id) for chat in chats],
        [await scene.store.get(chat.id) for chat in chats],
        [await scene.store.memberships(who) for who in ("ann", "bob", "cid", "dan")],
        [await scene.store.list_of(who, limit=10, before=None) for who in ("ann", "bob", "cid", "dan")],
    ]


def replace(path: Path, old: bytes, new: bytes, *, which: int = 0) -> None:
    """Change bytes in the file, as a bad disk does."""
    data = path.read_bytes()
    place = -1
    for _ in range(which + 1):
        place = data.index(old, place + 1)
    path.write_bytes(data[:place] + new + data[place + len(old) :])


async def test_a_changed_body_is_refused_at_the_door(open_log: OpenLog, tmp_path: Path) -> None:
    """`PRAGMA quick_check` says ok: only the row's checksum knows."""
    await furnished(open_log)
    replace(tmp_path / "log.db", b"Waldo 9", b"Wally 9")
    with closing(sqlite3.connect(tmp_path / "log.db")) as connection:
        assert connection.execute("pragma quick_check").fetchall() == [("ok",)]
        assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
    before = (tmp_path / "log.db").read_bytes()
    with pytest.raises(StoreDamaged, match="batiyoun restore"):
        async with open_log():
            pass
    assert (tmp_path / "log.db").read_bytes() == before


async def test_beyond_what_opening_looks_at_it_is_told_on_reading(open_log: OpenLog, tmp_path: Path) -> None:
    chats = await furnished(open_log)
    replace(tmp_path / "log.db", b"Waldo 9", b"Wally 9")
    async with open_log(check_seconds=-1) as scene:
        with pytest.raises(Internal, match="damaged"):
            await everything(scene, chats)
        # the others' messages are served
        healthy = 0
        for chat in chats:
            page = await scene.store.page(chat.id, after=15, before=None, limit=5, floor=0)
            healthy += len(page.messages)
        assert healthy == 15


@pytest.mark.parametrize(
    "statement",
    [
        "update members set role = 3 where role = 1",
        "update members set read_seq = read_seq + 1",
        "update members set joined_seq = 0 where joined_seq > 0",
        "update chats set name = 'other' where name is not null",
        "update chats set type = 'group'",
        "update people set id = 'eve' where id = 'bob'",
        "update log set content = content || '!' where ref = 5",
        "update log set sender = 2 where ref = 5",
        "update log set timestamp = timestamp + 1 where ref = 5",
        "update log set flags = flags + 2 - 4 * (flags >= 2) where ref = 5",
        "update log set metadata = '{}' where ref = 5",
        "update log set digest = x'00' where ref = 5",
        "update log set seq = 1000 where ref = 90",
    ],
)
async def test_every_value_is_covered(open_log: OpenLog, tmp_path: Path, statement: str) -> None:
    chats = await furnished(open_log)
    with closing(sqlite3.connect(tmp_path / "log.db", isolation_level=None)) as connection:
        assert connection.execute(statement).rowcount > 0
    with pytest.raises(StoreDamaged):
        async with open_log():
            pass
    async with open_log(check_seconds=-1) as scene:
        # digests matter to retries only
        if "digest" in statement:
            outcomes = await scene.store.append([draft(chat, "ann", client_id="c") for chat in chats])
            assert all(isinstance(outcome, Appended) for outcome in outcomes)
        with pytest.raises(Internal):
            await everything(scene, chats)


async def test_a_damaged_wish_is_never_taken_for_another(open_log: OpenLog, tmp_path: Path) -> None:
    async with open_log() as scene:
        now = scene.clock.runtime().utcnow()
        wish = NewChat(scene.clock.new_id(), "group", "none", "Roof", "ann", {"ann": Role.OWNER}, None, now, b"wish")
        await scene.store.create(wish)
    with closing(sqlite3.connect(tmp_path / "log.db", isolation_level=None)) as connection:
        connection.execute("update wishes set digest = x'00'")
    with pytest.raises(StoreDamaged):
        async with open_log():
            pass
    async with open_log(check_seconds=-1) as scene:
        with pytest.raises(Internal, match="damaged"):
            await scene.store.create(wish)


@pytest.mark.parametrize(
    "statement",
    [
        "update groups set epoch = 9",
        "update groups set open_from = 9",
        "update groups set leaves = x'90'",
        "update group_infos set info = x'00'",
        "update welcomes set welcome = x'00'",
        "update welcomes set epoch = 9",
    ],
)
async def test_a_damaged_group_is_never_taken_for_another(open_log: OpenLog, tmp_path: Path, statement: str) -> None:
    async with open_log() as scene:
        scene.encryption = "mls"
        chat = await scene.group("bob")
        group = Group(1, 0, 0, (Leaf(0, "ann", "ann-phone", b"mark"),))
        step = Step(None, group, b"info", b"welcome", (("bob", "bob-phone"),))
        stored(await scene.one(draft(chat, "ann", kind="commit", step=step)))
    with closing(sqlite3.connect(tmp_path / "log.db", isolation_level=None)) as connection:
        assert connection.execute(statement).rowcount == 1
        assert len(find_damage(connection, seconds=None)) == 1
    with pytest.raises(StoreDamaged):
        async with open_log():
            pass
    since = datetime(2000, 1, 1, tzinfo=UTC)
    async with open_log(check_seconds=-1) as scene:
        looks = [scene.store.group_info(chat.id), scene.store.welcomes("bob", "bob-phone", since=since, limit=9)]
        told = await asyncio.gather(*looks, return_exceptions=True)
        assert [isinstance(each, Internal) for each in told].count(True) == 1


async def test_a_missing_row_is_a_gap(open_log: OpenLog, tmp_path: Path) -> None:
    chats = await furnished(open_log)
    with closing(sqlite3.connect(tmp_path / "log.db", isolation_level=None)) as connection:
        connection.execute("delete from log where ref = 10")
        assert any("envelopes but its newest is" in text for text in find_damage(connection, seconds=None))
    async with open_log(check_seconds=-1) as scene:
        with pytest.raises(Internal):
            await everything(scene, chats)


async def test_a_damaged_chat_refuses_its_drafts_and_no_others(open_log: OpenLog, tmp_path: Path) -> None:
    chats = await furnished(open_log)
    with closing(sqlite3.connect(tmp_path / "log.db", isolation_level=None)) as connection:
        connection.execute("update members set role = 2 where chat = 1")
    async with open_log(check_seconds=-1) as scene:
        outcomes = await scene.store.append([draft(chat, "ann", "new") for chat in chats])
        assert isinstance(outcomes[0], Refused)
        assert isinstance(outcomes[0].error, Internal)
        assert all(isinstance(outcome, Appended) for outcome in outcomes[1:])


@pytest.mark.parametrize("cut", [100, 4096, 4096 * 3 + 17, 4096 * 12])
async def test_a_file_that_ends_early(open_log: OpenLog, tmp_path: Path, cut: int) -> None:
    await furnished(open_log)
    data = (tmp_path / "log.db").read_bytes()
    (tmp_path / "log.db").write_bytes(data[:cut])
    with pytest.raises(StoreUnusable):
        async with open_log():
            pass


async def unharmed(open_log: OpenLog, chats: list[Chat], expected: list[Any]) -> bool:
    """Open and read: True when everything is as it was, False when the damage is told; nothing else may happen."""
    try:
        async with open_log(check_seconds=30) as scene:
            assert await everything(scene, chats) == expected
    except (StoreUnusable, Internal, Unavailable):
        return False
    return True


@pytest.mark.parametrize("flips", [100, pytest.param(5_000, marks=pytest.mark.soak)])
async def test_flipped_bits_are_never_silent(open_log: OpenLog, tmp_path: Path, flips: int) -> None:
    chats = await furnished(open_log)
    async with open_log() as scene:
        expected = await everything(scene, chats)
    path = tmp_path / "log.db"
    good = path.read_bytes()
    chance = random.Random(7)  # noqa: S311  # repeatable, not secret
    told = 0
    for _ in range(flips):
        bad = bytearray(good)
        bad[chance.randrange(len(bad))] ^= 1 << chance.randrange(8)
        path.write_bytes(bad)
        told += not await unharmed(open_log, chats, expected)
        for leftover in ("log.db-wal", "log.db-shm"):
            (tmp_path / leftover).unlink(missing_ok=True)
    # the rest fell on free space
    assert told > flips // 4


class TestFindDamage:
    async def test_a_healthy_file(self, open_log: OpenLog, tmp_path: Path) -> None:
        await furnished(open_log)
        with closing(connect(tmp_path / "log.db", reader=True)) as connection:
            assert find_damage(connection, seconds=None) == []
            assert find_damage(connection, seconds=5) == []

    async def test_stops_when_the_time_is_up(self, open_log: OpenLog, tmp_path: Path) -> None:
        await furnished(open_log)
        replace(tmp_path / "log.db", b"Waldo 9", b"Wally 9")
        ticks = iter([0.0, *[100.0] * 1_000_000])

        def late() -> float:
            return next(ticks)

        with closing(connect(tmp_path / "log.db", reader=True)) as connection:
            assert len(find_damage(connection, seconds=1, monotonic=late)) <= 1
            # and the connection works on
            assert connection.execute("select count(*) from log").fetchone() == (91,)

    async def test_lists_a_limited_number(self, open_log: OpenLog, tmp_path: Path) -> None:
        await furnished(open_log)
        with closing(sqlite3.connect(tmp_path / "log.db", isolation_level=None)) as connection:
            connection.execute("update log set checksum = 0")
            assert len(find_damage(connection, seconds=None)) == 20

    async def test_an_index_that_misses_a_row(self, open_log: OpenLog, tmp_path: Path) -> None:
        """What only a full check sees, for `doctor`."""
        await furnished(open_log)
        with closing(sqlite3.connect(tmp_path / "log.db", isolation_level=None)) as connection:
            connection.execute("pragma writable_schema=on")
            connection.execute("create index extra on log(id)")
            connection.execute(
                "update sqlite_schema set sql = 'create index extra on log(client_id)' where name = 'extra'"
            )
        with closing(connect(tmp_path / "log.db", reader=True)) as connection:
            assert find_damage(connection, seconds=None) != []
