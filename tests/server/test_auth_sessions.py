"""The list of one's sign-ins over HTTP, with real stores."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from batiyoun.auth.model import ABSOLUTE_LIFETIME, IDLE_LIFETIME
from tests.harness.accounts import ASHA, Accounts, accounts, login, problem_of

__all__ = ["accounts"]

PHONE = "Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0"


async def listed(browser: httpx.AsyncClient) -> list[dict[str, Any]]:
    answer = await browser.get("/api/auth/sessions")
    assert answer.status_code == 200, answer.text
    sessions: list[dict[str, Any]] = answer.json()["sessions"]
    return sessions


async def test_sign_ins_are_listed_with_their_devices(accounts: Accounts) -> None:
    phone = accounts.client(**{"user-agent": PHONE})
    await phone.post("/api/auth/signup", json=ASHA)
    accounts.clock.now += 3600
    laptop = accounts.client()
    await login(laptop)
    here, there = await listed(laptop)
    assert (here["current"], there["current"]) == (True, False)
    assert there["device"] == {"browser": "Firefox", "os": "Android", "kind": "phone"}
    assert set(here) == {"id", "current", "device", "createdAt", "lastSeenAt", "expiresAt"}, "no address, no place"
    assert there["createdAt"] == there["lastSeenAt"] < here["createdAt"] < here["expiresAt"]
    assert [session["current"] for session in await listed(phone)] == [True, False]


async def test_09_one_of_one_s_own_can_be_ended(accounts: Accounts) -> None:
    phone = await accounts.signed_up("asha")
    laptop = accounts.client()
    await login(laptop)
    ended: list[str] = []
    accounts.auth.on_revoked.append(lambda session_id, _: ended.append(session_id))
    (theirs,) = [session["id"] for session in await listed(laptop) if not session["current"]]
    assert (await laptop.delete(f"/api/auth/sessions/{theirs}")).status_code == 204
    assert ended == [theirs]
    assert problem_of(await phone.get("/api/users/me")) == (401, "session_revoked")
    assert problem_of(await laptop.delete(f"/api/auth/sessions/{theirs}")) == (404, "not_found")
    (own,) = await listed(laptop)
    answer = await laptop.delete(f"/api/auth/sessions/{own['id']}")
    assert answer.status_code == 204
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert problem_of(await laptop.get("/api/users/me")) == (401, "unauthenticated")


async def test_09_who_was_signed_out_from_elsewhere_is_told_so_and_may_sign_in(accounts: Accounts) -> None:
    phone = await accounts.signed_up("asha")
    laptop = accounts.client()
    await login(laptop)
    assert (await laptop.post("/api/auth/sessions/revoke-others")).json() == {"ended": 1}
    for path in ("/api/users/me", "/api/auth/sessions", "/api/auth/verify-me"):
        assert problem_of(await phone.get(path)) == (401, "session_revoked")
    guess = {"cookie": f"batiyoun={'A' * 43}"}
    assert problem_of(await accounts.client().get("/api/users/me", headers=guess)) == (401, "unauthenticated")
    accounts.clock.now += (ABSOLUTE_LIFETIME - IDLE_LIFETIME).total_seconds()
    await accounts.stores.sessions.delete_expired(accounts.clock.runtime().utcnow())
    assert problem_of(await phone.get("/api/users/me")) == (401, "session_revoked"), "however long it was away"
    assert (await login(phone)).status_code == 200
    assert (await phone.get("/api/users/me")).status_code == 200


async def test_09_what_is_replaced_or_has_run_out_was_not_ended_from_elsewhere(accounts: Accounts) -> None:
    browser = await accounts.signed_up("asha")
    before = accounts.client()
    before.cookies.update(dict(browser.cookies))
    await login(browser)
    assert problem_of(await before.get("/api/users/me")) == (401, "unauthenticated")
    accounts.clock.now += IDLE_LIFETIME.total_seconds()
    assert problem_of(await browser.get("/api/users/me")) == (401, "unauthenticated")
    await accounts.stores.sessions.delete_expired(accounts.clock.runtime().utcnow())
    assert problem_of(await browser.get("/api/users/me")) == (401, "unauthenticated")


@pytest.mark.parametrize("nowhere", ["x", "01890000-0000-7000-8000-000000000000", "%00", "' or 1=1 --", "x" * 64])
async def test_24_a_sign_in_of_others_is_as_one_that_does_not_exist(accounts: Accounts, nowhere: str) -> None:
    ravi = await accounts.signed_up("ravi")
    (real,) = [session["id"] for session in await listed(ravi)]
    asha = await accounts.signed_up("asha")
    answers = [await asha.delete(f"/api/auth/sessions/{session_id}") for session_id in (real, nowhere)]
    assert {problem_of(answer) for answer in answers} == {(404, "not_found")}
    assert answers[0].json() == answers[1].json()
    assert (await ravi.get("/api/users/me")).status_code == 200


async def test_09_all_others_can_be_ended_at_once(accounts: Accounts) -> None:
    browsers = [await accounts.signed_up("asha"), accounts.client(), accounts.client()]
    for browser in browsers[1:]:
        await login(browser)
    other = await accounts.signed_up("ravi")
    answer = await browsers[1].post("/api/auth/sessions/revoke-others")
    assert (answer.status_code, answer.json()) == (200, {"ended": 2})
    assert [(await browser.get("/api/users/me")).status_code for browser in browsers] == [401, 200, 401]
    assert (await other.get("/api/users/me")).status_code == 200
    assert (await browsers[1].post("/api/auth/sessions/revoke-others")).json() == {"ended": 0}
    kinds = [event["kind"] for event in (await browsers[1].get("/api/users/me/audit")).json()["events"]]
    assert kinds.count("session_revoked") == 1


async def test_10_what_has_run_out_is_not_listed(accounts: Accounts) -> None:
    await accounts.signed_up("asha")
    accounts.clock.now += IDLE_LIFETIME.total_seconds()
    laptop = accounts.client()
    await login(laptop)
    assert len(await listed(laptop)) == 1
