"""The second factor over HTTP, with real stores and an authenticator app's own arithmetic."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from batiyoun.auth.second_factor.model import PENDING_LIFETIME, PENDING_TRIES
from tests.harness.accounts import PASSWORD, Accounts, accounts, login, open_accounts, problem_of
from tests.harness.authenticator import App, turn_on
from tests.harness.codes import ADDRESS, code_for, mailing, show, with_account
from tests.harness.mail import MailServer, mail_server

__all__ = ["accounts", "mail_server", "mailing"]

DUE = (401, "second_factor_required")


@pytest.fixture
async def unlimited(tmp_path: Path) -> AsyncIterator[Accounts]:
    async with open_accounts(tmp_path, rate_limits=False) as opened:
        yield opened


def contents(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("accounts.db*"))


async def show_code(browser: httpx.AsyncClient, code: str) -> httpx.Response:
    return await browser.post("/api/auth/second-factor", json={"code": code})


async def protected(accounts: Accounts) -> tuple[httpx.AsyncClient, App, list[str]]:
    """Asha's browser, her app, and her recovery codes."""
    browser = await accounts.signed_up("asha")
    app, codes = await turn_on(accounts, browser)
    return browser, app, codes


async def half_way(accounts: Accounts, address: str = "203.0.113.7") -> httpx.AsyncClient:
    """A browser that showed Asha's password."""
    browser = accounts.client(address)
    assert problem_of(await login(browser)) == DUE
    return browser


# ── on and off ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_an_app_is_set_up_confirmed_and_asked_for(accounts: Accounts) -> None:
    browser = await accounts.signed_up("asha")
    setup = (await browser.post("/api/auth/totp/setup")).json()
    assert setup["uri"].startswith("otpauth://totp/")
    assert f"secret={setup['secret']}" in setup["uri"]
    app = App(setup["secret"], accounts.clock)
    refused = await browser.post("/api/auth/totp/confirm", json={"code": app.wrong()})
    assert (problem_of(refused), set(refused.json()["fields"])) == ((400, "invalid_code"), {"code"})
    assert (await browser.get("/api/auth/second-factor")).json() == {"totp": False, "recoveryCodesLeft": 0}
    assert (await login(accounts.client())).status_code == 200, "nothing is asked for before it is confirmed"
    codes = (await browser.post("/api/auth/totp/confirm", json={"code": app.code()})).json()["recoveryCodes"]
    assert len(set(codes)) == 10
    assert (await browser.get("/api/auth/second-factor")).json() == {"totp": True, "recoveryCodesLeft": 10}
    phone = await half_way(accounts)
    assert problem_of(await phone.get("/api/users/me")) == (401, "unauthenticated")
    done = await show_code(phone, app.next())
    assert (done.status_code, done.json()["user"]["username"]) == (200, "asha")
    assert (await phone.get("/api/users/me")).status_code == 200
    assert "batiyoun-pending" not in phone.cookies


async def test_a_second_app_needs_the_first_to_be_off(accounts: Accounts) -> None:
    browser, _, _ = await protected(accounts)
    assert problem_of(await browser.post("/api/auth/totp/setup")) == (409, "conflict")
    again = await browser.post("/api/auth/totp/confirm", json={"code": "123456"})
    assert problem_of(again) == (409, "conflict")
    assert (await browser.delete("/api/auth/totp")).status_code == 204
    assert (await browser.get("/api/auth/second-factor")).json() == {"totp": False, "recoveryCodesLeft": 0}
    assert (await login(accounts.client())).status_code == 200
    assert (await browser.post("/api/auth/totp/setup")).status_code == 200


@pytest.mark.parametrize(("method", "path"), [("POST", "totp/setup"), ("DELETE", "totp"), ("POST", "recovery-codes")])
async def test_turning_it_on_and_off_needs_a_fresh_proof(accounts: Accounts, method: str, path: str) -> None:
    browser, _, _ = await protected(accounts)
    accounts.clock.now += 600
    refused = await browser.request(method, f"/api/auth/{path}")
    assert problem_of(refused) == (403, "step_up_required")
    assert refused.json()["methods"] == ["password", "totp"]


