"""What signing in through another provider withstands, with real stores and a real OpenID provider."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from batiyoun.auth.model import ATTEMPT_LIFETIME
from batiyoun.storage.sql.tables import users
from tests.harness.accounts import Accounts, login, open_accounts, problem_of
from tests.harness.oidc import (
    ASHA_ELSEWHERE,
    OVER,
    REFUSED,
    ProviderServer,
    Traveller,
    changed,
    here,
    provider,
    query_of,
    signed_up_elsewhere,
    traveller,
    travelling,
)

__all__ = ["here", "provider", "traveller"]

# ── answers that are not for this browser ─────────────────────────────────────────────────────────────────────────────


async def test_12_a_callback_is_good_once(here: Accounts, traveller: Traveller) -> None:
    await signed_up_elsewhere(traveller)
    back = await traveller.visit(await traveller.depart(), ASHA_ELSEWHERE)
    assert (await traveller.arrive(back)).headers["location"] == "/"
    assert (await traveller.arrive(back)).headers["location"] == OVER


async def test_12_a_replayed_code_is_refused(here: Accounts, traveller: Traveller) -> None:
    await signed_up_elsewhere(traveller)
    back = await traveller.visit(await traveller.depart(), ASHA_ELSEWHERE)
    assert (await traveller.arrive(back)).headers["location"] == "/"
    fresh = query_of(await traveller.depart())["state"]
    assert (await traveller.arrive(changed(back, state=fresh))).headers["location"] == REFUSED


async def test_12_a_code_of_another_request_is_refused_by_its_verifier(traveller: Traveller) -> None:
    await signed_up_elsewhere(traveller)
    stolen = await traveller.visit(await traveller.depart(), ASHA_ELSEWHERE)
    mine = query_of(await traveller.depart())["state"]
    assert (await traveller.arrive(changed(stolen, state=mine))).headers["location"] == REFUSED


async def test_12_a_token_for_another_nonce_is_refused(traveller: Traveller) -> None:
    await signed_up_elsewhere(traveller)
    for nonce in ("another", None):
        back = await traveller.visit(changed(await traveller.depart(), nonce=nonce), ASHA_ELSEWHERE)
        assert (await traveller.arrive(back)).headers["location"] == REFUSED


async def test_12_state_belongs_to_the_browser_that_began(here: Accounts, traveller: Traveller) -> None:
    await signed_up_elsewhere(traveller)
    back = await traveller.visit(await traveller.depart(), ASHA_ELSEWHERE)
    async with travelling(here) as victim:
        assert (await victim.arrive(back)).headers["location"] == OVER
        await victim.depart()
        back = await traveller.visit(await traveller.depart(), ASHA_ELSEWHERE)
        assert (await victim.arrive(back)).headers["location"] == OVER
        assert problem_of(await victim.app.get("/api/users/me")) == (401, "unauthenticated")


@pytest.mark.parametrize("state", [None, "", "x", "é", "A" * 43, "A" * 4096])
async def test_12_foreign_state_is_refused(traveller: Traveller, state: str | None) -> None:
    await traveller.depart()
    query = {"code": "x"} | ({"state": state} if state is not None else {})
    answer = await traveller.app.get("/api/auth/google/callback", params=query)
    assert (answer.status_code, answer.headers["location"]) == (302, OVER)


async def test_12_state_is_over_after_ten_minutes(here: Accounts, traveller: Traveller) -> None:
    await signed_up_elsewhere(traveller)
    back = await traveller.visit(await traveller.depart(), ASHA_ELSEWHERE)
    here.clock.now += ATTEMPT_LIFETIME.total_seconds()
    assert (await traveller.arrive(back)).headers["location"] == OVER


@pytest.mark.parametrize("named", ["https://evil.example", None])
async def test_12_an_answer_of_another_issuer_is_refused(traveller: Traveller, named: str | None) -> None:
    await signed_up_elsewhere(traveller)
    back = await traveller.visit(await traveller.depart(), ASHA_ELSEWHERE)
    assert (await traveller.arrive(changed(back, iss=named))).headers["location"] == REFUSED


async def test_12_the_provider_knows_one_place_to_send_people_to(traveller: Traveller) -> None:
    elsewhere = changed(await traveller.depart(), redirect_uri="https://evil.example/api/auth/google/callback")
    assert (await traveller.there.get(elsewhere)).status_code == 400


async def test_saying_no_leads_back(traveller: Traveller) -> None:
    back = await traveller.visit(await traveller.depart(), None)
    assert query_of(back)["error"] == "access_denied"
    assert (await traveller.arrive(back)).headers["location"] == REFUSED


OUTSIDE = [
    "https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "/%0d%0aSet-Cookie:x=1\r\n",
    "javascript:alert(1)", "/a b", "/a//evil.example", "evil.example", "", "/é", "/#@evil.example", "/" + "a" * 200,
    "/api/auth/google", "/api", "/.//evil.example", "/\t/evil.example",
]  # fmt: skip


@pytest.mark.parametrize("place", OUTSIDE)
async def test_14_nobody_is_sent_elsewhere_after_signing_in(traveller: Traveller, place: str) -> None:
    await signed_up_elsewhere(traveller)
    assert (await traveller.go(next=place)).headers["location"] == "/"


# ── accounts that exist ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("verified_here", [True, False])
async def test_13_an_account_with_the_same_address_is_never_taken_over(
    here: Accounts, traveller: Traveller, verified_here: bool
) -> None:
    owner = await here.signed_up("asha")
    async with here.stores.database.writing() as connection:
        await connection.execute(update(users).values(verified=verified_here))
    assert (await traveller.go()).headers["location"] == "/sign-in#oidc-error=email_taken"
    assert problem_of(await traveller.app.get("/api/users/me")) == (401, "unauthenticated")
    assert (await owner.get("/api/auth/identities")).json() == {"identities": []}
    assert (await login(owner)).status_code == 200


async def test_13_an_unverified_address_says_nothing_about_who_is_here(here: Accounts, traveller: Traveller) -> None:
    await here.signed_up("asha")
    unchecked = ASHA_ELSEWHERE | {"email_verified": False}
    assert (await traveller.go(unchecked)).headers["location"] == "/sign-up#oidc"
    waiting = (await traveller.app.get("/api/auth/oidc/pending")).json()
    assert waiting["emailVerified"] is False
    taken = await traveller.app.post("/api/auth/oidc/signup", json={"username": "asha2"})
    assert problem_of(taken) == (409, "email_taken")


async def test_13_an_unverified_address_is_proved_where_that_is_asked_for(
    tmp_path: Path, provider: ProviderServer
) -> None:
    settings = provider.settings() | {"verify_email": True}
    async with open_accounts(tmp_path, **settings) as strict, travelling(strict) as person:
        strict.clock.now = time.time()
        await person.go(ASHA_ELSEWHERE | {"email_verified": False})
        refused = await person.app.post("/api/auth/oidc/signup", json={"username": "asha"})
        assert problem_of(refused) == (403, "address_unverified")
        asked = {"email": "asha@example.org", "purpose": "signup"}
        assert (await person.app.post("/api/auth/request-otp", json=asked)).status_code == 202
        code = next(line.strip() for line in strict.console[-1].splitlines() if line.strip().isdigit())
        proof = {"email": "asha@example.org", "code": code}
        ticket = (await person.app.post("/api/auth/verify-otp", json=proof)).json()["ticket"]
        body = {"username": "asha", "ticket": ticket}
        assert (await person.app.post("/api/auth/oidc/signup", json=body)).status_code == 201


@pytest.mark.parametrize("email", [None, "", "nonsense", "a" * 300 + "@example.org", 7])
async def test_without_an_address_there_is_no_account(traveller: Traveller, email: Any) -> None:
    nobody = {"sub": "7", "email": email, "email_verified": True}
    assert (await traveller.go(nobody)).headers["location"] == "/sign-in#oidc-error=address_unverified"
