"""presence/service.py: arrivals and departures are told once, to the circle only."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from batiyoun.live import open_room, user_room
from batiyoun.presence import service as module
from batiyoun.presence.service import Circle, PresenceService
from batiyoun.runtime import Runtime
from batiyoun.storage.memory.presence import MemoryPresence
from tests.harness.rooms import Heard, connection

CIRCLE = Circle(partners=["partner"], groups=["group"])


async def circle_of(_: str) -> Circle:
    return CIRCLE


@pytest.fixture
def rooms() -> Heard:
    return Heard()


@pytest.fixture
def presence(rooms: Heard, monkeypatch: pytest.MonkeyPatch) -> PresenceService:
    monkeypatch.setattr(module, "LINGER", 0.02)
    runtime = replace(Runtime(), now=lambda: 1_000.0)
    return PresenceService(MemoryPresence(runtime.now), rooms, circle_of, runtime)


async def test_only_the_first_connection_is_told(presence: PresenceService, rooms: Heard) -> None:
    await presence.arrived(connection("asha", "c1"), CIRCLE)
    await presence.arrived(connection("asha", "c2"), CIRCLE)
    assert rooms.to(user_room("partner")) == ["user_online"]
    assert rooms.to(open_room("group")) == ["user_online"]
    assert {room for room, _, _ in rooms.said} == {user_room("partner"), open_room("group")}
    await presence.close()


async def test_only_the_last_departure_is_told_after_a_while(presence: PresenceService, rooms: Heard) -> None:
    first, second = connection("asha", "c1"), connection("asha", "c2")
    for each in (first, second):
        await presence.arrived(each, CIRCLE)
    presence.departed(first)
    await asyncio.sleep(0.05)
    assert "user_offline" not in rooms.to(user_room("partner"))
    presence.departed(second)
    presence.departed(second)
    assert "user_offline" not in rooms.to(user_room("partner"))
    await asyncio.sleep(0.05)
    assert rooms.to(user_room("partner")) == ["user_online", "user_offline"]
    assert await presence.online(["asha"]) == []
    await presence.close()


async def test_a_return_within_the_pause_is_told_to_nobody(presence: PresenceService, rooms: Heard) -> None:
    first = connection("asha", "c1")
    await presence.arrived(first, CIRCLE)
    presence.departed(first)
    await presence.arrived(connection("asha", "c2"), CIRCLE)
    await asyncio.sleep(0.05)
    assert rooms.to(user_room("partner")) == ["user_online"]
    assert await presence.online(["asha", "nobody"]) == ["asha"]
    await presence.close()


async def test_a_connection_is_told_who_is_here_and_who_was(presence: PresenceService) -> None:
    gone = connection("gone", "c8")
    await presence.arrived(gone, CIRCLE)
    await presence.arrived(connection("partner", "c9"), Circle([], []))
    presence.departed(gone)
    await asyncio.sleep(0.05)
    mine = connection("asha")
    await presence.arrived(mine, Circle(["partner", "gone", "never"], []))
    assert [(event, args[0]) for event, args in mine.told] == [("user_online", "partner"), ("user_offline", "gone")]
    assert mine.told[1][1][1].last_seen.timestamp() == 1_000
    await presence.close()


async def test_one_that_never_arrived_departs_in_silence(presence: PresenceService, rooms: Heard) -> None:
    presence.departed(connection("asha"))
    await asyncio.sleep(0.05)
    assert rooms.said == []
