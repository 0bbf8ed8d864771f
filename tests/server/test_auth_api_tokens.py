"""API tokens over HTTP, with real stores."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from batiyoun.auth.api_tokens.model import MAX_TOKENS, SCOPES
from batiyoun.auth.model import FRESH
from tests.harness.accounts import PASSWORD, Accounts, accounts, problem_of

__all__ = ["accounts"]

DAY = 86_400


async def make(browser: httpx.AsyncClient, *scopes: str, **more: Any) -> httpx.Response:
    body = {"name": "a bot", "scopes": list(scopes or SCOPES)} | more
    return await browser.post("/api/auth/tokens", json=body)


async def made(browser: httpx.AsyncClient, *scopes: str, **more: Any) -> dict[str, Any]:
    answer = await make(browser, *scopes, **more)
    assert answer.status_code == 201, answer.text
    token: dict[str, Any] = answer.json()
    return token


def bot(accounts: Accounts, token: dict[str, Any]) -> httpx.AsyncClient:
    return accounts.client(authorization=f"Bearer {token['token']}")


async def listed(browser: httpx.AsyncClient) -> list[dict[str, Any]]:
    answer = await browser.get("/api/auth/tokens")
    tokens: list[dict[str, Any]] = answer.json()["tokens"]
    return tokens


def contents(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("accounts.db*"))


async def test_a_token_is_shown_once_and_speaks_for_its_person(accounts: Accounts) -> None:
    browser = await accounts.signed_up("asha")
    token = await made(browser, "profile:read", "chats:read", name=" Cricket  scores ")
    assert token["token"].startswith("bty_")
    assert len(token["token"]) == 47
    assert (token["name"], token["scopes"]) == ("Cricket scores", ["chats:read", "profile:read"])
    async with bot(accounts, token) as program:
        me = (await program.get("/api/users/me")).json()
    assert me["username"] == "asha"
    (shown,) = await listed(browser)
    assert shown == {name: value for name, value in token.items() if name != "token"} | {
        "lastUsedAt": token["createdAt"]
    }


async def test_a_token_is_kept_as_a_hash(accounts: Accounts, tmp_path: Path) -> None:
    token = await made(await accounts.signed_up("asha"))
    await accounts.stores.database.close()
    kept = contents(tmp_path)
    assert b"a bot" in kept
    assert token["token"].encode() not in kept
    assert token["token"].removeprefix("bty_").encode() not in kept


async def test_a_scope_opens_its_routes_and_no_others(accounts: Accounts) -> None:
    browser = await accounts.signed_up("asha")
    async with bot(accounts, await made(browser, "profile:read")) as program:
        assert (await program.get("/api/users/me")).status_code == 200
        refused = await program.patch("/api/users/me", json={"bio": "changed"})
        assert problem_of(refused) == (403, "scope_required")
        assert "profile:write" in refused.json()["detail"]
    async with bot(accounts, await made(browser, "profile:write")) as program:
        assert (await program.patch("/api/users/me", json={"bio": "changed"})).status_code == 200
        assert problem_of(await program.get("/api/users/me")) == (403, "scope_required")


async def test_nothing_about_the_account_takes_a_token(accounts: Accounts) -> None:
    browser = await accounts.signed_up("asha")
    token = await made(browser)
    async with bot(accounts, token) as program:
        answers = [
            await make(program),
            await program.get("/api/auth/tokens"),
            await program.delete(f"/api/auth/tokens/{token['id']}"),
            await program.get("/api/auth/sessions"),
            await program.post("/api/auth/sessions/revoke-others"),
            await program.put("/api/auth/password", json={"currentPassword": PASSWORD, "newPassword": "another boat"}),
            await program.post("/api/auth/step-up", json={"password": PASSWORD}),
            await program.get("/api/auth/verify-me"),
            await program.get("/api/users/me/audit"),
        ]
        assert {problem_of(answer) for answer in answers} == {(403, "scope_required")}
        # a program that signs out or in does not end its token, nor somebody's session
        assert (await program.post("/api/auth/logout")).status_code == 204
        body = {"identifier": "asha", "password": PASSWORD}
        assert (await program.post("/api/auth/login", json=body)).status_code == 200
        assert (await program.get("/api/users/me")).status_code == 200
    assert (await browser.get("/api/users/me")).status_code == 200
    assert len(await listed(browser)) == 1


async def test_making_one_needs_a_fresh_proof(accounts: Accounts) -> None:
    browser = await accounts.signed_up("asha")
    accounts.clock.now += FRESH.total_seconds()
    assert problem_of(await make(browser)) == (403, "step_up_required")
    assert (await browser.post("/api/auth/step-up", json={"password": PASSWORD})).status_code == 204
    assert (await make(browser)).status_code == 201


async def test_09_a_revoked_token_is_refused_at_once_and_its_sockets_are_told(accounts: Accounts) -> None:
    browser = await accounts.signed_up("asha")
    token, other = await made(browser), await made(browser)
    told: list[tuple[str, str]] = []
    accounts.auth.api_tokens.on_revoked.append(lambda token_id, user_id: told.append((token_id, user_id)))
    async with bot(accounts, token) as program, bot(accounts, other) as second:
        assert (await program.get("/api/users/me")).status_code == 200
        assert (await browser.delete(f"/api/auth/tokens/{token['id']}")).status_code == 204
        refused = await program.get("/api/users/me")
        assert problem_of(refused) == (401, "unauthenticated")
        assert (await second.get("/api/users/me")).status_code == 200
    assert [token_id for token_id, _ in told] == [token["id"]]
    assert problem_of(await browser.delete(f"/api/auth/tokens/{token['id']}")) == (404, "not_found")
    assert [each["id"] for each in await listed(browser)] == [other["id"]]
    kinds = [event["kind"] for event in (await browser.get("/api/users/me/audit")).json()["events"]]
    assert (kinds.count("api_token_made"), kinds.count("api_token_revoked")) == (2, 1)


async def test_09_a_token_outlives_a_change_of_password_and_not_a_reset(accounts: Accounts) -> None:
    browser = await accounts.signed_up("asha")
    token = await made(browser)
    async with bot(accounts, token) as program:
        changed = await browser.put("/api/auth/password", json={"newPassword": "a boat on the river"})
        assert changed.status_code == 204
        assert (await program.get("/api/users/me")).status_code == 200
        me = (await browser.get("/api/users/me")).json()
        await accounts.auth.revoke_all(me["id"])
        assert problem_of(await program.get("/api/users/me")) == (401, "unauthenticated")


async def test_10_a_token_is_over_in_time(accounts: Accounts) -> None:
    browser = await accounts.signed_up("asha")
    token, ever = await made(browser, expiresInDays=1), await made(browser)
    async with bot(accounts, token) as program, bot(accounts, ever) as second:
        accounts.clock.now += DAY - 1
        assert (await program.get("/api/users/me")).status_code == 200
        accounts.clock.now += 1
        assert problem_of(await program.get("/api/users/me")) == (401, "unauthenticated")
        assert [each["id"] for each in await listed(browser)] == [ever["id"]]
        accounts.clock.now += 3650 * DAY
        assert (await second.get("/api/users/me")).status_code == 200


async def test_a_token_of_a_disabled_person_opens_nothing(accounts: Accounts) -> None:
    browser = await accounts.signed_up("asha")
    token = await made(browser)
    async with bot(accounts, token) as program:
        async with accounts.stores.database.writing() as connection:
            await connection.exec_driver_sql("update users set disabled = 1")
        accounts.clock.now += 11
        assert problem_of(await program.get("/api/users/me")) == (401, "unauthenticated")


@pytest.mark.parametrize("nowhere", ["x", "01890000-0000-7000-8000-000000000000", "%00", "x" * 64])
async def test_24_a_token_of_others_is_as_one_that_does_not_exist(accounts: Accounts, nowhere: str) -> None:
    ravi = await accounts.signed_up("ravi")
    theirs = await made(ravi)
    asha = await accounts.signed_up("asha")
    answers = [await asha.delete(f"/api/auth/tokens/{token_id}") for token_id in (theirs["id"], nowhere)]
    assert {problem_of(answer) for answer in answers} == {(404, "not_found")}
    assert answers[0].json() == answers[1].json()
    assert await listed(asha) == []
    assert len(await listed(ravi)) == 1


@pytest.mark.parametrize(
    "token",
    ["bty_", "bty_x", "bty_" + "x" * 43, "bty_" + "x" * 44, "bty_" + "é" * 43, "BTY_" + "x" * 43, "bty_" * 4_000],
)
async def test_11_what_is_no_token_is_nobody(accounts: Accounts, token: str) -> None:
    await made(await accounts.signed_up("asha"))
    async with accounts.client() as api:
        answer = await api.get("/api/users/me", headers=[(b"authorization", b"Bearer " + token.encode())])
    assert problem_of(answer) == (401, "unauthenticated")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 65}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"name": None}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["admin"]}, "scopes.0"),
        ({"scopes": "messages:read"}, "scopes"),
        ({"scopes": ["messages:read"] * 7}, "scopes"),
        ({"expiresInDays": 0}, "expiresInDays"),
        ({"expiresInDays": 10**9}, "expiresInDays"),
        ({"expiresInDays": "7"}, "expiresInDays"),
    ],
)
async def test_31_what_cannot_be_made_names_its_field(accounts: Accounts, changes: dict[str, Any], field: str) -> None:
    browser = await accounts.signed_up("asha")
    answer = await make(browser, **changes)
    assert (problem_of(answer), set(answer.json()["fields"])) == ((400, "invalid_input"), {field})
    assert await listed(browser) == []


async def test_nobody_fills_the_table(accounts: Accounts) -> None:
    browser = await accounts.signed_up("asha")
    answers = [await make(browser) for _ in range(MAX_TOKENS + 1)]
    assert [answer.status_code for answer in answers] == [201] * MAX_TOKENS + [409]
    first = answers[0].json()
    assert (await browser.delete(f"/api/auth/tokens/{first['id']}")).status_code == 204
    assert (await make(browser)).status_code == 201


async def test_last_use_is_noted_once_a_minute(accounts: Accounts) -> None:
    browser = await accounts.signed_up("asha")
    token = await made(browser)
    assert (await listed(browser))[0]["lastUsedAt"] is None
    seen = []
    async with bot(accounts, token) as program:
        for _ in range(3):
            accounts.clock.now += 40
            await asyncio.gather(*(program.get("/api/users/me") for _ in range(3)))
            seen.append((await listed(browser))[0]["lastUsedAt"])
    assert seen[0] == seen[1] < seen[2]
