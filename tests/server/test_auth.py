"""Signing in and out over HTTP, with real stores."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from functools import partial
from http.cookies import SimpleCookie
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update

from batiyoun.auth.model import ABSOLUTE_LIFETIME, IDLE_LIFETIME
from batiyoun.auth.service import Principal, read_cookie
from batiyoun.storage.sql.tables import users
from tests.harness.accounts import ASHA, PASSWORD, Accounts, accounts, login, open_accounts, problem_of
from tests.harness.timing import ALIKE, difference, seconds

__all__ = ["accounts"]


def cookie_of(answer: httpx.Response) -> str:
    return answer.headers["set-cookie"].partition(";")[0]


def contents(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("accounts.db*"))


def break_database(folder: Path) -> None:
    for file in folder.glob("accounts.db*"):
        file.unlink()
    (folder / "accounts.db").mkdir()


# ── signing in ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("identifier", ["asha", "ASHA", " asha ", "asha@example.org", "Asha@Example.ORG"])
async def test_login_by_username_or_address(accounts: Accounts, identifier: str) -> None:
    await accounts.signed_up("asha")
    async with accounts.client() as browser:
        answer = await login(browser, identifier)
        assert (answer.status_code, answer.json()["user"]["username"]) == (200, "asha")
        assert (await browser.get("/api/users/me")).status_code == 200


async def test_a_browser_learns_without_an_error_whether_it_has_a_session(accounts: Accounts) -> None:
    await accounts.signed_up("asha")
    async with accounts.client() as browser:

        async def told() -> object:
            return (await browser.get("/api/auth/options")).json()["signedIn"]

        assert await told() is False
        await login(browser, "asha")
        assert await told() is True
        await browser.post("/api/auth/logout")
        assert await told() is False


async def test_01_unknown_and_wrong_are_answered_alike(accounts: Accounts) -> None:
    await accounts.signed_up("asha")
    async with accounts.client() as browser:
        wrong, unknown = await login(browser, "asha", "wrong password"), await login(browser, "ravi", "wrong password")
    assert problem_of(wrong) == (401, "invalid_login")
    assert wrong.content == unknown.content
    assert set(wrong.headers) == set(unknown.headers)


@pytest.fixture
async def timed(tmp_path: Path) -> AsyncIterator[Accounts]:
    """Asha is here; checking a password takes about 15 ms, and nobody is told to wait."""
    async with open_accounts(tmp_path, password_cost=8, rate_limits=False) as opened:
        await opened.signed_up("asha")
        yield opened


async def told_apart(accounts: Accounts, **difference_of: int) -> float:
    """Seconds by which a wrong password of Asha's takes longer than that of an account which does not exist."""
    async with accounts.client() as browser:

        async def fail(identifier: str) -> float:
            async def ask() -> None:
                assert (await login(browser, identifier, "wrong password")).status_code == 401

            return await seconds(ask())

        return await difference(partial(fail, "asha"), partial(fail, "nobody"), **difference_of)


async def test_01_unknown_and_wrong_take_the_same_time(timed: Accounts) -> None:
    assert abs(await told_apart(timed)) < ALIKE


