"""Codes by mail over HTTP, with real stores and a real mail server."""

from __future__ import annotations

import asyncio
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from batiyoun.auth.challenges import new_code
from batiyoun.auth.model import CODE_LIFETIME, MAX_TRIES, TICKET_LIFETIME
from batiyoun.errors import Unavailable
from batiyoun.runtime import Runtime
from batiyoun.storage.sql.tables import users
from tests.harness.accounts import ASHA, Accounts, login, open_accounts, problem_of
from tests.harness.codes import ADDRESS, ask, code_for, mailing, sent, show, with_account
from tests.harness.mail import MailServer, mail_server, text_of

__all__ = ["mail_server", "mailing"]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


# ── signing up ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_signing_up_takes_a_code_by_mail_then_the_form(mailing: Accounts, mail_server: MailServer) -> None:
    async with mailing.client() as browser:
        told = (await browser.get("/api/auth/options")).json()
        assert {"verifyEmail": True, "delivery": "mail"}.items() <= told.items()
        answer = await ask(browser, "signup", **{"accept-language": "hi-IN,en;q=0.5"})
        assert (answer.status_code, answer.json()["delivery"]) == (202, "mail")
        await sent(mailing)
        (letter,) = mail_server.letters
        assert letter["To"] == ADDRESS
        assert "खाता" in text_of(letter)
        opened = (await show(browser, mail_server.code())).json()
        assert opened["user"] is None
        taken = await browser.post("/api/auth/signup", json=ASHA | {"ticket": opened["ticket"], "username": "x"})
        assert taken.status_code == 400, "a mistake in the form does not cost the ticket"
        signed = await browser.post("/api/auth/signup", json=ASHA | {"ticket": opened["ticket"]})
        assert (signed.status_code, signed.json()["user"]["verified"]) == (201, True)
        again = await browser.post("/api/auth/signup", json=ASHA | {"ticket": opened["ticket"], "username": "asha2"})
        assert problem_of(again) == (403, "address_unverified")


async def test_without_a_good_ticket_nobody_signs_up(mailing: Accounts, mail_server: MailServer) -> None:
    async with mailing.client() as browser:
        ticket = (await show(browser, await code_for(mailing, mail_server, browser, "signup"))).json()["ticket"]
        for bad in ({}, {"ticket": None}, {"ticket": "x" * 43}, {"ticket": "x"}, {"ticket": "é" * 43}):
            assert problem_of(await browser.post("/api/auth/signup", json=ASHA | bad)) == (403, "address_unverified")
        other = {"ticket": ticket, "email": "ravi@example.org"}
        assert problem_of(await browser.post("/api/auth/signup", json=ASHA | other)) == (403, "address_unverified")
        mailing.clock.now += TICKET_LIFETIME.total_seconds()
        late = await browser.post("/api/auth/signup", json=ASHA | {"ticket": ticket})
        assert problem_of(late) == (403, "address_unverified")


async def test_the_account_has_the_address_that_was_proved(mailing: Accounts, mail_server: MailServer) -> None:
    browser = await with_account(mailing, mail_server, email="ＡSHA@example.org")
    assert (await browser.get("/api/users/me")).json()["email"] == ADDRESS


# ── signing in ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_code_signs_in_without_a_password(mailing: Accounts, mail_server: MailServer) -> None:
    await with_account(mailing, mail_server)
    async with mailing.client() as browser:
        code = await code_for(mailing, mail_server, browser)
        spaced = f"{code[:3]} {code[3:]}"
        answer = await show(browser, spaced, "ASHA@example.org")
        assert (answer.status_code, answer.json()["user"]["username"]) == (200, "asha")
        assert answer.json()["ticket"] is None
        assert (await browser.get("/api/users/me")).status_code == 200
        assert "batiyoun-code" not in browser.cookies
        assert problem_of(await show(browser, code)) == (400, "invalid_code")


async def test_the_digits_may_be_of_another_script(mailing: Accounts, mail_server: MailServer) -> None:
    await with_account(mailing, mail_server)
    async with mailing.client() as browser:
        code = await code_for(mailing, mail_server, browser)
        devanagari = code.translate({ord(str(digit)): 0x966 + digit for digit in range(10)})
        assert (await show(browser, devanagari)).status_code == 200


