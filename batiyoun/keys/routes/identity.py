"""The HTTP edge of identity keys."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request, Response
from pydantic import Field

from batiyoun.auth.routes import CurrentUser, FreshUser, limit
from batiyoun.http import Body
from batiyoun.keys.model import IdentityKey
from batiyoun.keys.routes.common import Base64, Keys, agent_of, public_key, text_of
from batiyoun.keys.service import KeyService
from batiyoun.limiting import Rate
from batiyoun.mail.model import language_of

router = APIRouter(prefix="/api/keys/identity")

#: by person
CHANGE = Rate("identity-key", burst=20, period=60)
RESET = Rate("identity-reset", burst=5, period=3600)


class NewIdentity(Body):
    """`PUT keys/identity`, `POST keys/identity/reset`: the public half of an identity key (raw Ed25519)."""

    key: Base64


class OwnIdentity(Body):
    """One's own identity key, when another takes its place, and since when there are ways to bring it back."""

    key: str
    created_at: datetime
    reset_at: datetime | None = Field(description="when a new key takes its place, unless somebody cancels it")
    recovery_at: datetime | None = Field(description="since when a recovery code opens the wrapped keys")
    passkey_at: datetime | None = Field(description="since when a passkey opens them, the newest of several")


class ResetAnswer(Body):
    """`POST keys/identity/reset`: when the new key counts; null: it does already."""

    reset_at: datetime | None


@router.put("")
async def put_identity(
    body: NewIdentity, request: Request, response: Response, principal: CurrentUser, keys: Keys
) -> OwnIdentity:
    """Keep one's first identity key: 201, or 200 for the one that is kept already."""
    limit(request, CHANGE, principal.user_id)
    identity, new = await keys.identities.put(principal, public_key(body.key, "key"))
    response.status_code = 201 if new else 200
    return await _view(identity, keys)


@router.get("")
async def read_identity(principal: CurrentUser, keys: Keys) -> OwnIdentity:
    """One's own identity key."""
    identity = await keys.identities.of(principal.user_id)
    return await _view(identity, keys)


@router.post("/reset")
async def reset_identity(body: NewIdentity, request: Request, principal: FreshUser, keys: Keys) -> ResetAnswer:
    """Start over with a new identity key: all devices of before are gone, and what was kept sealed.

    At once, unless another device was seen within 30 days: then in 24 hours, and every device can cancel it.
    """
    limit(request, RESET, principal.user_id)
    reset = await keys.identities.ask_reset(
        principal,
        public_key(body.key, "key"),
        user_agent=agent_of(request),
        language=language_of(request.headers.get("accept-language", "")),
    )
    return ResetAnswer(reset_at=None if reset is None else reset.at)


@router.delete("/reset", status_code=204)
async def cancel_reset(request: Request, principal: CurrentUser, keys: Keys) -> None:
    """Keep the identity key that one has."""
    await keys.identities.cancel_reset(principal, user_agent=agent_of(request))


async def _view(identity: IdentityKey, keys: KeyService) -> OwnIdentity:
    copies = await keys.sealed.passkeys(identity.user_id)
    return OwnIdentity(
        key=text_of(identity.key),
        created_at=identity.created_at,
        reset_at=None if identity.reset is None else identity.reset.at,
        recovery_at=await keys.sealed.recovery_since(identity.user_id),
        passkey_at=copies[0].updated_at if copies else None,
    )
