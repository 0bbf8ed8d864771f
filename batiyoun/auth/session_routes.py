"""The HTTP edge of one's sign-ins: on which devices, since when, and how to end them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from batiyoun.auth.devices import DeviceKind, describe_many
from batiyoun.auth.model import Principal
from batiyoun.auth.routes import Auth, CurrentUser, forget_session
from batiyoun.auth.service import AuthService
from batiyoun.errors import NotFound
from batiyoun.http import Body

router = APIRouter(prefix="/api/auth/sessions", tags=["auth"])


class DeviceView(Body):
    """A device in words, as far as its browser tells."""

    browser: str | None
    os: str | None
    kind: DeviceKind


class SessionView(Body):
    """A sign-in. `expiresAt` is when it ends if it is not used again; `current`: the one that asks."""

    id: str
    current: bool
    device: DeviceView
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


class SessionList(Body):
    """`GET auth/sessions`: the last used first."""

    sessions: list[SessionView]


class Ended(Body):
    """How many sign-ins were ended."""

    ended: int


@router.get("")
async def list_sessions(auth: Auth, principal: CurrentUser) -> SessionList:
    """Where one is signed in."""
    sessions = await auth.sessions_of(principal.user_id)
    devices = await describe_many(session.user_agent for session in sessions)
    return SessionList(
        sessions=[
            SessionView(
                id=session.id,
                current=session.id == principal.session_id,
                device=DeviceView(browser=device.browser, os=device.os, kind=device.kind),
                created_at=session.created_at,
                last_seen_at=session.last_seen_at,
                expires_at=session.expires_at(),
            )
            for session, device in zip(sessions, devices, strict=True)
        ]
    )


@router.post("/revoke-others")
async def revoke_others(request: Request, auth: Auth, principal: CurrentUser) -> Ended:
    """End every sign-in but this one, and close their connections."""
    ended = await auth.revoke_all(principal.user_id, keep=[principal.session_id])
    if ended:
        await _note(request, auth, principal, {"ended": str(ended)})
    return Ended(ended=ended)


@router.delete("/{session_id}", status_code=204)
async def revoke_session(
    session_id: Annotated[str, Path(max_length=64)],
    request: Request,
    response: Response,
    auth: Auth,
    principal: CurrentUser,
) -> None:
    """End one of one's own sign-ins and close its connections; 404 for everybody else's."""
    if session_id not in {session.id for session in await auth.sessions_of(principal.user_id)}:
        raise NotFound("There is no such sign-in. It may be over already.")
    await auth.revoke(session_id)
    await _note(request, auth, principal, {"ended": "1"})
    if session_id == principal.session_id:
        forget_session(response, auth)


async def _note(request: Request, auth: AuthService, principal: Principal, details: dict[str, str]) -> None:
    await auth.audit.record(
        "session_revoked",
        principal.user_id,
        session_id=principal.session_id,
        user_agent=request.headers.get("user-agent", ""),
        details=details,
    )
