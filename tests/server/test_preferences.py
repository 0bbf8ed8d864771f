"""Mute, archive and pin over the real server: for oneself alone, and the same on all of one's devices."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from itertools import count
from typing import Any

import pytest

from tests.harness.accounts import problem_of
from tests.harness.people import Person, Town
from tests.harness.server import Server

_names = count()
NONE = {"mutedUntil": None, "archivedSeq": None, "pinned": None, "revision": 0}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("preferences")) as running:
        yield running


@pytest.fixture
async def village(shared: Server) -> AsyncIterator[Town]:
    place = Town(shared.url)
    yield place
    await place.close()


async def people(village: Town, how_many: int) -> list[Person]:
    return [await village.sign_up(f"wants{next(_names)}") for _ in range(how_many)]


async def change(person: Person, chat: str, **wish: Any) -> Any:
    answer = await person.http.patch(f"/api/chats/{chat}/preferences", json=wish)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def wanted(person: Person) -> dict[str, Any]:
    """Preferences by chat, as the list of chats tells them; one chat says the same."""
    chats = (await person.http.get("/api/chats")).json()["chats"]
    for chat in chats:
        assert (await person.http.get(f"/api/chats/{chat['id']}")).json()["preferences"] == chat["preferences"]
    return {chat["id"]: chat["preferences"] for chat in chats}


async def test_preferences_come_with_the_chats_and_to_one_s_own_devices_alone(village: Town) -> None:
    one, two = await people(village, 2)
    chat = await one.create_chat(two)
    async with one.online() as phone, one.online() as laptop, two.online() as other:
        state = await change(one, chat, mutedUntil="2026-07-01T20:00:00+05:30", archivedSeq=4)
        assert state == {"mutedUntil": "2026-07-01T14:30:00Z", "archivedSeq": 4, "pinned": None, "revision": 1}
        for live in (phone, laptop):
            (heard,) = await live.wait_for("chat_preferences")
            assert heard == {"chatId": chat, "preferences": state}
        await other.call("sync", {"cursors": {}})
        assert other.heard("chat_preferences") == []
    assert await wanted(one) == {chat: state}
    assert await wanted(two) == {chat: NONE}
    assert await change(one, chat, mutedUntil=None, archivedSeq=None) == NONE | {"revision": 2}


@pytest.mark.parametrize(
    ("wish", "kept"), [("9999-12-31T12:59:59-11:00", "9999-01-01"), ("0001-01-01T14:00:00+14:00", "1970-01-01")]
)
async def test_mute_ends_at_a_time_that_every_clock_knows(village: Town, wish: str, kept: str) -> None:
    one, two = await people(village, 2)
    state = await change(one, await one.create_chat(two), mutedUntil=wish)
    assert state["mutedUntil"] == f"{kept}T00:00:00Z"


async def test_five_chats_are_on_top_and_those_that_one_left_take_no_place(village: Town) -> None:
    one, two = await people(village, 2)
    groups = [await one.create_chat(two, name=f"Group {n}") for n in range(6)]
    for rank, group in enumerate(groups[:5]):
        await change(two, group, pinned=rank)
    sixth = await two.http.patch(f"/api/chats/{groups[5]}/preferences", json={"pinned": 9})
    assert problem_of(sixth) == (409, "conflict")
    assert (await two.http.post(f"/api/chats/{groups[2]}/leave")).is_success
    await change(two, groups[5], pinned=9)
    ranks = {chat: state["pinned"] for chat, state in (await wanted(two)).items()}
    assert ranks == {groups[0]: 0, groups[1]: 1, groups[3]: 3, groups[4]: 4, groups[5]: 9}


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"mutedUntil": "2026-07-01T20:00:00"}, "mutedUntil"),
        ({"mutedUntil": 12}, "mutedUntil"),
        ({"archivedSeq": -1}, "archivedSeq"),
        ({"archivedSeq": 2**53}, "archivedSeq"),
        ({"pinned": True}, "pinned"),
        ({"pinned": 1.5}, "pinned"),
    ],
)
async def test_what_makes_no_sense_is_refused(village: Town, wish: dict[str, Any], field: str) -> None:
    one, two = await people(village, 2)
    answer = await one.http.patch(f"/api/chats/{await one.create_chat(two)}/preferences", json=wish)
    assert problem_of(answer) == (400, "invalid_input")
    assert field in answer.json()["fields"]


async def test_24_the_preferences_of_a_chat_are_for_its_members(village: Town) -> None:
    one, two, eve = await people(village, 3)
    chat = await one.create_chat(two)
    answers = [
        await eve.http.patch(f"/api/chats/{place}/preferences", json={"pinned": 1})
        for place in (chat, "01900000-0000-7000-8000-000000000000")
    ]
    assert [problem_of(answer) for answer in answers] == [(404, "chat_not_found")] * 2
