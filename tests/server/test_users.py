"""Profiles and people search over HTTP, with real stores."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from batiyoun.runtime import uuid7
from tests.harness.accounts import Accounts, accounts, problem_of

__all__ = ["accounts"]


async def search(browser: httpx.AsyncClient, **query: Any) -> httpx.Response:
    return await browser.get("/api/users/search", params=query)


async def names(browser: httpx.AsyncClient, q: str) -> list[str]:
    answer = await search(browser, q=q)
    assert answer.status_code == 200, answer.text
    return [user["username"] for user in answer.json()["users"]]


async def test_people_find_each_other_by_the_beginning_of_a_name(accounts: Accounts) -> None:
    asha = await accounts.signed_up("asha", displayName="आशा कुमारी")
    await accounts.signed_up("ashok", displayName="Zaid")
    await accounts.signed_up("ravi", displayName="Ashwin")
    assert await names(asha, "ASH") == ["asha", "ashok", "ravi"]
    assert await names(asha, "@ashok") == ["ashok"]
    assert await names(asha, "आशा क") == ["asha"]
    assert await names(asha, "zAI") == ["ashok"]
    assert await names(asha, "hok") == []


async def test_29_nobody_s_address_is_shown_or_searched(accounts: Accounts) -> None:
    asha = await accounts.signed_up("asha")
    ravi = await accounts.signed_up("ravi")
    found = (await search(asha, q="ravi")).json()["users"][0]
    assert set(found) == {"id", "username", "displayName", "avatar", "bio", "createdAt", "deleted"}
    assert (await asha.get(f"/api/users/{found['id']}")).json() == found
    assert await names(asha, "ravi@example.org") == []
    assert set((await ravi.get("/api/users/me")).json()) - set(found) == {"email", "verified", "provider", "role"}


async def test_28_only_those_who_are_signed_in_may_look(accounts: Accounts) -> None:
    await accounts.signed_up("asha")
    async with accounts.client() as stranger:
        for path in ("/api/users/me", "/api/users/search?q=a", f"/api/users/{uuid7()}"):
            assert problem_of(await stranger.get(path)) == (401, "unauthenticated")
        assert problem_of(await stranger.patch("/api/users/me", json={"bio": "x"})) == (401, "unauthenticated")


async def test_a_username_can_be_changed(accounts: Accounts) -> None:
    asha, ravi = await accounts.signed_up("asha"), await accounts.signed_up("ravi")
    answer = await asha.put("/api/users/me/username", json={"username": " Asha_K "})
    assert (answer.status_code, answer.json()["user"]["username"]) == (200, "Asha_K")
    assert (await asha.get("/api/users/me")).json() == answer.json()["user"]
    assert await names(ravi, "asha") == ["Asha_K"]
    taken = await asha.put("/api/users/me/username", json={"username": "RAVI"})
    assert problem_of(taken) == (409, "username_taken")
    assert set(taken.json()["fields"]) == {"username"}
    assert problem_of(await asha.put("/api/users/me/username", json={"username": "a b"})) == (400, "invalid_input")
    log = (await asha.get("/api/users/me/audit")).json()["events"]
    assert [event["kind"] for event in log].count("username_changed") == 1


async def test_38_names_cannot_be_tried_on_one_after_the_other(accounts: Accounts) -> None:
    asha = await accounts.signed_up("asha")
    answers = [await asha.put("/api/users/me/username", json={"username": f"asha{n}"}) for n in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]


async def test_many_profiles_come_in_one_answer(accounts: Accounts) -> None:
    asha = await accounts.signed_up("asha")
    people = [await accounts.signed_up(f"user{number}") for number in range(3)]
    ids = [(await one.get("/api/users/me")).json()["id"] for one in people]
    asked = ",".join([ids[2], uuid7(), "x", "", ids[0], ids[2]])
    answer = await asha.get("/api/users", params={"ids": asked})
    assert [user["id"] for user in answer.json()["users"]] == [ids[2], ids[0]]
    assert answer.json()["users"][1] == (await asha.get(f"/api/users/{ids[0]}")).json()
    assert (await asha.get("/api/users", params={"ids": ""})).json() == {"users": []}
    too_many = await asha.get("/api/users", params={"ids": ",".join(["x"] * 101)})
    assert problem_of(too_many) == (400, "invalid_input")
    assert problem_of(await asha.get("/api/users")) == (400, "invalid_input")


@pytest.mark.parametrize(
    "user_id", ["x", "ME", "%00", "..%2fme", "%ff", "1" * 36, "01890a5d-ac96-774b-bcce-b302099a8057"]
)
async def test_24_people_who_do_not_exist(accounts: Accounts, user_id: str) -> None:
    asha = await accounts.signed_up("asha")
    answer = await asha.get(f"/api/users/{user_id}")
    assert problem_of(answer)[0] == 404
    assert answer.json()["code"] in {"user_not_found", "not_found"}


@pytest.mark.parametrize("q", ["%", "_", ".*", "' or 1=1 --", '{"$ne":1}', "\0", "a\0", "\ufffd", " ", "@", "\u202e"])
async def test_31_search_takes_no_patterns(accounts: Accounts, q: str) -> None:
    asha = await accounts.signed_up("asha")
    assert await names(asha, q) == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "q"),
        ({"q": "a" * 65}, "q"),
        ({"q": "a", "limit": "0"}, "limit"),
        ({"q": "a", "limit": "51"}, "limit"),
        ({"q": "a", "limit": "x"}, "limit"),
    ],
)
async def test_31_searches_that_are_refused(accounts: Accounts, query: dict[str, str], field: str) -> None:
    asha = await accounts.signed_up("asha")
    answer = await search(asha, **query)
    assert problem_of(answer) == (400, "invalid_input")
    assert list(answer.json()["fields"]) == [field]


async def test_search_gives_as_many_as_asked_for(accounts: Accounts) -> None:
    asha = await accounts.signed_up("asha0")
    for number in range(1, 5):
        await accounts.signed_up(f"asha{number}")
    assert len((await search(asha, q="asha", limit=3)).json()["users"]) == 3


async def test_38_searching_is_limited_by_person(accounts: Accounts) -> None:
    asha, ravi = await accounts.signed_up("asha"), await accounts.signed_up("ravi")
    answers = [await search(asha, q="r") for _ in range(41)]
    assert [answer.status_code for answer in answers] == [200] * 40 + [429]
    assert answers[-1].headers["retry-after"] == "1"
    assert (await search(ravi, q="a")).status_code == 200


async def test_a_profile_is_changed_where_it_is_said(accounts: Accounts) -> None:
    asha = await accounts.signed_up("asha", displayName="Asha")
    assert (await asha.patch("/api/users/me", json={"displayName": " आशा "})).json()["displayName"] == "आशा"
    changed = (await asha.patch("/api/users/me", json={"bio": "one\ntwo"})).json()
    assert (changed["displayName"], changed["bio"]) == ("आशा", "one\ntwo")
    assert (await asha.patch("/api/users/me", json={})).json() == changed
    assert await names(asha, "आशा") == ["asha"]
    cleared = (await asha.patch("/api/users/me", json={"displayName": None, "bio": ""})).json()
    assert (cleared["displayName"], cleared["bio"]) == ("asha", "")
    assert (await asha.get("/api/users/me")).json() == cleared


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"displayName": "  "}, "displayName"),
        ({"displayName": "a\nb"}, "displayName"),
        ({"displayName": "\u202ea"}, "displayName"),
        ({"displayName": {"$ne": 1}}, "displayName"),
        ({"bio": "x" * 301}, "bio"),
        ({"bio": "a\0"}, "bio"),
        ({"bio": None}, "bio"),
    ],
)
async def test_31_changes_that_are_refused(accounts: Accounts, change: dict[str, Any], field: str) -> None:
    asha = await accounts.signed_up("asha")
    before = (await asha.get("/api/users/me")).json()
    answer = await asha.patch("/api/users/me", json=change)
    assert problem_of(answer) == (400, "invalid_input")
    assert list(answer.json()["fields"]) == [field]
    assert (await asha.get("/api/users/me")).json() == before


async def test_26_what_is_not_one_s_to_change_is_ignored(accounts: Accounts) -> None:
    asha = await accounts.signed_up("asha")
    before = (await asha.get("/api/users/me")).json()
    forged = {"id": uuid7(), "username": "root", "email": "x@example.org", "verified": True, "disabled": True}
    assert (await asha.patch("/api/users/me", json=forged)).json() == before


async def test_23_hostile_names_come_back_as_text(accounts: Accounts) -> None:
    asha = await accounts.signed_up("asha", displayName="<img src=x onerror=alert(1)>")
    answer = await asha.get("/api/users/me")
    assert answer.json()["displayName"] == "<img src=x onerror=alert(1)>"
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
