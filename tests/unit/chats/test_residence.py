"""chats/residence.py: a connection is in the rooms of its user's chats, also when the roster changes meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from batiyoun.chats.log import Log
from batiyoun.chats.model import Draft, Membership, NewChat, Role, RosterChange
from batiyoun.chats.residence import Residence, circle_of
from batiyoun.chats.service import ChatService
from batiyoun.live import chat_room, user_room
from batiyoun.presence.service import Circle, PresenceService
from batiyoun.runtime import Runtime
from batiyoun.storage.memory.presence import MemoryPresence
from batiyoun.storage.sqlite.chatlog import SqliteChatLog
from tests.harness.rooms import Heard, connection

RUNTIME = Runtime()


class Home:
    """Two people in a group, on the real store."""

    def __init__(self, store: SqliteChatLog) -> None:
        self.store = store
        self.rooms = Heard()
        self.log = Log(store, publish=lambda _: None)
        self.chats = ChatService(store, store, self.log, self._known, RUNTIME)
        presence = PresenceService(MemoryPresence(RUNTIME.now), self.rooms, self._circle, RUNTIME)
        self.presence = presence
        self.residence = Residence(self.chats, presence, self.rooms)

    async def _known(self, ids: object) -> set[str]:
        raise AssertionError("nobody is looked up here")

    async def _circle(self, user_id: str) -> Circle:
        return circle_of(await self.chats.memberships(user_id))

    async def group(self, *people: str) -> str:
        chat_id = RUNTIME.new_id()
        roles = dict.fromkeys(people, Role.OWNER)
        await self.store.create(NewChat(chat_id, "group", "none", "Family", people[0], roles, None, RUNTIME.utcnow()))
        return chat_id

    async def remove(self, chat_id: str, by: str, user_id: str) -> None:
        draft = Draft(
            RUNTIME.new_id(), chat_id, by, None, RUNTIME.new_id(), "system", "member_removed", "", None, False, None,
            {}, False, b"d" * 16, Role.ADMIN, RosterChange(remove=(user_id,)),
        )  # fmt: skip
        await self.log.send(draft)


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    store = SqliteChatLog(tmp_path / "log.db", RUNTIME)
    await store.open()
    place = Home(store)
    yield place
    await place.log.close()
    await place.presence.close()
    await store.close()


async def test_settling_joins_what_is_ours_and_leaves_what_is_not(home: Home) -> None:
    ours, lost = await home.group("asha", "mohan"), await home.group("mohan")
    peer = connection("asha")
    home.rooms.join(peer, chat_room(lost))  # type: ignore[arg-type]  # a connection as features see it
    await home.residence.connected(peer)
    assert peer.rooms == {user_room("asha"), chat_room(ours)}


async def test_a_kick_while_the_chats_are_read_leaves_nobody_in_the_room(home: Home) -> None:
    group, other = await home.group("asha", "mohan"), await home.group("asha", "ravi")
    peer = connection("asha")
    read = home.store.memberships
    times = 0

    async def slow(user_id: str) -> object:
        nonlocal times
        times += 1
        rows = await read(user_id)
        if times == 1:  # between the reading and the joining
            await home.remove(group, "mohan", "asha")
            home.residence.changed("asha")
            home.residence.changed("somebody else")
        return rows

    home.store.memberships = slow  # type: ignore[method-assign,assignment]  # the real answer, late
    await home.residence.connected(peer)
    assert times == 2
    assert peer.rooms == {user_room("asha"), chat_room(other)}


def test_the_circle_is_partners_and_groups_and_not_oneself() -> None:
    rows = [
        Membership("d1", "direct", Role.MEMBER, 0, 0, 0, "mohan"),
        Membership("notes", "direct", Role.MEMBER, 0, 0, 0, None),
        Membership("g1", "group", Role.MEMBER, 0, 0, 0),
    ]
    assert circle_of(rows) == Circle(["mohan"], ["g1"])
