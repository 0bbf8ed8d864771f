"""The public halves of the signing keys over HTTP."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import jwt
import pytest

from batiyoun.auth.keys import load_signing_key, new_signing_key
from tests.harness.accounts import Accounts, accounts, problem_of

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


def part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "attack", ["nothing", "none", "hmac with the published key", "own key", "own key in the header"]
)
async def test_11_nobody_makes_tokens_from_what_is_published(accounts: Accounts, attack: str) -> None:
    """RFC 8725 §2: what is known of others' mistakes, tried with a real token and the real key set."""
    browser = await accounts.signed_up("asha")
    good = (await browser.get("/api/auth/verify-me")).json()["token"]
    payload = good.split(".")[1]
    async with accounts.client() as api:
        (key,) = (await api.get("/.well-known/jwks.json")).json()["keys"]
        forged = good
        if attack == "none":
            forged = f"{part({'alg': 'none', 'typ': 'at+jwt', 'kid': key['kid']})}.{payload}."
        elif attack.startswith("hmac"):
            head = part({"alg": "HS256", "typ": "at+jwt", "kid": key["kid"]})
            secret = base64.urlsafe_b64decode(key["x"] + "=")
            tag = hmac.new(secret, f"{head}.{payload}".encode(), hashlib.sha256).digest()
            forged = f"{head}.{payload}.{base64.urlsafe_b64encode(tag).decode().rstrip('=')}"
        elif attack.startswith("own"):
            own = load_signing_key(new_signing_key(), accounts.clock.runtime().utcnow())
            claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
            names = {"jwk": own.jwk(), "jku": "https://evil.example/jwks.json"} if "header" in attack else {}
            forged = jwt.encode(claims, own.private, "EdDSA", {"typ": "at+jwt", "kid": key["kid"]} | names)
        answer = await api.get("/api/users/me", headers={"authorization": f"Bearer {forged}"})
    if attack == "nothing":
        assert answer.status_code == 200, "the others must start from a good one"
    else:
        assert problem_of(answer) == (401, "unauthenticated")