@pytest.mark.parametrize("code", ["", "12345", "1234567", "12345a", "½23456", "1" * 33, "-" * 6, None, 123456])
async def test_31_what_is_no_code_costs_no_try(mailing: Accounts, mail_server: MailServer, code: Any) -> None:
    await with_account(mailing, mail_server)
    async with mailing.client() as browser:
        right = await code_for(mailing, mail_server, browser)
        for _ in range(MAX_TRIES):
            answer = await browser.post("/api/auth/verify-otp", json={"email": ADDRESS, "code": code})
            assert (problem_of(answer), set(answer.json()["fields"])) == ((400, "invalid_input"), {"code"})
        assert (await show(browser, right)).status_code == 200


async def test_08_a_code_gives_a_new_session_and_ends_the_old_one(mailing: Accounts, mail_server: MailServer) -> None:
    browser = await with_account(mailing, mail_server)
    old = browser.cookies["batiyoun"]
    assert (await show(browser, await code_for(mailing, mail_server, browser))).status_code == 200
    assert browser.cookies["batiyoun"] != old
    assert await mailing.auth.authenticate_cookie(f"batiyoun={old}") is None


async def test_a_disabled_account_gets_no_code(mailing: Accounts, mail_server: MailServer) -> None:
    await with_account(mailing, mail_server)
    async with mailing.client() as browser:
        code = await code_for(mailing, mail_server, browser)
        async with mailing.stores.database.writing() as connection:
            await connection.execute(update(users).values(disabled=True))
        assert problem_of(await show(browser, code)) == (400, "invalid_code")
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
            answer = await show(owner, await code_for(app, mail_server, owner))
            assert answer.json()["user"]["verified"] is True
            assert (await owner.get("/api/users/me")).status_code == 200
            assert problem_of(await squatter.get("/api/users/me")) == (401, "session_revoked")
            assert problem_of(await login(squatter)) == (401, "invalid_login")
            # a second code changes nothing more
            phone = app.client()
            assert (await show(phone, await code_for(app, mail_server, phone))).status_code == 200
            assert (await owner.get("/api/users/me")).status_code == 200


