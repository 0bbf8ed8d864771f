"""Forgotten passwords over HTTP, with real stores and a real mail server."""

from __future__ import annotations

import asyncio
import re
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from batiyoun.auth.model import RESET_LIFETIME
from batiyoun.storage.sql.tables import users
from tests.harness.accounts import ASHA, PASSWORD, Accounts, accounts, login, open_accounts, problem_of
from tests.harness.codes import ADDRESS, mailing, sent, with_account
from tests.harness.mail import MailServer, mail_server, part_of, text_of
from tests.harness.timing import ALIKE, difference, seconds

__all__ = ["accounts", "mail_server", "mailing"]

NEW = "a boat on the river"
NOBODY = "nobody@example.org"


async def ask(browser: httpx.AsyncClient, email: str = ADDRESS, **headers: str) -> httpx.Response:
    return await browser.post("/api/auth/password/request-reset", json={"email": email}, headers=headers)


async def choose(browser: httpx.AsyncClient, token: str, password: str = NEW) -> httpx.Response:
    return await browser.post("/api/auth/password/reset", json={"token": token, "password": password})


def token_in(text: str) -> str:
    found = re.search(r"http://127\.0\.0\.1:8000/reset-password#([A-Za-z0-9_-]{43})\s", text)
    assert found, text
    return found[1]


async def token_for(app: Accounts, server: MailServer, browser: httpx.AsyncClient) -> str:
    assert (await ask(browser)).status_code == 202
    await sent(app)
    return token_in(text_of(server.letters[-1]))


async def test_a_link_by_mail_lets_one_choose_a_new_password(mailing: Accounts, mail_server: MailServer) -> None:
    await with_account(mailing, mail_server)
    async with mailing.client() as browser:
        answer = await ask(browser, "ASHA@Example.org", **{"accept-language": "hi"})
        assert (answer.status_code, answer.json()["delivery"]) == (202, "mail")
        await sent(mailing)
        letter = mail_server.letters[-1]
        assert letter["To"] == ADDRESS
        assert "नया पासवर्ड" in text_of(letter)
        token = token_in(text_of(letter))
        assert f'href="http://127.0.0.1:8000/reset-password#{token}"' in part_of(letter, "html")
        chosen = await choose(browser, token)
        assert (chosen.status_code, chosen.content) == (204, b"")
        assert "set-cookie" not in chosen.headers, "nobody is signed in by it"
        assert problem_of(await login(browser)) == (401, "invalid_login")
        assert (await login(browser, password=NEW)).status_code == 200
        events = (await browser.get("/api/users/me/audit")).json()["events"]
        assert "password_reset" in [event["kind"] for event in events]
    await sent(mailing)
    assert "was changed just now" in text_of(mail_server.letters[-1])


async def test_09_every_session_ends(mailing: Accounts, mail_server: MailServer) -> None:
    thief = await with_account(mailing, mail_server)
    ended: list[str] = []
    mailing.auth.on_revoked.append(lambda session_id, _: ended.append(session_id))
    async with mailing.client() as owner:
        assert (await choose(owner, await token_for(mailing, mail_server, owner))).status_code == 204
    assert len(ended) == 1
    assert problem_of(await thief.get("/api/users/me")) == (401, "session_revoked")


async def test_a_link_is_good_once_for_an_hour_and_until_the_next(mailing: Accounts, mail_server: MailServer) -> None:
    await with_account(mailing, mail_server)
    async with mailing.client() as browser:
        first = await token_for(mailing, mail_server, browser)
        second = await token_for(mailing, mail_server, browser)
        assert problem_of(await choose(browser, first)) == (400, "invalid_link")
        weak = await choose(browser, second, "asha2026")
        assert (problem_of(weak), set(weak.json()["fields"])) == ((400, "invalid_input"), {"password"})
        assert (await choose(browser, second)).status_code == 204, "a refused password does not cost the link"
        assert problem_of(await choose(browser, second)) == (400, "invalid_link")
        third = await token_for(mailing, mail_server, browser)
        mailing.clock.now += RESET_LIFETIME.total_seconds()
        assert problem_of(await choose(browser, third)) == (400, "invalid_link")
        assert (await login(browser, password=NEW)).status_code == 200


async def test_of_many_who_use_a_link_one_succeeds(mailing: Accounts, mail_server: MailServer) -> None:
    await with_account(mailing, mail_server)
    async with mailing.client() as browser:
        token = await token_for(mailing, mail_server, browser)
        answers = await asyncio.gather(*(choose(browser, token, f"{NEW} {number}") for number in range(6)))
        assert sorted(answer.status_code for answer in answers) == [204] + [400] * 5
        (won,) = [number for number, answer in enumerate(answers) if answer.status_code == 204]
        assert (await login(browser, password=f"{NEW} {won}")).status_code == 200


async def test_the_link_is_kept_as_a_hash(tmp_path: Path, mail_server: MailServer) -> None:
    folder = tmp_path / "app"
    async with open_accounts(folder, rate_limits=False, **mail_server.settings()) as app:
        await with_account(app, mail_server)
        async with app.client() as browser:
            token = await token_for(app, mail_server, browser)
    kept = b"".join(file.read_bytes() for file in folder.glob("accounts.db*"))
    assert ADDRESS.encode() in kept
    assert token.encode() not in kept


async def test_a_link_is_for_the_address_it_went_to(mailing: Accounts, mail_server: MailServer) -> None:
    await with_account(mailing, mail_server)
    async with mailing.client() as browser:
        token = await token_for(mailing, mail_server, browser)
        async with mailing.stores.database.writing() as connection:
            await connection.execute(update(users).values(email="new@example.org", email_key="new@example.org"))
        assert problem_of(await choose(browser, token)) == (400, "invalid_link")


