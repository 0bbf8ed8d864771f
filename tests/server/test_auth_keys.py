"""The public halves of the signing keys over HTTP."""

from __future__ import annotations

import jwt

from tests.harness.accounts import Accounts, accounts

__all__ = ["accounts"]


async def test_anybody_can_check_an_access_token_with_the_published_keys(accounts: Accounts) -> None:
    browser = await accounts.signed_up("asha")
    me = (await browser.get("/api/auth/verify-me")).json()
    async with accounts.client() as stranger:
        answer = await stranger.get("/.well-known/jwks.json")
    assert answer.headers["cache-control"] == "public, max-age=300"
    keys = jwt.PyJWKSet.from_dict(answer.json())
    key = keys[jwt.get_unverified_header(me["token"])["kid"]]
    claims = jwt.decode(
        me["token"],
        key,
        algorithms=["EdDSA"],
        audience="batiyoun",
        issuer=accounts.base_url,
        options={"verify_exp": False, "verify_iat": False},
    )
    assert claims["sub"] == me["user"]["id"]


async def test_53_the_private_halves_stay_here(accounts: Accounts) -> None:
    async with accounts.client() as stranger:
        (key,) = (await stranger.get("/.well-known/jwks.json")).json()["keys"]
    assert set(key) == {"kty", "crv", "x", "kid", "use", "alg"}
