"""Chats that take the place of encrypted ones which devices will not follow any more."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from batiyoun.chats.successors import successor_of
from batiyoun.runtime import uuid7
from tests.harness.accounts import problem_of
from tests.harness.people import Person, Town

NOWHERE = "01900000-0000-7000-8000-000000000000"


async def sealed(person: Person, *others: Person, kind: str = "group") -> str:
    wish = {"type": kind, "participants": [each.id for each in others]}
    answer = await person.http.post("/api/chats", json=wish)
    assert answer.json()["encryption"] == "mls"
    return str(answer.json()["id"])


async def succeed(person: Person, chat_id: str) -> httpx.Response:
    return await person.http.post(f"/api/chats/{chat_id}/successor")


def roles(view: dict[str, Any]) -> dict[str, str]:
    return {each["userId"]: each["role"] for each in view["participants"]}


async def test_a_group_goes_on_with_the_same_people_in_the_same_roles(shared_town: Town) -> None:
    asha, bala, chitra = [await shared_town.sign_up(name) for name in ("s-asha", "s-bala", "s-chitra")]
    group = await sealed(asha, bala, chitra)
    made = await asha.http.put(f"/api/chats/{group}/members/{bala.id}/role", json={"role": "admin"})
    assert made.is_success, made.text
    async with chitra.online() as live:
        first = await succeed(bala, group)
        assert first.status_code == 201, first.text
        await live.wait_for("chat_updated", lambda news: news[0]["chatId"] == successor_of(group))
    view = first.json()
    assert (view["id"], view["type"], view["encryption"]) == (successor_of(group), "group", "mls")
    assert roles(view) == {asha.id: "owner", bala.id: "admin", chitra.id: "member"}
    # whoever comes later, and from whichever role, is led to the same one
    for person in (asha, bala, chitra):
        again = await succeed(person, group)
        assert (again.status_code, again.json()["id"]) == (200, view["id"])
    # what follows on the successor is neither of the two
    third = (await succeed(asha, view["id"])).json()["id"]
    assert third not in {group, view["id"]}


async def test_24_only_who_may_fill_a_group_begins_its_successor(shared_town: Town) -> None:
    asha, bala, eve = [await shared_town.sign_up(name) for name in ("t-asha", "t-bala", "t-eve")]
    group = await sealed(asha, bala)
    assert problem_of(await succeed(bala, group)) == (403, "forbidden")
    stranger, nothing = await succeed(eve, group), await succeed(eve, NOWHERE)
    assert problem_of(stranger) == problem_of(nothing) == (404, "chat_not_found")
    plain = await asha.create_chat(bala, name="Roof")
    assert problem_of(await succeed(asha, plain)) == (409, "conflict")
    # nobody can be there first: ids of that kind are not a client's to make
    wish = {"type": "group", "participants": [eve.id], "id": successor_of(group)}
    refused = await bala.http.post("/api/chats", json=wish)
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["id"])
    # whoever left the new one is not taken back by asking
    assert (await succeed(asha, group)).status_code == 201
    assert (await bala.http.post(f"/api/chats/{successor_of(group)}/leave")).is_success
    assert problem_of(await succeed(bala, group)) == (404, "chat_not_found")


async def test_two_people_have_one_successor_and_are_led_to_it(shared_town: Town) -> None:
    asha, bala = await shared_town.sign_up("u-asha"), await shared_town.sign_up("u-bala")
    chat = await sealed(asha, bala, kind="direct")
    answers = await asyncio.gather(*(succeed(person, chat) for person in (asha, bala, asha, bala)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert {answer.json()["id"] for answer in answers} == {successor_of(chat)}
    last = (await succeed(bala, successor_of(chat))).json()["id"]
    assert await sealed(asha, bala, kind="direct") == await sealed(bala, asha, kind="direct") == last
    notes = await sealed(asha, asha, kind="direct")
    assert (await succeed(asha, notes)).json()["participants"][0]["userId"] == asha.id


def test_the_id_follows_from_the_chat_s_and_is_none_that_clients_make() -> None:
    assert successor_of(NOWHERE) == "d277a913-698a-8a80-9d31-b09e75b1ab06"
    ids = [uuid7()]
    for _ in range(100):
        ids.append(successor_of(ids[-1]))
    assert len(set(ids)) == len(ids)
    assert {(each[14], each[19] in "89ab") for each in ids[1:]} == {("8", True)}
