"""Proving again who one is before something dangerous, over HTTP, with real stores."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter

from batiyoun.auth.model import FRESH
from batiyoun.auth.routes import FreshUser
from tests.harness.accounts import PASSWORD, Accounts, open_accounts, problem_of

dangerous = APIRouter(prefix="/api/dangerous")


@dangerous.post("")
async def something_dangerous(principal: FreshUser) -> str:
    return principal.user_id


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[Accounts]:
    async with open_accounts(tmp_path, routers=(dangerous,)) as opened:
        yield opened


async def step_up(browser: httpx.AsyncClient, password: str = PASSWORD) -> httpx.Response:
    return await browser.post("/api/auth/step-up", json={"password": password})


async def test_signing_in_is_a_proof_for_ten_minutes(guarded: Accounts) -> None:
    browser = await guarded.signed_up("asha")
    assert (await browser.post("/api/dangerous")).status_code == 200
    guarded.clock.now += FRESH.total_seconds() - 1
    assert (await browser.post("/api/dangerous")).status_code == 200
    guarded.clock.now += 1
    refused = await browser.post("/api/dangerous")
    assert problem_of(refused) == (403, "step_up_required")
    assert "password" in refused.json()["methods"]


async def test_the_password_renews_it_in_this_session_only(guarded: Accounts) -> None:
    browser, phone = await guarded.signed_up("asha"), guarded.client()
    await phone.post("/api/auth/login", json={"identifier": "asha", "password": PASSWORD})
    guarded.clock.now += FRESH.total_seconds()
    assert (await step_up(browser)).status_code == 204
    assert (await browser.post("/api/dangerous")).status_code == 200
    assert problem_of(await phone.post("/api/dangerous")) == (403, "step_up_required")
    guarded.clock.now += FRESH.total_seconds()
    assert problem_of(await browser.post("/api/dangerous")) == (403, "step_up_required")


async def test_a_proof_is_kept_beyond_the_cache(guarded: Accounts) -> None:
    browser = await guarded.signed_up("asha")
    guarded.clock.now += FRESH.total_seconds()
    assert (await step_up(browser)).status_code == 204
    guarded.clock.now += 60
    assert (await browser.post("/api/dangerous")).status_code == 200


async def test_a_wrong_password_proves_nothing(guarded: Accounts) -> None:
    browser = await guarded.signed_up("asha")
    guarded.clock.now += FRESH.total_seconds()
    refused = await step_up(browser, "something else")
    assert (problem_of(refused), set(refused.json()["fields"])) == ((400, "invalid_password"), {"password"})
    assert problem_of(await browser.post("/api/dangerous")) == (403, "step_up_required")


async def test_02_guessing_the_password_of_a_session_gets_slower(guarded: Accounts) -> None:
    browser = await guarded.signed_up("asha")
    answers = [await step_up(browser, f"guess {number}") for number in range(7)]
    assert problem_of(answers[0]) == (400, "invalid_password")
    assert problem_of(answers[-1]) == (429, "rate_limited")
    assert int(answers[-1].headers["retry-after"]) >= 1
    # whoever guesses elsewhere keeps nobody from proving it at home
    home = guarded.client("198.51.100.9")
    home.cookies.update(browser.cookies)
    assert (await step_up(home)).status_code == 204


async def test_nobody_is_fresh_without_a_session(guarded: Accounts) -> None:
    async with guarded.client() as stranger:
        assert problem_of(await stranger.post("/api/dangerous")) == (401, "unauthenticated")
        assert problem_of(await step_up(stranger)) == (401, "unauthenticated")