async def test_a_code_of_the_app_is_a_fresh_proof(accounts: Accounts) -> None:
    browser, app, _ = await protected(accounts)
    accounts.clock.now += 600
    wrong = await browser.post("/api/auth/step-up", json={"totp": app.wrong()})
    assert (problem_of(wrong), set(wrong.json()["fields"])) == ((400, "invalid_code"), {"totp"})
    code = app.code()
    assert (await browser.post("/api/auth/step-up", json={"totp": code})).status_code == 204
    assert (await browser.delete("/api/auth/totp")).status_code == 204


@pytest.mark.parametrize("body", [{}, {"password": PASSWORD, "totp": "123456"}, {"password": None}, {"totp": 123456}])
async def test_31_one_proof_at_a_time(accounts: Accounts, body: dict[str, object]) -> None:
    browser = await accounts.signed_up("asha")
    assert problem_of(await browser.post("/api/auth/step-up", json=body)) == (400, "invalid_input")


# ── every way in ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_code_by_mail_does_not_go_around_it(mailing: Accounts, mail_server: MailServer) -> None:
    browser = await with_account(mailing, mail_server)
    app, _ = await turn_on(mailing, browser)
    phone = mailing.client()
    assert problem_of(await show(phone, await code_for(mailing, mail_server, phone), ADDRESS)) == DUE
    assert problem_of(await phone.get("/api/users/me")) == (401, "unauthenticated")
    assert (await show_code(phone, app.next())).status_code == 200


async def test_the_cookie_that_waits_is_no_session(accounts: Accounts) -> None:
    await protected(accounts)
    phone = await half_way(accounts)
    secret = phone.cookies["batiyoun-pending"]
    async with accounts.client(cookie=f"batiyoun={secret}") as thief:
        assert problem_of(await thief.get("/api/users/me")) == (401, "unauthenticated")
    assert await accounts.auth.authenticate_cookie(f"batiyoun={secret}") is None
    assert await accounts.auth.authenticate_token(secret) is None


async def test_08_the_session_before_ends_only_when_the_second_factor_is_shown(accounts: Accounts) -> None:
    browser, app, _ = await protected(accounts)
    old = browser.cookies["batiyoun"]
    assert problem_of(await login(browser)) == DUE
    assert await accounts.auth.authenticate_cookie(f"batiyoun={old}") is not None
    assert (await show_code(browser, app.next())).status_code == 200
    assert browser.cookies["batiyoun"] != old
    assert await accounts.auth.authenticate_cookie(f"batiyoun={old}") is None


# ── what a code withstands ────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_code_of_the_app_is_accepted_once(accounts: Accounts) -> None:
    _, app, _ = await protected(accounts)
    phone, laptop = await half_way(accounts), await half_way(accounts)
    assert problem_of(await show_code(phone, app.code())) == (400, "invalid_code"), "it confirmed the app already"
    code = app.next()
    assert (await show_code(phone, code)).status_code == 200
    assert problem_of(await show_code(laptop, code)) == (400, "invalid_code")
    assert problem_of(await show_code(laptop, app.code(-1))) == (400, "invalid_code"), "nor an older one"
    assert (await show_code(laptop, app.code(1))).status_code == 200, "a clock may be a step ahead"


async def test_codes_of_other_times_are_wrong(accounts: Accounts) -> None:
    _, app, _ = await protected(accounts)
    accounts.clock.now += 300
    phone = await half_way(accounts)
    for steps in (-3, -2, 2, 3):
        assert problem_of(await show_code(phone, app.code(steps))) == (400, "invalid_code")
    assert (await show_code(phone, app.code(-1))).status_code == 200, "or a step behind"