@pytest.mark.parametrize("failing", [0, 1])
async def test_13_whoever_was_there_before_is_out_even_if_a_store_fails_on_the_way(
    tmp_path: Path, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    settings = mail_server.settings() | {"verify_email": False, "rate_limits": False}
    async with open_accounts(tmp_path / "app", **settings) as app, app.client() as owner:
        squatter = await app.signed_up("asha")
        revoke, calls = app.auth.revoke_all, 0

        async def away(user_id: str, **more: Any) -> int:
            nonlocal calls
            calls += 1
            if calls == failing + 1:
                raise Unavailable
            return await revoke(user_id, **more)

        monkeypatch.setattr(app.auth, "revoke_all", away)
        assert problem_of(await show(owner, await code_for(app, mail_server, owner))) == (503, "unavailable")
        assert (await show(owner, await code_for(app, mail_server, owner))).json()["user"]["verified"] is True
        assert problem_of(await squatter.get("/api/users/me")) == (401, "session_revoked")


# ── what a code withstands ────────────────────────────────────────────────────────────────────────────────────────────


async def test_03_a_code_has_six_digits_ten_minutes_and_five_tries(mailing: Accounts, mail_server: MailServer) -> None:
    await with_account(mailing, mail_server)
    async with mailing.client() as browser:
        code = await code_for(mailing, mail_server, browser)
        answers = [await show(browser, wrong(code)) for _ in range(MAX_TRIES - 1)]
        assert {problem_of(answer) for answer in answers} == {(400, "invalid_code")}
        assert set(answers[0].json()["fields"]) == {"code"}
        assert (await show(browser, code)).status_code == 200
    async with mailing.client() as browser:
        code = await code_for(mailing, mail_server, browser)
        for _ in range(MAX_TRIES):
            await show(browser, wrong(code))
        assert problem_of(await show(browser, code)) == (400, "invalid_code")
    async with mailing.client() as browser:
        code = await code_for(mailing, mail_server, browser)
        mailing.clock.now += CODE_LIFETIME.total_seconds()
        assert problem_of(await show(browser, code)) == (400, "invalid_code")


async def test_03_a_code_is_bound_to_its_address_and_to_the_browser_that_asked(
    mailing: Accounts, mail_server: MailServer
) -> None:
    await with_account(mailing, mail_server)
    async with mailing.client() as browser, mailing.client() as thief:
        code = await code_for(mailing, mail_server, browser)
        assert problem_of(await show(thief, code)) == (400, "invalid_code")
        await ask(thief)
        assert problem_of(await show(thief, code)) == (400, "invalid_code")
        for _ in range(MAX_TRIES):
            await show(thief, wrong(code))
        assert problem_of(await show(browser, code, "ravi@example.org")) == (400, "invalid_code")
        assert (await show(browser, code)).status_code == 200, "a stranger's request or tries cost the owner theirs"


async def test_03_codes_are_kept_as_a_keyed_hash_and_survive_a_restart(tmp_path: Path, mail_server: MailServer) -> None:
    folder, settings = tmp_path / "app", mail_server.settings() | {"rate_limits": False}
    async with open_accounts(folder, **settings) as before:
        await with_account(before, mail_server)
        browser = before.client()
        code = await code_for(before, mail_server, browser)
        cookies = dict(browser.cookies)
    kept = b"".join(file.read_bytes() for file in folder.glob("accounts.db*"))
    assert ADDRESS.encode() in kept
    assert code.encode() not in kept
    assert cookies["batiyoun-code"].encode() not in kept
    async with open_accounts(folder, **settings) as after, after.client() as browser:
        browser.cookies.update(cookies)
        assert (await show(browser, code)).status_code == 200


def test_03_codes_are_spread_over_all_numbers() -> None:
    runtime = Runtime()
    codes = {new_code(runtime) for _ in range(2_000)}
    assert all(len(code) == 6 and code.isascii() and code.isdigit() for code in codes)
    assert len(codes) > 1_980  # 2000 of a million meet about twice
    assert {code[0] for code in codes} == set("0123456789")


async def test_04_a_new_code_voids_the_one_before(mailing: Accounts, mail_server: MailServer) -> None:
    await with_account(mailing, mail_server)
    async with mailing.client() as browser:
        old = await code_for(mailing, mail_server, browser)
        old_cookie = browser.cookies["batiyoun-code"]
        new = await code_for(mailing, mail_server, browser)
        assert problem_of(await show(browser, old)) == (400, "invalid_code")
        async with mailing.client(cookie=f"batiyoun-code={old_cookie}") as clever:
            assert problem_of(await show(clever, old)) == (400, "invalid_code")
        assert (await show(browser, new)).status_code == 200


async def test_04_of_parallel_verifies_one_succeeds(mailing: Accounts, mail_server: MailServer) -> None:
    await with_account(mailing, mail_server)
    async with mailing.client() as browser:
        code = await code_for(mailing, mail_server, browser)
        cookie = f"batiyoun-code={browser.cookies['batiyoun-code']}"

        async def race() -> httpx.Response:
            async with mailing.client(cookie=cookie) as racer:
                return await show(racer, code)

        answers = await asyncio.gather(*(race() for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 7


async def test_15_the_cookie_of_a_code_is_for_this_host_alone(tmp_path: Path, mail_server: MailServer) -> None:
    async with open_accounts(tmp_path / "app", public_url="https://chat.example.org", **mail_server.settings()) as app:
        answer = await ask(app.client(), "signup")
        cookie = SimpleCookie(answer.headers["set-cookie"])["__Host-batiyoun-code"]
        assert (cookie["httponly"], cookie["samesite"], cookie["secure"], cookie["path"]) == (True, "strict", True, "/")
        assert int(cookie["max-age"]) == CODE_LIFETIME.total_seconds()
        assert cookie["domain"] == ""
