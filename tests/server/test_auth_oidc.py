"""Signing in through another provider, with real stores and a real OpenID provider."""

from __future__ import annotations

import time
from pathlib import Path

from sqlalchemy import update

from batiyoun.auth.oidc.model import SIGNUP_LIFETIME
from batiyoun.storage.sql.tables import users
from tests.harness.accounts import Accounts, login, open_accounts, problem_of
from tests.harness.authenticator import turn_on
from tests.harness.oidc import (
    ASHA_ELSEWHERE,
    CALLBACK,
    CLIENT_ID,
    REFUSED,
    ProviderServer,
    Traveller,
    here,
    provider,
    query_of,
    running_provider,
    signed_up_elsewhere,
    traveller,
    travelling,
)

__all__ = ["here", "provider", "traveller"]

# ── signing up and in ─────────────────────────────────────────────────────────────────────────────────────────────────


async def test_12_the_browser_goes_there_with_everything_that_binds_it(traveller: Traveller) -> None:
    options = (await traveller.app.get("/api/auth/options")).json()
    assert options["oidc"] == {"name": "Family ID"}
    answer = await traveller.app.get("/api/auth/google")
    asked = query_of(answer.headers["location"])
    assert (asked["response_type"], asked["client_id"], asked["redirect_uri"]) == ("code", CLIENT_ID, CALLBACK)
    assert asked["code_challenge_method"] == "S256"
    assert {len(asked[name]) for name in ("state", "nonce", "code_challenge")} == {43}
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    again = query_of(await traveller.depart())
    assert not {asked[name] for name in ("state", "nonce", "code_challenge")} & set(again.values())


async def test_signing_up_then_in_again(here: Accounts, traveller: Traveller) -> None:
    assert (await traveller.go()).headers["location"] == "/sign-up#oidc"
    assert problem_of(await traveller.app.get("/api/users/me")) == (401, "unauthenticated")
    waiting = (await traveller.app.get("/api/auth/oidc/pending")).json()
    assert {name: value for name, value in waiting.items() if name != "expiresAt"} == {
        "email": "asha@example.org",
        "emailVerified": True,
        "displayName": "Asha Kumari",
        "suggestedUsername": "asha.k",
    }
    body = {"username": "asha", "displayName": "Asha"}
    answer = await traveller.app.post("/api/auth/oidc/signup", json=body)
    assert answer.status_code == 201
    me = answer.json()["user"]
    assert (me["email"], me["verified"], me["provider"]) == ("asha@example.org", True, "oidc")
    assert (await traveller.app.get("/api/users/me")).status_code == 200
    assert problem_of(await traveller.app.get("/api/auth/oidc/pending")) == (401, "sign_in_over")
    async with travelling(here) as phone:
        assert (await phone.go(next="/chats/1?at=2")).headers["location"] == "/chats/1?at=2"
        assert (await phone.app.get("/api/users/me")).json()["username"] == "asha"
        (identity,) = (await phone.app.get("/api/auth/identities")).json()["identities"]
        assert (identity["name"], identity["email"]) == ("Family ID", "asha@example.org")


async def test_a_person_is_issuer_and_subject_whatever_their_address(here: Accounts, traveller: Traveller) -> None:
    await signed_up_elsewhere(traveller)
    async with travelling(here) as phone:
        moved = ASHA_ELSEWHERE | {"email": "new@example.org"}
        assert (await phone.go(moved)).headers["location"] == "/"
        assert (await phone.app.get("/api/users/me")).json()["email"] == "asha@example.org"
    async with travelling(here) as other:
        namesake = ASHA_ELSEWHERE | {"sub": "2", "email": "other@example.org"}
        assert (await other.go(namesake)).headers["location"] == "/sign-up#oidc"
        suggested = (await other.app.get("/api/auth/oidc/pending")).json()["suggestedUsername"]
        assert suggested == "asha.k"


async def test_claims_may_come_from_the_userinfo_endpoint(tmp_path: Path) -> None:
    async with (
        running_provider("userinfo") as provider,
        open_accounts(tmp_path, **provider.settings()) as accounts,
        travelling(accounts) as person,
    ):
        accounts.clock.now = time.time()
        assert (await person.go()).headers["location"] == "/sign-up#oidc"
        assert (await person.app.get("/api/auth/oidc/pending")).json()["displayName"] == "Asha Kumari"


async def test_a_suggested_username_is_free(here: Accounts, traveller: Traveller) -> None:
    await here.signed_up("asha.k", email="x@example.org")
    await traveller.go()
    assert (await traveller.app.get("/api/auth/oidc/pending")).json()["suggestedUsername"] == "asha.k2"