async def test_codes_may_be_typed_in_groups_and_other_digits(accounts: Accounts) -> None:
    _, app, _ = await protected(accounts)
    phone = await half_way(accounts)
    code = app.next().translate({ord(str(digit)): 0x966 + digit for digit in range(10)})
    assert (await show_code(phone, f" {code[:3]} {code[3:]}")).status_code == 200


async def test_03_five_tries_then_the_sign_in_begins_anew(unlimited: Accounts) -> None:
    _, app, _ = await protected(unlimited)
    phone = await half_way(unlimited)
    for _ in range(PENDING_TRIES):
        assert problem_of(await show_code(phone, app.wrong())) == (400, "invalid_code")
    assert problem_of(await show_code(phone, app.next())) == (401, "sign_in_over")
    phone = await half_way(unlimited)
    assert (await show_code(phone, app.next())).status_code == 200


async def test_03_a_sign_in_waits_ten_minutes_and_finishes_once(accounts: Accounts) -> None:
    _, app, _ = await protected(accounts)
    phone = await half_way(accounts)
    kept = phone.cookies["batiyoun-pending"]
    accounts.clock.now += PENDING_LIFETIME.total_seconds()
    assert problem_of(await show_code(phone, app.code())) == (401, "sign_in_over")
    phone = await half_way(accounts)
    kept = phone.cookies["batiyoun-pending"]
    assert (await show_code(phone, app.next())).status_code == 200
    async with accounts.client(cookie=f"batiyoun-pending={kept}") as thief:
        assert problem_of(await show_code(thief, app.next())) == (401, "sign_in_over")


async def test_a_code_without_a_sign_in_that_waits_is_refused(accounts: Accounts) -> None:
    _, app, _ = await protected(accounts)
    for cookie in ("", "batiyoun-pending=x", f"batiyoun-pending={'A' * 43}"):
        async with accounts.client(cookie=cookie) as stranger:
            assert problem_of(await show_code(stranger, app.next())) == (401, "sign_in_over")


async def test_a_new_password_voids_the_sign_ins_that_wait(accounts: Accounts) -> None:
    _, app, _ = await protected(accounts)
    phone = await half_way(accounts)
    (session,) = await accounts.auth.sessions_of((await accounts.stores.users.search("asha", 1))[0].id)
    await accounts.auth.revoke_all(session.user_id, keep=[session.id])
    assert problem_of(await show_code(phone, app.next())) == (401, "sign_in_over")


async def test_02_guessing_codes_gets_slower_from_one_address_only(unlimited: Accounts, tmp_path: Path) -> None:
    async with open_accounts(tmp_path / "limited") as accounts:
        _, app, _ = await protected(accounts)
        phone, guesser = await half_way(accounts), await half_way(accounts, "198.51.100.9")
        answers = [await show_code(guesser, app.wrong()) for _ in range(PENDING_TRIES)]
        assert {problem_of(answer) for answer in answers} == {(400, "invalid_code")}
        guesser = await half_way(accounts, "198.51.100.9")
        refused = await show_code(guesser, app.wrong())
        assert problem_of(refused) == (429, "rate_limited")
        assert int(refused.headers["retry-after"]) >= 1
        assert (await show_code(phone, app.next())).status_code == 200, "its owner is not locked out"


async def test_02_guessing_from_everywhere_stops_while_recovery_codes_go_on(accounts: Accounts) -> None:
    _, app, codes = await protected(accounts)
    for number in range(5):
        guesser = await half_way(accounts, f"198.51.100.{number}")
        for _ in range(4):
            assert problem_of(await show_code(guesser, app.wrong())) == (400, "invalid_code")
    elsewhere = await half_way(accounts, "192.0.2.1")
    assert problem_of(await show_code(elsewhere, app.code(1))) == (429, "rate_limited")
    assert (await show_code(elsewhere, codes[0])).status_code == 200, "nobody is locked out"


