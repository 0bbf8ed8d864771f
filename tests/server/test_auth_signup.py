"""Signing up over HTTP, with real stores."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.harness.accounts import ASHA, Accounts, accounts, problem_of

__all__ = ["accounts"]


async def test_signup_makes_an_account_and_signs_it_in(accounts: Accounts) -> None:
    async with accounts.client() as browser:
        answer = await browser.post("/api/auth/signup", json=ASHA | {"displayName": " आशा  कुमारी "})
        assert answer.status_code == 201
        user = answer.json()["user"]
        assert user == {
            "id": user["id"],
            "username": "asha",
            "displayName": "आशा कुमारी",
            "avatar": None,
            "bio": "",
            "createdAt": user["createdAt"],
            "email": "asha@example.org",
            "verified": False,
            "provider": "email",
            "role": "owner",
            "deleted": False,
        }
        assert user["createdAt"].endswith("Z")
        assert (await browser.get("/api/auth/verify-me")).json()["user"] == user


async def test_without_a_display_name_the_username_is_shown(accounts: Accounts) -> None:
    async with accounts.client() as browser:
        answer = await browser.post("/api/auth/signup", json=ASHA)
        assert answer.json()["user"]["displayName"] == "asha"


async def test_names_that_are_taken_name_their_field(accounts: Accounts) -> None:
    await accounts.signed_up("asha")
    async with accounts.client() as browser:
        taken = await browser.post("/api/auth/signup", json=ASHA | {"username": "ASHA", "email": "other@example.org"})
        assert problem_of(taken) == (409, "username_taken")
        assert set(taken.json()["fields"]) == {"username"}
        taken = await browser.post("/api/auth/signup", json=ASHA | {"username": "other", "email": "ASHA@example.org"})
        assert problem_of(taken) == (409, "email_taken")
        assert set(taken.json()["fields"]) == {"email"}
        assert "set-cookie" not in taken.headers


async def test_of_many_who_race_for_a_username_one_gets_it(accounts: Accounts) -> None:
    async def race(number: int) -> httpx.Response:
        async with accounts.client() as browser:
            return await browser.post("/api/auth/signup", json=ASHA | {"email": f"{number}@example.org"})

    answers = await asyncio.gather(*(race(number) for number in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert {problem_of(answer)[1] for answer in answers if answer.status_code == 409} == {"username_taken"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"email": "a" * 250 + "@example.org"}, "email"),
        ({"email": "a\0@example.org"}, "email"),
        ({"email": None}, "email"),
        ({"username": "a b"}, "username"),
        ({"username": "x" * 1_000}, "username"),
        ({"username": {"$ne": 1}}, "username"),
        ({"username": 7}, "username"),
        ({"password": "short"}, "password"),
        ({"password": "x" * 5_000}, "password"),
        ({"password": ["x" * 12]}, "password"),
        ({"displayName": "a\0b"}, "displayName"),
        ({"displayName": "\u202eevil"}, "displayName"),
        ({"displayName": "x" * 65}, "displayName"),
        ({"displayName": True}, "displayName"),
    ],
)
async def test_31_what_is_refused_names_its_field(accounts: Accounts, changes: dict[str, Any], field: str) -> None:
    async with accounts.client() as browser:
        answer = await browser.post("/api/auth/signup", json=ASHA | changes)
    assert problem_of(answer) == (400, "invalid_input")
    assert list(answer.json()["fields"]) == [field]
    assert "x" * 40 not in answer.text, "what was sent is not repeated"


@pytest.mark.parametrize("escape", ["\\ud800", "\\udfff"])
async def test_31_half_a_surrogate_pair_is_invalid_input(accounts: Accounts, escape: str) -> None:
    for field in ("username", "email", "password", "displayName"):
        body = {**ASHA, "displayName": "Asha", field: "MARK" * 3}
        raw = httpx.Request("POST", "http://x", json=body).content.replace(b"MARK" * 3, escape.encode() * 9)
        async with accounts.client() as browser:
            answer = await browser.post("/api/auth/signup", content=raw, headers={"content-type": "application/json"})
        assert problem_of(answer) == (400, "invalid_input")
        assert list(answer.json()["fields"]) == [field]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 30_000, b'{"a":' * 6_000])
async def test_31_what_is_no_object_is_invalid_input(accounts: Accounts, body: bytes) -> None:
    async with accounts.client() as browser:
        answer = await browser.post("/api/auth/signup", content=body, headers={"content-type": "application/json"})
    assert problem_of(answer) == (400, "invalid_input")


async def test_26_what_a_client_may_not_decide_is_ignored(accounts: Accounts) -> None:
    forged = {"verified": True, "provider": "google", "id": "x", "createdAt": "2001-01-01T00:00:00Z", "role": "admin"}
    async with accounts.client() as browser:
        user = (await browser.post("/api/auth/signup", json=ASHA | forged)).json()["user"]
        again = ASHA | forged | {"email": "ravi@example.org", "username": "ravi"}
        second = (await browser.post("/api/auth/signup", json=again)).json()["user"]
    assert (user["verified"], user["provider"], user["role"], second["role"]) == (False, "email", "owner", "member")
    assert user["id"] != "x"
    assert not user["createdAt"].startswith("2001")


@pytest.mark.parametrize("password", ["password1", "PASSWORD1", "asha2026", "ASHA@EXAMPLE.ORG", "batiyoun-asha"])
async def test_06_common_passwords_and_one_s_own_name_are_refused(accounts: Accounts, password: str) -> None:
    async with accounts.client() as browser:
        answer = await browser.post("/api/auth/signup", json=ASHA | {"password": password})
    assert problem_of(answer) == (400, "invalid_input")
    assert list(answer.json()["fields"]) == ["password"]