async def test_the_second_factor_is_asked_for(here: Accounts, traveller: Traveller) -> None:
    await signed_up_elsewhere(traveller)
    app, _ = await turn_on(here, traveller.app)
    async with travelling(here) as phone:
        assert (await phone.go()).headers["location"] == "/sign-in#second-factor"
        assert problem_of(await phone.app.get("/api/users/me")) == (401, "unauthenticated")
        done = await phone.app.post("/api/auth/second-factor", json={"code": app.next()})
        assert (done.status_code, done.json()["user"]["username"]) == (200, "asha")


async def test_08_the_session_before_ends(here: Accounts, traveller: Traveller) -> None:
    await signed_up_elsewhere(traveller)
    old = traveller.app.cookies["batiyoun"]
    assert (await traveller.go()).headers["location"] == "/"
    assert traveller.app.cookies["batiyoun"] != old
    assert await here.auth.authenticate_cookie(f"batiyoun={old}") is None


async def test_a_disabled_person_does_not_get_in(here: Accounts, traveller: Traveller) -> None:
    await signed_up_elsewhere(traveller)
    async with here.stores.database.writing() as connection:
        await connection.execute(update(users).values(disabled=True))
    async with travelling(here) as phone:
        assert (await phone.go()).headers["location"] == REFUSED


async def test_the_sign_up_form_waits_half_an_hour(here: Accounts, traveller: Traveller) -> None:
    await traveller.go()
    here.clock.now += SIGNUP_LIFETIME.total_seconds()
    refused = await traveller.app.post("/api/auth/oidc/signup", json={"username": "asha"})
    assert problem_of(refused) == (401, "sign_in_over")


async def test_a_form_is_filled_in_once(here: Accounts, traveller: Traveller) -> None:
    await traveller.go()
    kept = traveller.app.cookies["batiyoun-signup"]
    taken = await here.signed_up("asha", email="x@example.org")
    assert taken
    again = await traveller.app.post("/api/auth/oidc/signup", json={"username": "asha"})
    assert (problem_of(again), set(again.json()["fields"])) == ((409, "username_taken"), {"username"})
    assert (await traveller.app.post("/api/auth/oidc/signup", json={"username": "asha2"})).status_code == 201
    async with here.client(cookie=f"batiyoun-signup={kept}") as other:
        assert problem_of(await other.post("/api/auth/oidc/signup", json={"username": "asha3"})) == (409, "email_taken")


async def test_where_nobody_may_sign_up_the_provider_changes_nothing(tmp_path: Path, provider: ProviderServer) -> None:
    settings = provider.settings() | {"signup": "closed"}
    async with open_accounts(tmp_path, **settings) as closed, travelling(closed) as person:
        closed.clock.now = time.time()
        assert (await person.go()).headers["location"] == "/sign-in#oidc-error=signup_closed"


async def test_an_invitation_is_needed_where_it_is(tmp_path: Path, provider: ProviderServer) -> None:
    settings = provider.settings() | {"signup": "invitation"}
    async with open_accounts(tmp_path, **settings) as invited, travelling(invited) as person:
        invited.clock.now = time.time()
        owner = await invited.signed_up("owner")
        invite = (await owner.post("/api/invites", json={})).json()["invite"]["code"]
        await person.go()
        refused = await person.app.post("/api/auth/oidc/signup", json={"username": "asha"})
        assert problem_of(refused) == (403, "invite_required")
        body = {"username": "asha", "invite": invite}
        assert (await person.app.post("/api/auth/oidc/signup", json=body)).status_code == 201


# ── linking ───────────────────────────────────────────────────────────────────────────────────────────────────────────

SECURITY = "/settings/security"


async def test_linking_from_inside(here: Accounts) -> None:
    async with travelling(here, await here.signed_up("asha")) as person:
        assert (await person.go(intent="link")).headers["location"] == f"{SECURITY}#oidc-linked"
        (linked,) = (await person.app.get("/api/auth/identities")).json()["identities"]
        assert (await person.go(intent="link")).headers["location"] == f"{SECURITY}#oidc-linked", "twice is once"
        async with travelling(here) as phone:
            assert (await phone.go()).headers["location"] == "/"
            assert (await phone.app.get("/api/users/me")).json()["username"] == "asha"
        assert (await person.app.delete(f"/api/auth/identities/{linked['id']}")).status_code == 204
        assert problem_of(await person.app.delete(f"/api/auth/identities/{linked['id']}")) == (404, "not_found")
        async with travelling(here) as phone:
            assert (await phone.go()).headers["location"] == "/sign-in#oidc-error=email_taken"
        kinds = [event["kind"] for event in (await person.app.get("/api/users/me/audit")).json()["events"]]
        assert kinds[0] == "identity_unlinked"
        assert "identity_linked" in kinds


