"""What codes by mail tell about accounts, how many there may be, and how they get out without a mail server."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.harness.accounts import ASHA, Accounts, accounts, login, open_accounts, problem_of
from tests.harness.codes import ADDRESS, ask, mailing, sent, show, with_account
from tests.harness.mail import MailServer, mail_server, text_of
from tests.harness.timing import ALIKE, difference, seconds

__all__ = ["accounts", "mail_server", "mailing"]


# ── who has an account ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("purpose", ["signup", "login"])
async def test_01_known_and_unknown_addresses_are_answered_alike(
    mailing: Accounts, mail_server: MailServer, purpose: str
) -> None:
    await with_account(mailing, mail_server)
    async with mailing.client() as one, mailing.client() as two:
        known, unknown = await ask(one, purpose), await ask(two, purpose, "nobody@example.org")
        assert known.status_code == unknown.status_code == 202
        assert known.json() == unknown.json()
        assert set(known.headers) == set(unknown.headers)
        assert len(known.headers["set-cookie"]) == len(unknown.headers["set-cookie"])
        answers = [await show(one, "000000"), await show(two, "000000", "nobody@example.org")]
        assert {problem_of(answer) for answer in answers} == {(400, "invalid_code")}
        assert answers[0].content == answers[1].content
    await sent(mailing)
    told = {letter["To"]: text_of(letter) for letter in mail_server.letters[1:]}
    assert set(told) == {ADDRESS, "nobody@example.org"}
    without_code = told[ADDRESS] if purpose == "signup" else told["nobody@example.org"]
    assert "account" in without_code
    assert not any(word.isdigit() and len(word) == 6 for word in without_code.split())


async def test_01_known_and_unknown_addresses_take_the_same_time(mailing: Accounts, mail_server: MailServer) -> None:
    await with_account(mailing, mail_server)
    async with mailing.client() as browser:

        async def answer(email: str) -> float:
            async def wait() -> None:
                assert (await ask(browser, "login", email)).status_code == 202

            taken = await seconds(wait())
            await sent(mailing)
            return taken

        apart = await difference(partial(answer, ADDRESS), partial(answer, "nobody@example.org"))
    assert abs(apart) < ALIKE


# ── limits ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_02_each_further_letter_takes_longer_to_come(tmp_path: Path, mail_server: MailServer) -> None:
    async with open_accounts(tmp_path / "app", **mail_server.settings()) as app, app.client() as browser:
        first = await ask(browser)
        assert first.json()["resendAfter"] == 30
        early = await ask(browser)
        assert problem_of(early) == (429, "rate_limited")
        assert early.headers["retry-after"] == "30"
        app.clock.now += 30
        assert (await ask(browser)).json()["resendAfter"] == 60
        await sent(app)
        assert len(mail_server.letters) == 2
        async with app.client("198.51.100.9") as elsewhere:
            assert (await ask(elsewhere)).status_code == 202, "one caller's haste is not another's"


async def test_02_nobody_fills_a_mailbox_from_many_addresses(tmp_path: Path, mail_server: MailServer) -> None:
    async with open_accounts(tmp_path / "app", **mail_server.settings()) as app:
        answers = []
        for number in range(11):
            async with app.client(f"198.51.100.{number}") as robot:
                answers.append(await ask(robot))
        assert [answer.status_code for answer in answers] == [202] * 10 + [429]
        await sent(app)
        assert len(mail_server.letters) == 10


async def test_38_asking_and_guessing_are_limited_by_address(tmp_path: Path) -> None:
    async with open_accounts(tmp_path) as app, app.client() as robot:
        asked = [await ask(robot, "login", f"user{number}@example.org") for number in range(21)]
        assert [answer.status_code for answer in asked] == [202] * 20 + [429]
        guessed = [await show(robot, "123456") for _ in range(21)]
        assert [answer.status_code for answer in guessed] == [400] * 20 + [429]
        assert guessed[0].headers["ratelimit-policy"] == '"verify-otp";q=20;w=120'


# ── without a mail server ─────────────────────────────────────────────────────────────────────────────────────────────


async def test_without_a_mail_server_codes_are_on_the_console_and_the_page_knows(accounts: Accounts) -> None:
    await accounts.signed_up("asha")
    async with accounts.client() as browser:
        told = (await browser.get("/api/auth/options")).json()
        assert {"verifyEmail": False, "delivery": "console"}.items() <= told.items()
        answer = await ask(browser)
        assert (answer.status_code, answer.json()["delivery"]) == (202, "console")
        (shown,) = accounts.console
        assert f"Mail to {ADDRESS}" in shown
        code = next(word for word in shown.split() if word.isdigit() and len(word) == 6)
        user = (await show(browser, code)).json()["user"]
        assert (user["username"], user["verified"]) == ("asha", False), "the operator saw the code, not the mailbox"
        assert (await login(browser)).status_code == 200


async def test_without_a_mail_server_an_address_with_an_account_is_said_to_be_taken(accounts: Accounts) -> None:
    await accounts.signed_up("asha")
    async with accounts.client() as browser:
        answer = await ask(browser, "signup")
        assert problem_of(answer) == (409, "email_taken")
        assert set(answer.json()["fields"]) == {"email"}
        assert accounts.console == []


async def test_a_code_from_the_console_may_be_asked_for_by_a_setting(tmp_path: Path) -> None:
    async with open_accounts(tmp_path, verify_email=True) as app, app.client() as browser:
        assert problem_of(await browser.post("/api/auth/signup", json=ASHA)) == (403, "address_unverified")
        await ask(browser, "signup")
        code = next(word for word in app.console[0].split() if word.isdigit() and len(word) == 6)
        ticket = (await show(browser, code)).json()["ticket"]
        user = (await browser.post("/api/auth/signup", json=ASHA | {"ticket": ticket})).json()["user"]
        assert user["verified"] is False


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "x", "purpose": "login"}, "email"),
        ({"email": ADDRESS, "purpose": "reset-everything"}, "purpose"),
        ({"email": ADDRESS}, "purpose"),
        ({"email": {"$ne": 1}, "purpose": "login"}, "email"),
        ({"email": "a@example.org\r\nBcc: b@example.org", "purpose": "login"}, "email"),
    ],
)
async def test_31_what_cannot_be_asked_for(accounts: Accounts, body: dict[str, Any], field: str) -> None:
    async with accounts.client() as browser:
        answer = await browser.post("/api/auth/request-otp", json=body)
    assert (problem_of(answer), set(answer.json()["fields"])) == ((400, "invalid_input"), {field})
    assert accounts.console == []