async def test_02_codes_that_are_tried_all_at_once_get_no_further(accounts: Accounts) -> None:
    _, app, _ = await protected(accounts)
    guessers = [await half_way(accounts, f"198.51.100.{number}") for number in range(10)]
    wrong = app.wrong()
    answers = await asyncio.gather(*(show_code(guesser, wrong) for guesser in guessers for _ in range(4)))
    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(400), statuses.count(429)) == (20, 20), "more guesses were tried than one after the other"


async def test_02_a_setup_that_was_forgotten_is_not_finished_by_guessing(accounts: Accounts) -> None:
    browser = await accounts.signed_up("asha")
    app = App((await browser.post("/api/auth/totp/setup")).json()["secret"], accounts.clock)
    answers = [await browser.post("/api/auth/totp/confirm", json={"code": app.wrong()}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [400] * 5 + [429]
    accounts.clock.now += 30
    assert (await browser.post("/api/auth/totp/confirm", json={"code": app.code()})).status_code == 200


# ── recovery codes ────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_recovery_code_signs_in_once(accounts: Accounts) -> None:
    browser, _, codes = await protected(accounts)
    phone, laptop = await half_way(accounts), await half_way(accounts)
    typed = codes[4].upper().replace("-", " ").replace("0", "o").replace("1", "l")
    assert (await show_code(phone, typed)).status_code == 200
    assert problem_of(await show_code(laptop, codes[4])) == (400, "invalid_code")
    assert (await browser.get("/api/auth/second-factor")).json() == {"totp": True, "recoveryCodesLeft": 9}


async def test_fresh_recovery_codes_void_those_before(accounts: Accounts) -> None:
    browser, _, before = await protected(accounts)
    after = (await browser.post("/api/auth/recovery-codes")).json()["recoveryCodes"]
    assert not set(before) & set(after)
    phone = await half_way(accounts)
    assert problem_of(await show_code(phone, before[0])) == (400, "invalid_code")
    assert (await show_code(phone, after[0])).status_code == 200


async def test_recovery_codes_go_with_an_app(accounts: Accounts) -> None:
    browser = await accounts.signed_up("asha")
    assert problem_of(await browser.post("/api/auth/recovery-codes")) == (409, "conflict")


async def test_a_recovery_code_is_no_fresh_proof(accounts: Accounts) -> None:
    browser, _, codes = await protected(accounts)
    refused = await browser.post("/api/auth/step-up", json={"totp": codes[0]})
    assert problem_of(refused) == (400, "invalid_code")
    phone = await half_way(accounts)
    assert (await show_code(phone, codes[0])).status_code == 200, "and it was not used up"


# ── what is kept ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_49_neither_secret_nor_codes_are_in_the_database(accounts: Accounts, tmp_path: Path) -> None:
    _, app, codes = await protected(accounts)
    phone = await half_way(accounts)
    waiting = phone.cookies["batiyoun-pending"]
    await accounts.stores.database.close()
    kept = contents(tmp_path)
    assert b"asha@example.org" in kept
    for secret in (app.secret, waiting, *codes, *(code.replace("-", "") for code in codes)):
        assert secret.encode() not in kept


async def test_it_is_written_down(accounts: Accounts) -> None:
    browser, app, codes = await protected(accounts)
    phone = await half_way(accounts)
    await show_code(phone, app.wrong())
    await accounts.auth.audit.settled()
    await show_code(phone, codes[0])
    accounts.clock.now += 1
    await browser.post("/api/auth/recovery-codes")
    await browser.delete("/api/auth/totp")
    events = (await browser.get("/api/users/me/audit")).json()["events"]
    kinds = [event["kind"] for event in reversed(events)]
    assert kinds == [
        "signed_up", "signed_in", "totp_on", "second_factor_failed", "recovery_code_used", "signed_in",
        "recovery_codes_made", "totp_off",
    ]  # fmt: skip
    assert events[2]["details"] == {"by": "password", "second": "recovery_code"}