async def test_17_linking_needs_a_session_a_fresh_proof_and_our_own_page(here: Accounts, traveller: Traveller) -> None:
    place = "/api/auth/oidc/link"
    assert problem_of(await traveller.app.post(place)) == (401, "unauthenticated")
    async with travelling(here, await here.signed_up("asha")) as person:
        for forged in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}, {"origin": "null"}):
            assert problem_of(await person.app.post(place, headers=forged)) == (403, "foreign_origin")
        # what a link or a picture on any page can ask for links nothing
        assert (await person.app.get(place)).status_code == 405
        followed = await person.app.get("/api/auth/google", params={"intent": "link"})
        back = await person.visit(followed.headers["location"], ASHA_ELSEWHERE)
        assert (await person.arrive(back)).headers["location"] == "/sign-in#oidc-error=email_taken"
        assert (await person.app.get("/api/auth/identities")).json() == {"identities": []}
        here.clock.now += 600
        assert problem_of(await person.app.post(place)) == (403, "step_up_required")


async def test_who_went_to_link_must_be_who_comes_back(here: Accounts) -> None:
    browser = await here.signed_up("asha")
    await here.signed_up("ravi")
    async with travelling(here, browser) as person:
        back = await person.visit(await person.depart(intent="link"), ASHA_ELSEWHERE)
        await login(browser, "ravi")
        assert (await person.arrive(back)).headers["location"] == f"{SECURITY}#oidc-error=unauthenticated"
        assert (await browser.get("/api/auth/identities")).json() == {"identities": []}


async def test_only_a_verified_address_is_linked_and_to_one_person(here: Accounts, traveller: Traveller) -> None:
    async with travelling(here, await here.signed_up("ravi")) as ravi:
        unchecked = ASHA_ELSEWHERE | {"email_verified": False}
        refused = await ravi.go(unchecked, intent="link")
        assert refused.headers["location"] == f"{SECURITY}#oidc-error=address_unverified"
        await signed_up_elsewhere(traveller)
        refused = await ravi.go(intent="link")
        assert refused.headers["location"] == f"{SECURITY}#oidc-error=identity_taken"


async def test_24_the_last_way_in_and_those_of_others_stay(here: Accounts, traveller: Traveller) -> None:
    await signed_up_elsewhere(traveller)
    (mine,) = (await traveller.app.get("/api/auth/identities")).json()["identities"]
    refused = await traveller.app.delete(f"/api/auth/identities/{mine['id']}")
    assert problem_of(refused) == (409, "last_way_in")
    ravi = await here.signed_up("ravi")
    assert problem_of(await ravi.delete(f"/api/auth/identities/{mine['id']}")) == (404, "not_found")
    here.clock.now += 600
    assert problem_of(await ravi.delete(f"/api/auth/identities/{mine['id']}")) == (403, "step_up_required")


# ── when it does not answer ───────────────────────────────────────────────────────────────────────────────────────────


async def test_50_a_dead_provider_is_said_and_everything_else_works(tmp_path: Path) -> None:
    async with running_provider() as mortal, open_accounts(tmp_path, **mortal.settings()) as accounts:
        accounts.clock.now = time.time()
        async with travelling(accounts) as early, travelling(accounts) as late:
            back = await early.visit(await early.depart(), ASHA_ELSEWHERE)
            await mortal.stop()
            gone = "/sign-in#oidc-error=provider_unavailable"
            assert (await early.arrive(back)).headers["location"] == gone
            accounts.clock.now += 3601
            # where it was is still known; that it is gone shows when the browser gets there
            assert (await late.depart()).startswith(mortal.issuer)
            await accounts.signed_up("ravi")
    async with open_accounts(tmp_path / "other", **mortal.settings()) as accounts, travelling(accounts) as late:
        assert await late.depart() == gone


async def test_without_a_provider_there_is_none(tmp_path: Path) -> None:
    async with open_accounts(tmp_path) as accounts:
        browser = await accounts.signed_up("asha")
        assert (await browser.get("/api/auth/options")).json()["oidc"] is None
        for path in ("google", "google/callback", "identities", "oidc/pending"):
            assert problem_of(await browser.get(f"/api/auth/{path}")) == (404, "not_found")


async def test_too_many_departures_are_answered_on_the_page(tmp_path: Path, provider: ProviderServer) -> None:
    async with open_accounts(tmp_path, **provider.settings()) as accounts, travelling(accounts) as person:
        places = [await person.depart() for _ in range(21)]
        assert places[-1] == "/sign-in#oidc-error=rate_limited"
