"""The chats kept in memory: bounded, and never at odds with the tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from batiyoun.chats.model import Receipt, Role, RosterChange
from batiyoun.storage.sqlite.state import ChatCache
from tests.contracts.chat_stores import Scene, draft, stored
from tests.unit.storage.sqlite.conftest import OpenLog


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Room for about two chats."""
    keep = ChatCache.__init__
    monkeypatch.setattr(ChatCache, "__init__", lambda self, connection: keep(self, connection, max_seats=6))


@pytest.mark.usefixtures("small")
async def test_forgotten_chats_come_back_as_they_were(open_log: OpenLog) -> None:
    async with open_log() as scene:
        chats = [await scene.group("bob", name=str(number)) for number in range(10)]
        for _ in range(3):
            for chat in chats:
                await scene.say(chat, "bob", "x")
                await scene.store.advance([Receipt(chat.id, "ann", 2, read=True)])
        # more chats in one batch than there is room for
        outcomes = await scene.store.append([draft(chat, "ann") for chat in chats for _ in range(2)])
        assert [stored(outcome).seq for outcome in outcomes] == [4, 5] * 10
        for number, chat in enumerate(chats):
            found = await scene.store.get(chat.id)
            assert found is not None
            assert (found.name, found.head_seq, found.members["ann"].read_seq) == (str(number), 5, 2)
        # the next operation forgets what this one needed
        assert len(scene_cache(scene)._chats) <= 3


@pytest.mark.usefixtures("small")
async def test_rosters_of_forgotten_chats(open_log: OpenLog) -> None:
    async with open_log() as scene:
        chats = [await scene.group("bob") for _ in range(6)]
        for chat in chats:
            await scene.one(draft(chat, "ann", change=RosterChange(add={"cid": Role.MEMBER}, remove=("bob",))))
        for chat in chats:
            found = await scene.store.get(chat.id)
            assert found is not None
            assert set(found.members) == {"ann", "cid"}


async def test_the_bound_follows_rosters_that_grow_and_shrink(open_log: OpenLog) -> None:
    async with open_log() as scene:
        chat = await scene.group("bob")
        cache = scene_cache(scene)
        assert cache._seats == 3
        people = dict.fromkeys(map(str, range(50)), Role.MEMBER)
        await scene.one(draft(chat, "ann", change=RosterChange(add=people)))
        assert cache._seats == 53
        await scene.one(draft(chat, "ann", change=RosterChange(remove=tuple(people))))
        assert cache._seats == 3
        cache.clear()
        assert cache._seats == 0
        assert stored(await scene.one(draft(chat, "ann"))).seq == 3


async def test_a_transaction_that_fails_leaves_memory_as_it_was(open_log: OpenLog, tmp_path: Path) -> None:
    """Also heads, rosters and names that the batch had already moved."""
    async with open_log() as scene:
        chat = await scene.group("bob")
        await scene.say(chat, "ann", "1")
        writer = scene.store._file.writer  # type: ignore[attr-defined]  # the adapter's own test
        writer.execute(
            "create trigger broken before insert on log when new.content = 'fail' begin select raise(abort, 'no'); end"
        )
        failing = [
            draft(chat, "ann", "2"),
            draft(chat, "ann", "3", change=RosterChange(add={"cid": Role.MEMBER}, remove=("bob",), name="new")),
            draft(chat, "ann", "fail"),
        ]
        with pytest.raises(Exception, match="Try again"):
            await scene.store.append(failing)
        found = await scene.store.get(chat.id)
        assert found is not None
        assert (found.head_seq, found.name, set(found.members)) == (1, "Friends", {"ann", "bob"})
        assert [stored(o).seq for o in await scene.store.append(failing[:2])] == [2, 3]
        assert await scene.bodies(chat) == ["1", "2", "3"]


def scene_cache(scene: Scene) -> ChatCache:
    """The cache of the scene's store."""
    cache: ChatCache = scene.store._chats  # type: ignore[attr-defined]  # the adapter's own test
    return cache
