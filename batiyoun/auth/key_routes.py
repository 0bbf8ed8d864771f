"""The HTTP edge of signing keys: their public halves, for whoever checks our access tokens without asking us."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response

from batiyoun.auth.keyring import KeyRing
from batiyoun.http import Body

router = APIRouter(tags=["auth"])

#: seconds; a new key is published twice as long before it signs (`keys.AHEAD`)
CACHE_SECONDS = 300


class Jwk(Body):
    """A public key (RFC 8037)."""

    kty: Literal["OKP"]
    crv: Literal["Ed25519"]
    x: str
    kid: str
    use: Literal["sig"]
    alg: Literal["EdDSA"]


class Jwks(Body):
    """A JSON Web Key Set (RFC 7517)."""

    keys: list[Jwk]


@router.get("/.well-known/jwks.json")
async def jwks(request: Request, response: Response) -> Jwks:
    """The keys that access tokens are signed with now, were until lately, and will be next."""
    ring: KeyRing = request.app.state.keys
    response.headers["Cache-Control"] = f"public, max-age={CACHE_SECONDS}"
    return Jwks.model_validate(ring.jwks())
