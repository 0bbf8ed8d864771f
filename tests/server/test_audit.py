"""The security log over HTTP: what the ways in and out write down, and who may read it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from batiyoun.runtime import uuid7
from tests.harness.accounts import Accounts, accounts, login, problem_of

__all__ = ["accounts"]


async def events(accounts: Accounts, browser: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    await accounts.auth.audit.settled()
    answer = await browser.get("/api/users/me/audit", params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["events"]
    return found


async def kinds(accounts: Accounts, browser: httpx.AsyncClient) -> list[str]:
    return [event["kind"] for event in await events(accounts, browser)]


async def test_ways_in_and_out_are_written_down(accounts: Accounts) -> None:
    phone = await accounts.signed_up("asha")
    assert await kinds(accounts, phone) == ["signed_in", "signed_up"]
    async with accounts.client() as laptop:
        assert (await login(laptop, password="a wrong password")).status_code == 401
        assert (await login(laptop)).status_code == 200
        assert (await laptop.post("/api/auth/logout")).status_code == 204
    found = await events(accounts, phone)
    assert [event["kind"] for event in found[:3]] == ["signed_out", "signed_in", "sign_in_failed"]
    assert [event["details"] for event in found[1:3]] == [{"by": "password"}, {"by": "password"}]
    assert set(found[0]) == {"id", "kind", "at", "device", "details"}
    assert set(found[0]["device"]) == {"browser", "os", "kind"}


async def test_29_the_log_names_nobody(accounts: Accounts) -> None:
    phone = await accounts.signed_up("asha")
    await login(phone, password="a wrong password")
    text = repr(await events(accounts, phone))
    assert "asha" not in text
    assert "wrong password" not in text


async def test_24_everybody_reads_their_own_log_only(accounts: Accounts) -> None:
    asha, ravi = await accounts.signed_up("asha"), await accounts.signed_up("ravi")
    mine, theirs = await events(accounts, asha), await events(accounts, ravi)
    assert not {event["id"] for event in mine} & {event["id"] for event in theirs}
    assert await events(accounts, asha, before=theirs[0]["id"]) == mine


async def test_the_log_comes_in_pages(accounts: Accounts) -> None:
    phone = await accounts.signed_up("asha")
    for _ in range(4):
        assert (await login(phone)).status_code == 200
    everything = await events(accounts, phone)
    first = (await phone.get("/api/users/me/audit", params={"limit": 2})).json()
    assert (first["events"], first["hasMore"]) == (everything[:2], True)
    rest = (await phone.get("/api/users/me/audit", params={"limit": 100, "before": first["events"][-1]["id"]})).json()
    assert (rest["events"], rest["hasMore"]) == (everything[2:], False)


@pytest.mark.parametrize("query", [{"before": "x"}, {"before": "' or 1=1"}, {"limit": 0}, {"limit": 200}])
async def test_31_the_page_must_make_sense(accounts: Accounts, query: dict[str, Any]) -> None:
    phone = await accounts.signed_up("asha")
    assert problem_of(await phone.get("/api/users/me/audit", params=query)) == (400, "invalid_input")


async def test_an_end_that_never_was_shows_nothing_wrong(accounts: Accounts) -> None:
    phone = await accounts.signed_up("asha")
    assert len(await events(accounts, phone, before=uuid7())) == 2