async def test_a_disabled_account_gets_no_link(mailing: Accounts, mail_server: MailServer) -> None:
    await with_account(mailing, mail_server)
    async with mailing.client() as browser:
        token = await token_for(mailing, mail_server, browser)
        async with mailing.stores.database.writing() as connection:
            await connection.execute(update(users).values(disabled=True))
        assert problem_of(await choose(browser, token)) == (400, "invalid_link")
        await ask(browser)
        await sent(mailing)
        assert "no account" in text_of(mail_server.letters[-1])


async def test_13_who_signed_up_with_a_foreign_address_is_out_when_its_owner_comes(
    tmp_path: Path, mail_server: MailServer
) -> None:
    settings = mail_server.settings() | {"verify_email": False, "rate_limits": False}
    async with open_accounts(tmp_path / "app", **settings) as app:
        squatter = await app.signed_up("asha")
        async with app.client() as owner:
            assert (await choose(owner, await token_for(app, mail_server, owner))).status_code == 204
            assert (await squatter.get("/api/users/me")).status_code == 401
            assert problem_of(await login(squatter)) == (401, "invalid_login")
            signed = await login(owner, password=NEW)
            assert signed.json()["user"]["verified"] is True


# ── who has an account ────────────────────────────────────────────────────────────────────────────────────────────────


async def test_01_known_and_unknown_addresses_are_answered_alike(mailing: Accounts, mail_server: MailServer) -> None:
    await with_account(mailing, mail_server)
    async with mailing.client() as browser:
        known, unknown = await ask(browser), await ask(browser, NOBODY)
    assert known.status_code == unknown.status_code == 202
    assert known.json() == unknown.json()
    assert set(known.headers) == set(unknown.headers)
    await sent(mailing)
    told = {letter["To"]: text_of(letter) for letter in mail_server.letters[1:]}
    assert set(told) == {ADDRESS, NOBODY}
    assert "reset-password" not in told[NOBODY]
    assert "There is no account with it" in told[NOBODY]


async def test_01_known_and_unknown_addresses_take_the_same_time(mailing: Accounts, mail_server: MailServer) -> None:
    await with_account(mailing, mail_server)
    async with mailing.client() as browser:

        async def answer(email: str) -> float:
            async def wait() -> None:
                assert (await ask(browser, email)).status_code == 202

            taken = await seconds(wait())
            await sent(mailing)
            return taken

        apart = await difference(partial(answer, ADDRESS), partial(answer, NOBODY))
    assert abs(apart) < ALIKE


async def test_a_token_that_was_kept_for_nobody_opens_no_later_account(
    mailing: Accounts, mail_server: MailServer
) -> None:
    async with mailing.client() as browser:
        await ask(browser)
        await sent(mailing)
        assert "reset-password" not in text_of(mail_server.letters[-1])
        await with_account(mailing, mail_server)
        assert (await login(browser, password=PASSWORD)).status_code == 200


# ── limits ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_02_letters_to_one_mailbox_are_counted_with_those_for_codes(
    tmp_path: Path, mail_server: MailServer
) -> None:
    async with open_accounts(tmp_path / "app", **mail_server.settings()) as app, app.client() as browser:
        assert (await ask(browser)).json()["resendAfter"] == 30
        code = await browser.post("/api/auth/request-otp", json={"email": ADDRESS, "purpose": "login"})
        assert problem_of(code) == (429, "rate_limited")
        app.clock.now += 30
        assert (await ask(browser)).json()["resendAfter"] == 60


async def test_38_asking_and_guessing_are_limited_by_address(accounts: Accounts) -> None:
    async with accounts.client() as robot:
        asked = [await ask(robot, f"user{number}@example.org") for number in range(21)]
        assert [answer.status_code for answer in asked] == [202] * 20 + [429]
        guessed = [await choose(robot, "x" * 43) for _ in range(21)]
        assert [answer.status_code for answer in guessed] == [400] * 20 + [429]


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "é" * 43, "../" * 14 + "x", "\ud800"])
async def test_31_what_is_no_link(accounts: Accounts, token: str) -> None:
    async with accounts.client() as browser:
        body = {"token": token, "password": NEW}
        raw = httpx.Request("POST", "http://x", json=body | {"token": "MARK"}).content
        sent_token = token.encode("utf-8", "surrogatepass") if token != "\ud800" else b"\\ud800"
        answer = await browser.post(
            "/api/auth/password/reset",
            content=raw.replace(b"MARK", sent_token),
            headers={"content-type": "application/json"},
        )
    assert problem_of(answer)[0] == 400
    assert problem_of(answer)[1] in {"invalid_link", "invalid_input"}


@pytest.mark.parametrize("body", [{}, {"email": "x"}, {"email": {"$ne": 1}}, {"email": "a@b.org\r\nBcc: c@d.org"}])
async def test_31_what_cannot_be_asked_for(accounts: Accounts, body: dict[str, Any]) -> None:
    async with accounts.client() as browser:
        answer = await browser.post("/api/auth/password/request-reset", json=body)
    assert problem_of(answer) == (400, "invalid_input")
    assert accounts.console == []


async def test_without_a_mail_server_the_operator_passes_the_link_on(accounts: Accounts) -> None:
    await accounts.signed_up("asha")
    async with accounts.client() as browser:
        answer = await ask(browser)
        assert (answer.status_code, answer.json()["delivery"]) == (202, "console")
        (shown,) = accounts.console
        assert f"Mail to {ASHA['email']}" in shown
        assert (await choose(browser, token_in(shown))).status_code == 204
        signed = await login(browser, password=NEW)
        assert signed.json()["user"]["verified"] is False, "the operator saw the link, not the mailbox"
        assert len(accounts.console) == 1
