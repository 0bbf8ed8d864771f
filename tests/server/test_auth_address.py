"""Changing one's address over HTTP, with real stores and a real mail server."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
import pytest

from batiyoun.auth.model import CODE_LIFETIME, FRESH, MAX_TRIES
from batiyoun.users.model import User
from tests.harness.accounts import ASHA, PASSWORD, Accounts, accounts, login, person, problem_of
from tests.harness.codes import code_for, mailing, sent, show, with_account
from tests.harness.mail import MailServer, mail_server, text_of

__all__ = ["accounts", "mail_server", "mailing"]

NEW = "asha@new.example.org"


async def ask(browser: httpx.AsyncClient, email: str = NEW, **headers: str) -> httpx.Response:
    return await browser.post("/api/users/me/email", json={"email": email}, headers=headers)


async def confirm(browser: httpx.AsyncClient, code: str, email: str = NEW, **headers: str) -> httpx.Response:
    body = {"email": email, "code": code}
    return await browser.post("/api/users/me/email/confirm", json=body, headers=headers)


async def new_code(app: Accounts, server: MailServer, browser: httpx.AsyncClient, email: str = NEW) -> str:
    answer = await ask(browser, email)
    assert answer.status_code == 202, answer.text
    await sent(app)
    return server.code()


def person_with(email: str) -> User:
    return person("ravi", email=email)


async def address(browser: httpx.AsyncClient) -> str:
    return str((await browser.get("/api/users/me")).json()["email"])


async def test_a_code_from_the_new_mailbox_changes_the_address(mailing: Accounts, mail_server: MailServer) -> None:
    asha = await with_account(mailing, mail_server)
    code = await new_code(mailing, mail_server, asha)
    assert (mail_server.recipients[-1], await address(asha)) == (NEW, ASHA["email"])
    answer = await confirm(asha, code)
    assert (answer.status_code, answer.json()["user"]["email"]) == (200, NEW)
    assert answer.json()["user"]["verified"] is True
    async with mailing.client() as browser:
        assert (await login(browser, NEW)).status_code == 200
        assert problem_of(await login(browser, ASHA["email"])) == (401, "invalid_login")
    log = (await asha.get("/api/users/me/audit")).json()["events"]
    assert (log[1]["kind"], log[1]["details"]) == ("email_changed", {})


@pytest.mark.parametrize(("language", "words"), [("en", "another e-mail address"), ("hi", "पता अभी-अभी बदल गया है")])
async def test_the_old_mailbox_is_told(mailing: Accounts, mail_server: MailServer, language: str, words: str) -> None:
    asha = await with_account(mailing, mail_server)
    code = await new_code(mailing, mail_server, asha)
    assert (await confirm(asha, code, **{"accept-language": language})).status_code == 200
    await sent(mailing)
    letter = mail_server.letters[-1]
    assert (mail_server.recipients[-1], letter["Content-Language"]) == (ASHA["email"], language)
    assert words in text_of(letter)
    assert NEW not in letter.as_string()


async def test_01_an_address_with_another_account_is_answered_alike(mailing: Accounts, mail_server: MailServer) -> None:
    asha = await with_account(mailing, mail_server)
    await mailing.stores.accounts.create(person_with("ravi@example.org"), None)
    free, taken = await ask(asha, NEW), await ask(asha, "Ravi@example.org")
    await sent(mailing)
    assert free.status_code == taken.status_code == 202
    assert free.json().keys() == taken.json().keys()
    assert "another account" in str(mail_server.letters[-1]["Subject"])
    for code in ("000000", "123456"):
        assert problem_of(await confirm(asha, code, "ravi@example.org")) == (400, "invalid_code")


async def test_03_a_code_is_good_once_for_ten_minutes_and_five_tries(
    mailing: Accounts, mail_server: MailServer
) -> None:
    asha = await with_account(mailing, mail_server)
    code = await new_code(mailing, mail_server, asha)
    wrong = "111111" if code != "111111" else "222222"
    for _ in range(MAX_TRIES):
        assert problem_of(await confirm(asha, wrong)) == (400, "invalid_code")
    assert problem_of(await confirm(asha, code)) == (400, "invalid_code")
    code = await new_code(mailing, mail_server, asha)
    mailing.clock.now += CODE_LIFETIME.total_seconds()
    assert problem_of(await confirm(asha, code)) == (400, "invalid_code")
    mailing.clock.now -= timedelta(seconds=1).total_seconds()
    answers = await asyncio.gather(*(confirm(asha, code) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]


async def test_03_a_code_is_bound_to_the_browser_the_person_and_the_address(
    mailing: Accounts, mail_server: MailServer
) -> None:
    asha = await with_account(mailing, mail_server)
    code = await new_code(mailing, mail_server, asha)
    async with mailing.client() as other:
        assert (await login(other)).status_code == 200
        assert problem_of(await confirm(other, code)) == (400, "invalid_code")
    assert problem_of(await confirm(asha, code, "else@example.org")) == (400, "invalid_code")
    await mailing.stores.accounts.create(person_with("ravi@example.org"), None)
    secret = asha.cookies["batiyoun-address"]
    async with mailing.client() as ravi:
        ravi_code = await code_for_login(mailing, mail_server, ravi, "ravi@example.org")
        assert (await show(ravi, ravi_code, "ravi@example.org")).status_code == 200
        ravi.cookies.set("batiyoun-address", secret)
        assert problem_of(await confirm(ravi, code)) == (400, "invalid_code")
    assert (await confirm(asha, code)).status_code == 200


async def code_for_login(app: Accounts, server: MailServer, browser: httpx.AsyncClient, email: str) -> str:
    answer = await browser.post("/api/auth/request-otp", json={"email": email, "purpose": "login"})
    assert answer.status_code == 202
    await sent(app)
    return server.code()


async def test_03_a_code_for_an_address_does_not_sign_in(mailing: Accounts, mail_server: MailServer) -> None:
    asha = await with_account(mailing, mail_server)
    code = await new_code(mailing, mail_server, asha)
    async with mailing.client() as browser:
        browser.cookies.set("batiyoun-code", asha.cookies["batiyoun-address"])
        assert problem_of(await show(browser, code, NEW)) == (400, "invalid_code")


async def test_what_was_sent_to_the_old_mailbox_is_void(mailing: Accounts, mail_server: MailServer) -> None:
    asha = await with_account(mailing, mail_server)
    async with mailing.client() as thief:
        old = await code_for(mailing, mail_server, thief)
        code = await new_code(mailing, mail_server, asha)
        assert (await confirm(asha, code)).status_code == 200
        assert problem_of(await show(thief, old)) == (400, "invalid_code")


async def test_two_who_want_one_address_one_gets_it(mailing: Accounts, mail_server: MailServer) -> None:
    asha = await with_account(mailing, mail_server)
    code = await new_code(mailing, mail_server, asha)
    await mailing.stores.accounts.create(person_with(NEW), None)
    assert problem_of(await confirm(asha, code)) == (409, "email_taken")
    assert await address(asha) == ASHA["email"]


async def test_one_s_own_address_is_nothing_new(mailing: Accounts, mail_server: MailServer) -> None:
    asha = await with_account(mailing, mail_server)
    answer = await ask(asha, ASHA["email"])
    assert problem_of(answer) == (400, "invalid_input")
    assert set(answer.json()["fields"]) == {"email"}


async def test_it_needs_a_fresh_proof(mailing: Accounts, mail_server: MailServer) -> None:
    asha = await with_account(mailing, mail_server)
    mailing.clock.now += FRESH.total_seconds()
    assert problem_of(await ask(asha)) == (403, "step_up_required")
    assert (await asha.post("/api/auth/step-up", json={"password": PASSWORD})).status_code == 204
    assert (await ask(asha)).status_code == 202


async def test_without_a_mail_server_the_operator_reads_the_code(accounts: Accounts) -> None:
    asha = await accounts.signed_up("asha")
    await accounts.signed_up("ravi")
    answer = await ask(asha)
    assert (answer.status_code, answer.json()["delivery"]) == (202, "console")
    code = next(word for word in accounts.console[-1].split() if word.isdigit() and len(word) == 6)
    assert (await confirm(asha, code)).json()["user"]["verified"] is False
    assert await address(asha) == NEW
    assert problem_of(await ask(asha, "ravi@example.org")) == (409, "email_taken")