async def test_01_a_password_that_is_not_checked_would_be_noticed(
    timed: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the test above would say if accounts that do not exist cost no work, or a little less."""
    passwords = timed.auth._passwords
    verify = passwords.verify

    async def careless(password: str, password_hash: str | None) -> bool:
        return password_hash is not None and await verify(password, password_hash)

    async def nearly(password: str, password_hash: str | None) -> bool:
        if password_hash is not None:
            await asyncio.sleep(1.5 * ALIKE)
        return await verify(password, password_hash)

    for leak in (careless, nearly):
        monkeypatch.setattr(passwords, "verify", leak)
        assert await told_apart(timed, most=80) > ALIKE


async def test_a_disabled_account_cannot_sign_in_and_is_signed_out(accounts: Accounts) -> None:
    browser = await accounts.signed_up("asha")
    async with accounts.stores.database.writing() as connection:
        await connection.execute(update(users).values(disabled=True))
    accounts.clock.now += 11
    assert problem_of(await browser.get("/api/users/me")) == (401, "unauthenticated")
    assert problem_of(await login(browser)) == (401, "invalid_login")


async def test_08_a_session_is_new_at_login_and_the_old_one_ends(accounts: Accounts) -> None:
    browser = await accounts.signed_up("asha")
    revoked: list[str] = []
    accounts.auth.on_revoked.append(lambda session_id, user_id: revoked.append(session_id))
    old = dict(browser.cookies)
    assert (await login(browser)).status_code == 200
    assert dict(browser.cookies) != old
    assert len(revoked) == 1
    async with accounts.client() as thief:
        thief.cookies.update(old)
        assert problem_of(await thief.get("/api/users/me")) == (401, "unauthenticated")
    assert (await browser.get("/api/users/me")).status_code == 200


async def test_08_a_cookie_that_was_planted_is_not_adopted(accounts: Accounts) -> None:
    await accounts.signed_up("asha")
    async with accounts.client() as browser:
        planted = "A" * 43
        answer = await browser.post(
            "/api/auth/login",
            json={"identifier": "asha", "password": PASSWORD},
            headers={"cookie": f"batiyoun={planted}"},
        )
        assert planted not in cookie_of(answer)
        stolen = await browser.get("/api/users/me", headers={"cookie": f"batiyoun={planted}"})
        assert stolen.status_code == 401


async def test_08_the_cookie_holds_256_bits_and_is_kept_as_a_hash(accounts: Accounts, tmp_path: Path) -> None:
    browser = await accounts.signed_up("asha")
    token = browser.cookies["batiyoun"]
    assert len(token) == 43
    await accounts.stores.database.close()
    kept = contents(tmp_path)
    assert b"asha@example.org" in kept
    assert token.encode() not in kept
    assert PASSWORD.encode() not in kept


async def test_15_cookies_on_loopback_and_over_https(accounts: Accounts, tmp_path: Path) -> None:
    async with accounts.client() as browser:
        cookie = SimpleCookie((await browser.post("/api/auth/signup", json=ASHA)).headers["set-cookie"])["batiyoun"]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["secure"]) == (True, "lax", "/", "")
        assert int(cookie["max-age"]) == ABSOLUTE_LIFETIME.total_seconds()
        assert cookie["domain"] == ""
    async with open_accounts(tmp_path / "tls", public_url="https://chat.example.org") as secure:
        browser = await secure.signed_up("asha")
        answer = await login(browser)
        cookie = SimpleCookie(answer.headers["set-cookie"])["__Host-batiyoun"]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["secure"]) == (True, "lax", "/", True)
        assert cookie["domain"] == ""
        plain = await browser.get("/api/users/me", headers={"cookie": f"batiyoun={cookie.value}"})
        assert plain.status_code == 401, "a cookie that another host could have set was taken"


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("a=1; batiyoun=x; b=2", "x"),
        ("batiyoun=x;batiyoun=x", "x"),
        ("batiyoun=x; batiyoun=y", None),
        ("notbatiyoun=x", None),
        ("batiyoun", None),
        ("", None),
        ("batiyoun==", "="),
    ],
)
def test_08_a_cookie_given_twice_is_nobody_s(header: str, value: str | None) -> None:
    assert read_cookie(header, "batiyoun") == value


async def test_passwords_of_another_cost_are_hashed_anew_at_login(tmp_path: Path) -> None:
    async with open_accounts(tmp_path, password_cost=4) as before:
        await before.signed_up("asha")
    async with open_accounts(tmp_path, password_cost=5) as after:
        for _ in range(2):
            async with after.client() as browser:
                assert (await login(browser)).status_code == 200
            account = await after.stores.accounts.by_identifier("asha")
            assert account is not None
            assert (account.password_hash or "").startswith("$2b$05$")


# ── limits ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_02_guessing_is_slowed_down_with_a_time_to_come_back(accounts: Accounts) -> None:
    await accounts.signed_up("asha")
    async with accounts.client() as thief:
        answers = [await login(thief, "asha", f"guess {number}") for number in range(6)]
        assert [answer.status_code for answer in answers] == [401] * 5 + [429]
        last = answers[-1]
        assert problem_of(last) == (429, "rate_limited")
        assert last.headers["retry-after"] == "2"
        assert last.json()["retryAfter"] == 2
        assert last.json()["retryable"] is False
        assert problem_of(await login(thief)) == (429, "rate_limited"), "the right guess must not be told apart"
        accounts.clock.now += 2
        assert (await login(thief)).status_code == 200
    async with accounts.client("198.51.100.9") as owner:
        assert (await login(owner)).status_code == 200


async def test_01_wrong_passwords_for_a_name_do_not_tell_its_address(accounts: Accounts) -> None:
    """One wait for both would: whoever made a name wait could try out whose address waits along."""
    await accounts.signed_up("asha")
    async with accounts.client() as thief:
        answers = [await login(thief, "asha", f"guess {number}") for number in range(6)]
        assert problem_of(answers[-1]) == (429, "rate_limited")
        for address in ("asha@example.org", "nobody@example.org"):
            alike = [problem_of(await login(thief, address, f"guess {number}")) for number in range(6)]
            assert alike == [(401, "invalid_login")] * 5 + [(429, "rate_limited")], address


async def test_02_passwords_that_are_tried_all_at_once_get_no_further(accounts: Accounts) -> None:
    await accounts.signed_up("asha")
    async with accounts.client() as thief:
        answers = await asyncio.gather(*(login(thief, "asha", f"guess {number}") for number in range(20)))
    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(401), statuses.count(429)) == (5, 15), "more guesses were tried than one after the other"


async def test_38_an_address_that_tries_many_accounts_is_told_to_wait(accounts: Accounts) -> None:
    async with accounts.client() as thief:
        answers = [await login(thief, f"user{number}", "12345678") for number in range(21)]
    assert [answer.status_code for answer in answers] == [401] * 20 + [429]
    assert answers[0].headers["ratelimit-policy"] == '"login";q=20;w=120'
    assert answers[0].headers["ratelimit"] == '"login";r=19;t=6'
    assert answers[-1].headers["ratelimit"] == '"login";r=0;t=6'
    assert answers[-1].headers["retry-after"] == "6"


async def test_38_signup_and_name_checks_are_limited_by_address(accounts: Accounts) -> None:
    async with accounts.client() as robot:
        made = [
            (await robot.post("/api/auth/signup", json=ASHA | {"email": f"{n}@example.org", "username": f"user{n}"}))
            for n in range(21)
        ]
        asked = [await robot.get("/api/auth/check-username", params={"username": "asha"}) for _ in range(61)]
    assert [answer.status_code for answer in made] == [201] * 20 + [429]
    assert [answer.status_code for answer in asked] == [200] * 60 + [429]


# ── who is it, and good-bye ───────────────────────────────────────────────────────────────────────────────────────────


async def test_verify_me_gives_a_token_that_speaks_for_the_session(accounts: Accounts) -> None:
    browser = await accounts.signed_up("asha")
    me = (await browser.get("/api/auth/verify-me")).json()
    assert set(me) == {"user", "token", "expiresAt"}
    async with accounts.client() as api:
        bearer = {"authorization": f"Bearer {me['token']}"}
        assert (await api.get("/api/users/me", headers=bearer)).json()["id"] == me["user"]["id"]
        principal = await accounts.auth.authenticate_token(me["token"])
        assert principal is not None
        assert principal == await accounts.auth.authenticate_cookie(f"batiyoun={browser.cookies['batiyoun']}")
        accounts.clock.now += 300
        assert problem_of(await api.get("/api/users/me", headers=bearer)) == (401, "unauthenticated")


async def test_09_logout_ends_the_session_its_tokens_and_its_sockets(accounts: Accounts) -> None:
    browser = await accounts.signed_up("asha")
    told: list[tuple[str, str]] = []
    accounts.auth.on_revoked.append(lambda session_id, user_id: told.append((session_id, user_id)))
    me = (await browser.get("/api/auth/verify-me")).json()
    kept = f"batiyoun={browser.cookies['batiyoun']}"
    answer = await browser.post("/api/auth/logout")
    assert answer.status_code == 204
    assert 'batiyoun=""' in answer.headers["set-cookie"]
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert [user_id for _, user_id in told] == [me["user"]["id"]]
    assert await accounts.auth.authenticate_cookie(kept) is None
    assert await accounts.auth.authenticate_token(me["token"]) is None
    async with accounts.client() as again:
        assert (await again.get("/api/users/me", headers={"cookie": kept})).status_code == 401
        assert (await again.post("/api/auth/logout")).status_code == 204


async def test_09_all_sessions_but_one_can_be_ended(accounts: Accounts) -> None:
    phone = await accounts.signed_up("asha")
    laptop = accounts.client()
    await login(laptop)
    principal = await accounts.auth.authenticate_cookie(f"batiyoun={laptop.cookies['batiyoun']}")
    assert principal is not None
    assert len(await accounts.auth.sessions_of(principal.user_id)) == 2
    await accounts.auth.revoke_all(principal.user_id, keep=[principal.session_id])
    assert (await phone.get("/api/users/me")).status_code == 401
    assert (await laptop.get("/api/users/me")).status_code == 200


async def test_10_an_idle_session_is_over_after_seven_days(accounts: Accounts) -> None:
    browser = await accounts.signed_up("asha")
    accounts.clock.now += IDLE_LIFETIME.total_seconds() - 1
    assert (await browser.get("/api/users/me")).status_code == 200
    accounts.clock.now += IDLE_LIFETIME.total_seconds() + 60
    assert problem_of(await browser.get("/api/users/me")) == (401, "unauthenticated")


async def test_a_session_knows_its_browser_and_its_latest_end(accounts: Accounts) -> None:
    browser = accounts.client(**{"user-agent": "Firefox\x7f" + "x" * 500})
    await browser.post("/api/auth/signup", json=ASHA)
    principal = await accounts.auth.authenticate_cookie(f"batiyoun={browser.cookies['batiyoun']}")
    assert isinstance(principal, Principal)
    assert principal.ends_at == accounts.clock.now + ABSOLUTE_LIFETIME.total_seconds()
    (session,) = await accounts.auth.sessions_of(principal.user_id)
    assert session.user_agent == ("Firefox" + "x" * 500)[:256]


@pytest.mark.parametrize(
    ("name", "available", "reason"),
    [
        ("ravi", True, ""),
        ("ASHA", False, "taken"),
        ("a", False, "3 to 32"),
        ("आशा", False, "3 to 32"),
        ("a\0b", False, "3 to 32"),
    ],
)
async def test_whether_a_username_could_be_had(accounts: Accounts, name: str, available: bool, reason: str) -> None:
    await accounts.signed_up("asha")
    async with accounts.client() as browser:
        answer = (await browser.get("/api/auth/check-username", params={"username": name})).json()
    assert answer["available"] is available
    assert reason in (answer["reason"] or "")


@pytest.mark.parametrize(
    "authorization",
    ["Bearer", "Bearer ", "Bearer x", "bearer a.b.c", "Basic YTpi", "Bearer " + "x" * 9_000, "é", "Bearer null"],
)
async def test_11_what_is_no_token_is_nobody(accounts: Accounts, authorization: str) -> None:
    await accounts.signed_up("asha")
    async with accounts.client() as api:
        answer = await api.get("/api/users/me", headers=[(b"authorization", authorization.encode())])
    assert problem_of(answer) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_50_a_dead_database_fails_closed_and_plainly(accounts: Accounts, tmp_path: Path) -> None:
    browser = await accounts.signed_up("asha")
    accounts.clock.now += 60
    await accounts.stores.database.close()
    break_database(tmp_path)
    for answer in (await browser.get("/api/users/me"), await login(browser)):
        assert problem_of(answer) == (503, "unavailable")
        assert answer.json()["retryable"] is True
        assert "sqlite" not in answer.text.lower()


async def test_07_whoever_is_turned_away_in_a_flood_costs_no_look_up(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    browser = await accounts.signed_up("asha")
    monkeypatch.setattr(accounts.auth._passwords, "_waiting", 64)
    monkeypatch.setattr(accounts.stores.accounts, "by_identifier", None)
    for _ in range(3):
        answer = await login(browser)
        assert problem_of(answer) == (503, "busy")
        assert answer.headers["retry-after"] == "2"
    assert [record.levelname for record in caplog.records if record.levelno >= logging.WARNING] == ["WARNING"]
    monkeypatch.undo()
    assert (await login(browser)).status_code == 200
