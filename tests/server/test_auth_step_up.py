"""Proving again who one is before something dangerous, over HTTP, with real stores."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter

from batiyoun.auth.model import FRESH, MAX_TRIES
from batiyoun.auth.routes import FreshUser
from tests.harness.accounts import PASSWORD, Accounts, open_accounts, problem_of
from tests.harness.authenticator import turn_on
from tests.harness.codes import sent
from tests.harness.mail import MailServer, mail_server

__all__ = ["mail_server"]

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


# ── codes by mail ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
async def posted(tmp_path: Path, mail_server: MailServer) -> AsyncIterator[Accounts]:
    settings = mail_server.settings() | {"verify_email": False, "rate_limits": False}
    async with open_accounts(tmp_path / "app", routers=(dangerous,), **settings) as opened:
        yield opened


async def letter_for(app: Accounts, server: MailServer, browser: httpx.AsyncClient) -> str:
    """The code that is sent to whoever is signed in there."""
    answer = await browser.post("/api/auth/step-up/request-code", headers={"accept-language": "hi"})
    assert (answer.status_code, answer.json()["delivery"]) == (202, "mail")
    await sent(app)
    return server.code()


async def show_letter(browser: httpx.AsyncClient, code: str) -> httpx.Response:
    return await browser.post("/api/auth/step-up", json={"emailCode": code})


async def test_a_code_by_mail_is_a_fresh_proof_once(posted: Accounts, mail_server: MailServer) -> None:
    browser = await posted.signed_up("asha")
    posted.clock.now += FRESH.total_seconds()
    assert "code" in (await browser.post("/api/dangerous")).json()["methods"]
    code = await letter_for(posted, mail_server, browser)
    assert mail_server.recipients == ["asha@example.org"]
    assert (await show_letter(browser, f"{code[:3]} {code[3:]}")).status_code == 204
    assert (await browser.post("/api/dangerous")).status_code == 200
    assert "batiyoun-step-up" not in browser.cookies
    assert problem_of(await show_letter(browser, code)) == (400, "invalid_code")


async def test_03_the_code_belongs_to_its_browser_session_and_purpose(
    posted: Accounts, mail_server: MailServer
) -> None:
    browser, phone = await posted.signed_up("asha"), posted.client()
    await phone.post("/api/auth/login", json={"identifier": "asha", "password": PASSWORD})
    code = await letter_for(posted, mail_server, browser)
    refused = await show_letter(phone, code)
    assert (problem_of(refused), set(refused.json()["fields"])) == ((400, "invalid_code"), {"emailCode"})
    phone.cookies.set("batiyoun-step-up", browser.cookies["batiyoun-step-up"])
    assert problem_of(await show_letter(phone, code)) == (400, "invalid_code"), "nor in another session"
    browser.cookies.set("batiyoun-code", browser.cookies["batiyoun-step-up"])
    login = await browser.post("/api/auth/verify-otp", json={"email": "asha@example.org", "code": code})
    assert problem_of(login) == (400, "invalid_code"), "nor to sign in"


async def test_03_five_tries(posted: Accounts, mail_server: MailServer) -> None:
    browser = await posted.signed_up("asha")
    code = await letter_for(posted, mail_server, browser)
    for _ in range(MAX_TRIES):
        assert problem_of(await show_letter(browser, f"{(int(code) + 1) % 1_000_000:06d}")) == (400, "invalid_code")
    assert problem_of(await show_letter(browser, code)) == (400, "invalid_code")


async def test_the_mailbox_does_not_replace_the_authenticator_app(posted: Accounts, mail_server: MailServer) -> None:
    browser = await posted.signed_up("asha")
    code = await letter_for(posted, mail_server, browser)
    await turn_on(posted, browser)
    assert problem_of(await show_letter(browser, code)) == (400, "invalid_code")
    assert problem_of(await browser.post("/api/auth/step-up/request-code")) == (409, "conflict")
    posted.clock.now += FRESH.total_seconds()
    assert "code" not in (await browser.post("/api/dangerous")).json()["methods"]


async def test_failures_are_written_down(posted: Accounts, mail_server: MailServer) -> None:
    browser = await posted.signed_up("asha")
    code = await letter_for(posted, mail_server, browser)
    await step_up(browser, "something else")
    await posted.auth.audit.settled()
    posted.clock.now += 1
    await show_letter(browser, f"{(int(code) + 1) % 1_000_000:06d}")
    await posted.auth.audit.settled()
    events = (await browser.get("/api/users/me/audit")).json()["events"]
    assert [(event["kind"], event["details"]["by"]) for event in events[:2]] == [
        ("step_up_failed", "code"),
        ("step_up_failed", "password"),
    ]
