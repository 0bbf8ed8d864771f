"""Choosing passwords over HTTP, with real stores."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from batiyoun.auth.model import FRESH
from batiyoun.errors import InvalidLogin
from scripts.common_passwords import commonest
from tests.harness.accounts import ASHA, PASSWORD, Accounts, accounts, login, problem_of
from tests.harness.authenticator import turn_on
from tests.harness.codes import mailing, sent, with_account
from tests.harness.mail import MailServer, mail_server, text_of

__all__ = ["accounts", "mail_server", "mailing"]

NEW = "a boat on the river"


async def change(
    browser: httpx.AsyncClient, new: str = NEW, current: str | None = PASSWORD, **more: Any
) -> httpx.Response:
    return await browser.put("/api/auth/password", json={"currentPassword": current, "newPassword": new} | more)


async def kinds(browser: httpx.AsyncClient) -> list[str]:
    """What the security log says, the newest first."""
    return [event["kind"] for event in (await browser.get("/api/users/me/audit")).json()["events"]]


# ── changing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_09_a_changed_password_ends_every_other_session(accounts: Accounts) -> None:
    phone = await accounts.signed_up("asha")
    laptop = accounts.client()
    await login(laptop)
    ended: list[str] = []
    accounts.auth.on_revoked.append(lambda session_id, _: ended.append(session_id))
    assert (await change(laptop)).status_code == 204
    assert len(ended) == 1
    assert problem_of(await phone.get("/api/users/me")) == (401, "session_revoked")
    assert (await laptop.get("/api/users/me")).status_code == 200
    async with accounts.client() as browser:
        assert problem_of(await login(browser)) == (401, "invalid_login")
        assert (await login(browser, password=NEW)).status_code == 200
    assert "password_changed" in await kinds(laptop)


async def test_a_password_needs_the_one_before_or_a_proof(accounts: Accounts) -> None:
    browser = await accounts.signed_up("asha")
    assert (await change(browser, current=None)).status_code == 204, "signing up was a proof"
    accounts.clock.now += FRESH.total_seconds()
    refused = await change(browser, "another boat", current=None)
    assert problem_of(refused) == (403, "step_up_required")
    assert "password" in refused.json()["methods"]
    wrong = await change(browser, "another boat", current="not mine")
    assert (problem_of(wrong), set(wrong.json()["fields"])) == ((400, "invalid_password"), {"currentPassword"})
    assert (await change(browser, "another boat", current=NEW)).status_code == 204


async def test_somebody_without_a_password_gets_one(accounts: Accounts) -> None:
    browser = await accounts.signed_up("asha")
    me = (await browser.get("/api/users/me")).json()
    await accounts.stores.accounts.prove_address(me["id"])  # drops the password
    wrong = await change(browser)
    assert problem_of(wrong) == (400, "invalid_password")
    assert (await change(browser, current=None)).status_code == 204
    assert "password_set" in await kinds(browser)
    async with accounts.client() as other:
        assert (await login(other, password=NEW)).status_code == 200


async def test_02_guessing_the_password_before_gets_slower(accounts: Accounts) -> None:
    browser = await accounts.signed_up("asha")
    answers = [await change(browser, current=f"guess {number}") for number in range(7)]
    assert problem_of(answers[0]) == (400, "invalid_password")
    assert problem_of(answers[-1]) == (429, "rate_limited")
    assert (await login(accounts.client("198.51.100.9"))).status_code == 200


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", "at least 8"),
        ("x" * 5_000, "at most"),
        ("password1", "tried first"),
        ("asha-2026", "name or address"),
        ("Asha@Example.org", "name or address"),
    ],
)
async def test_06_what_is_no_password_names_its_field(accounts: Accounts, password: str, reason: str) -> None:
    browser = await accounts.signed_up("asha")
    refused = await change(browser, password)
    assert problem_of(refused) == (400, "invalid_input")
    assert reason in refused.json()["fields"]["newPassword"]
    async with accounts.client() as other:
        assert (await login(other)).status_code == 200, "the password must be as it was"
        signup = await other.post(
            "/api/auth/signup", json=ASHA | {"username": "asha2", "email": "a@example.org", "password": password}
        )
    if "name" not in reason:
        assert reason in signup.json()["fields"]["password"]


async def test_06_nobody_signs_up_with_a_common_password_or_their_name(accounts: Accounts) -> None:
    async with accounts.client() as browser:
        long_enough = [word for word in commonest()[:3_000] if len(word) >= 8]
        for password in (long_enough[0], long_enough[-1].upper(), "asha2026", "ASHA@EXAMPLE.ORG"):
            answer = await browser.post("/api/auth/signup", json=ASHA | {"password": password})
            assert (problem_of(answer), set(answer.json()["fields"])) == ((400, "invalid_input"), {"password"})


async def test_the_person_is_told_by_mail(mailing: Accounts, mail_server: MailServer) -> None:
    browser = await with_account(mailing, mail_server)
    assert (await change(browser)).status_code == 204
    await sent(mailing)
    letter = mail_server.letters[-1]
    assert letter["To"] == ASHA["email"]
    assert "was changed just now" in text_of(letter)


async def test_of_two_who_change_it_at_once_one_does(accounts: Accounts) -> None:
    browser = await accounts.signed_up("asha")
    answers = await asyncio.gather(*(change(browser, f"{NEW} {number}", current=None) for number in range(4)))
    good = [number for number, answer in enumerate(answers) if answer.status_code == 204]
    assert {problem_of(answer) for answer in answers if answer.status_code != 204} <= {(409, "conflict")}
    assert good
    async with accounts.client() as other:
        tries = [(await login(other, password=f"{NEW} {number}")).status_code for number in good]
    assert tries.count(200) == 1


# ── a sign-in that is under way ───────────────────────────────────────────────────────────────────────────────────────


def interrupted(
    monkeypatch: pytest.MonkeyPatch, accounts: Accounts, at: str, meanwhile: Callable[[], Awaitable[Any]]
) -> None:
    """Something happens once, right after that step of the next sign-in."""
    owner: Any = {"verify": accounts.auth._passwords, "check": accounts.auth._pending}.get(at, accounts.auth)
    real = getattr(owner, at)
    done = False

    async def step(*arguments: Any, **named: Any) -> Any:
        nonlocal done
        result = await real(*arguments, **named)
        if not done:
            done = True
            await meanwhile()
        return result

    monkeypatch.setattr(owner, at, step)


@pytest.mark.parametrize("at", ["verify", "_begin"])
async def test_09_a_sign_in_with_the_password_before_does_not_overtake_its_change(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    owner = await accounts.signed_up("asha")

    async def changes() -> None:
        assert (await change(owner, current=None)).status_code == 204

    interrupted(monkeypatch, accounts, at, changes)
    async with accounts.client() as thief:
        assert problem_of(await login(thief)) == (401, "invalid_login")
        assert (await thief.get("/api/users/me")).status_code == 401
    principal = await accounts.auth.authenticate_cookie(f"batiyoun={owner.cookies['batiyoun']}")
    assert principal is not None
    assert [each.id for each in await accounts.auth.sessions_of(principal.user_id)] == [principal.session_id]
    assert "signed_in" not in (await kinds(owner))[:1], "a sign-in that was refused is not in the log"


@pytest.mark.parametrize("at", ["check", "_begin"])
async def test_09_nor_does_one_that_waits_for_a_second_factor(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    owner = await accounts.signed_up("asha")
    app, _ = await turn_on(accounts, owner)

    async def changes() -> None:
        assert (await change(owner, current=None)).status_code == 204

    async with accounts.client() as thief:
        assert problem_of(await login(thief)) == (401, "second_factor_required")
        interrupted(monkeypatch, accounts, at, changes)
        late = await thief.post("/api/auth/second-factor", json={"code": app.next()})
        assert problem_of(late) == (401, "sign_in_over")
        assert (await thief.get("/api/users/me")).status_code == 401
    principal = await accounts.auth.authenticate_cookie(f"batiyoun={owner.cookies['batiyoun']}")
    assert principal is not None
    assert [each.id for each in await accounts.auth.sessions_of(principal.user_id)] == [principal.session_id]


async def test_a_renewed_hash_does_not_undo_a_change(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = await accounts.signed_up("asha")
    monkeypatch.setattr(accounts.auth._passwords, "outdated", lambda _: True)

    async def changes() -> None:
        assert (await change(owner, current=None)).status_code == 204

    interrupted(monkeypatch, accounts, "verify", changes)
    async with accounts.client() as late:
        assert problem_of(await login(late)) == (401, "invalid_login")
        assert (await login(late, password=NEW)).status_code == 200


async def test_sign_ins_that_renew_the_hash_at_once_all_get_in(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    await accounts.signed_up("asha")
    monkeypatch.setattr(accounts.auth._passwords, "outdated", lambda _: True)
    answers = await asyncio.gather(*(login(accounts.client(f"198.51.100.{number}")) for number in range(6)))
    assert [answer.status_code for answer in answers] == [200] * 6


async def test_what_does_not_hold_any_more_gives_no_session(accounts: Accounts) -> None:
    browser = await accounts.signed_up("asha")
    principal = await accounts.auth.authenticate_cookie(f"batiyoun={browser.cookies['batiyoun']}")
    account = await accounts.stores.accounts.by_identifier("asha")
    assert principal is not None
    assert account is not None

    async def no() -> bool:
        return False

    with pytest.raises(InvalidLogin):
        await accounts.auth.sign_in(account.user, "", proof="password", replaces=principal, holds=no)
    assert (await browser.get("/api/users/me")).status_code == 200, "the session until now must not be lost by it"


# ── asking before ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def verdict(browser: httpx.AsyncClient, password: str, **names: str) -> tuple[bool, str | None]:
    answer = await browser.post("/api/auth/password/check", json={"password": password} | names)
    assert answer.status_code == 200, answer.text
    return answer.json()["acceptable"], answer.json()["reason"]


async def test_a_form_can_ask_before_it_is_sent(accounts: Accounts) -> None:
    async with accounts.client() as browser:
        assert await verdict(browser, "asha kumari") == (True, None)
        assert (await verdict(browser, "asha kumari", username="asha", email="kumari@example.org"))[0] is False
        for password, word in (("x", "at least"), ("password", "tried first"), ("x" * 30_000, "at most")):
            acceptable, reason = await verdict(browser, password)
            assert acceptable is False
            assert word in (reason or "")


async def test_38_asking_is_limited_by_address(accounts: Accounts) -> None:
    async with accounts.client() as robot:
        asked = [await robot.post("/api/auth/password/check", json={"password": "x"}) for _ in range(61)]
    assert [answer.status_code for answer in asked] == [200] * 60 + [429]


@pytest.mark.parametrize(
    "body", [{}, {"newPassword": None}, {"newPassword": ["x" * 12]}, {"newPassword": {"$ne": 1}}, []]
)
async def test_31_what_is_no_change_of_a_password(accounts: Accounts, body: Any) -> None:
    browser = await accounts.signed_up("asha")
    assert problem_of(await browser.put("/api/auth/password", json=body)) == (400, "invalid_input")
