"""The HTTP edge of signing in through another provider: two pages that redirect, and what the app asks for."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import Field, StringConstraints

from batiyoun.auth.model import ATTEMPT_LIFETIME, Principal
from batiyoun.auth.oidc.model import SIGNUP_LIFETIME, Intent
from batiyoun.auth.oidc.service import Answer, Departure, Journey, Newcomer, SignInElsewhere
from batiyoun.auth.routes import (
    Auth,
    CurrentUser,
    DisplayName,
    FreshUser,
    SignedInUser,
    Username,
    find_user,
    give_session,
    limit_by_address,
    pending_cookie_header,
    user_agent_of,
)
from batiyoun.auth.service import AuthService, read_cookie
from batiyoun.auth.throttle import LOGIN, SIGNUP
from batiyoun.errors import (
    BatiyounError,
    EmailTaken,
    NotFound,
    SecondFactorRequired,
    UsernameTaken,
)
from batiyoun.http import Body
from batiyoun.users.model import check_display_name

router = APIRouter(prefix="/api/auth", tags=["other providers"])

#: where people land when something went wrong, by what they wanted
_PLACES: dict[Intent, str] = {"login": "/sign-in", "link": "/settings/security"}
_MAX_PARAMETER = 4096


async def elsewhere_of(request: Request) -> SignInElsewhere:
    """Signing in through the provider of this application. Raises `NotFound` when there is none."""
    elsewhere: SignInElsewhere | None = request.app.state.elsewhere
    if elsewhere is None:
        raise NotFound("This server has no other provider to sign in with.")
    return elsewhere


Elsewhere = Annotated[SignInElsewhere, Depends(elsewhere_of)]
Before = Annotated[Principal | None, Depends(find_user)]
Parameter = Annotated[str | None, Query(max_length=_MAX_PARAMETER)]


class Departing(Body):
    """`POST auth/oidc/link`: where the browser goes now."""

    address: str


class Waiting(Body):
    """`GET auth/oidc/pending`: who fills in the sign-up form, as the provider knows them."""

    email: str
    email_verified: bool = Field(description="if not, a ticket of `verify-otp` may be asked for")
    display_name: str | None
    suggested_username: str
    expires_at: datetime


class ElsewhereSignup(Body):
    """`POST auth/oidc/signup`: the rest of the form."""

    username: Username
    display_name: DisplayName | None = None
    invite: Annotated[str, StringConstraints(max_length=64)] | None = None
    ticket: Annotated[str, StringConstraints(max_length=64)] | None = Field(
        None, description="from `verify-otp`, for an address that the provider did not check"
    )


class IdentityView(Body):
    """An account elsewhere that one can sign in with."""

    id: str
    name: str = Field(description="what the provider is called")
    email: str
    linked_at: datetime


class OwnIdentities(Body):
    """`GET auth/identities`."""

    identities: list[IdentityView]


# ── pages ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/google", status_code=302, response_class=RedirectResponse)
async def depart(
    request: Request,
    auth: Auth,
    elsewhere: Elsewhere,
    next_: Annotated[str | None, Query(alias="next", max_length=_MAX_PARAMETER)] = None,
) -> Response:
    """Go to the provider, whichever it is, to sign up or in; comes back to `next`, a path of this app."""
    try:
        limit_by_address(request, LOGIN)
        departure = await elsewhere.depart("login", next_, browser=_cookie(request, elsewhere.cookie_name))
    except BatiyounError as exc:
        return _failed("login", exc)
    answer = RedirectResponse(departure.address, 302)
    _keep(answer, auth, elsewhere, departure)
    return answer


@router.get("/google/callback", status_code=302, response_class=RedirectResponse)
async def arrive(
    request: Request,
    auth: Auth,
    elsewhere: Elsewhere,
    before: Before,
    state: Parameter = None,
    code: Parameter = None,
    error: Parameter = None,
    iss: Parameter = None,
) -> Response:
    """Where the provider sends people back to; leads on into the app."""
    answer = Answer(state or "", code, error, iss)
    try:
        limit_by_address(request, LOGIN)
        journey = await elsewhere.returned(answer.state, _cookie(request, elsewhere.cookie_name))
    except BatiyounError as exc:
        return _failed("login", exc)
    try:
        return await _arrived(request, auth, elsewhere, journey, answer, before)
    except SecondFactorRequired as due:
        redirect = RedirectResponse("/sign-in#second-factor", 302)
        redirect.headers.append("set-cookie", pending_cookie_header(auth, due))
        return redirect
    except BatiyounError as exc:
        return _failed(journey.intent, exc)


async def _arrived(
    request: Request,
    auth: AuthService,
    elsewhere: SignInElsewhere,
    journey: Journey,
    answer: Answer,
    before: Principal | None,
) -> Response:
    user_agent = user_agent_of(request)
    if journey.intent == "link":
        await elsewhere.link(journey, answer, principal=before, user_agent=user_agent)
        return RedirectResponse(f"{_PLACES['link']}#oidc-linked", 302)
    came = await elsewhere.sign_in(journey, answer, before=before, user_agent=user_agent)
    if isinstance(came, Newcomer):
        redirect = RedirectResponse("/sign-up#oidc", 302)
        _set(
            redirect, auth, elsewhere.signup_cookie_name, came.sealed, SIGNUP_LIFETIME.total_seconds(), strict=True
        )  # fmt: skip
        return redirect
    redirect = RedirectResponse(journey.next, 302)
    give_session(redirect, auth, came)
    return redirect


# ── signing up ────────────────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/oidc/pending")
async def read_waiting(request: Request, elsewhere: Elsewhere) -> Waiting:
    """Who came back from the provider in this browser and has no account yet."""
    waiting = elsewhere.pending(_cookie(request, elsewhere.signup_cookie_name))
    claims = waiting.claims
    try:
        display_name = check_display_name(claims.name or "")
    except ValueError:
        display_name = None
    return Waiting(
        email=claims.email or "",
        email_verified=claims.email_verified,
        display_name=display_name,
        suggested_username=await elsewhere.suggest_username(claims),
        expires_at=waiting.expires_at,
    )


@router.post("/oidc/signup", status_code=201)
async def sign_up_elsewhere(
    body: ElsewhereSignup, request: Request, response: Response, auth: Auth, elsewhere: Elsewhere
) -> SignedInUser:
    """Make the account of whoever came back from the provider in this browser, and sign it in."""
    limit_by_address(request, SIGNUP)
    try:
        signed_in = await elsewhere.signup(
            _cookie(request, elsewhere.signup_cookie_name),
            username=body.username,
            display_name=body.display_name,
            invite=body.invite,
            ticket=body.ticket,
            user_agent=user_agent_of(request),
        )
    except UsernameTaken as exc:
        raise UsernameTaken(fields={"username": exc.public}) from exc
    except EmailTaken as exc:
        raise EmailTaken(fields={"email": exc.public}) from exc
    response.delete_cookie(
        elsewhere.signup_cookie_name, path="/", secure=auth.secure, httponly=True, samesite="strict"
    )  # fmt: skip
    return give_session(response, auth, signed_in)


# ── one's own ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@router.post("/oidc/link")
async def depart_to_link(
    request: Request, response: Response, auth: Auth, principal: FreshUser, elsewhere: Elsewhere
) -> Departing:
    """Begin to add the account that one has at the provider to one's own: the browser goes to `address` then.

    No page to navigate to: a navigation carries the session from wherever it comes (security check 17).
    """
    limit_by_address(request, LOGIN)
    departure = await elsewhere.depart(
        "link", None, browser=_cookie(request, elsewhere.cookie_name), principal=principal
    )
    _keep(response, auth, elsewhere, departure)
    return Departing(address=departure.address)


@router.get("/identities")
async def list_identities(principal: CurrentUser, elsewhere: Elsewhere) -> OwnIdentities:
    """The accounts elsewhere that one can sign in with."""
    return OwnIdentities(
        identities=[
            IdentityView(
                id=identity.id, name=elsewhere.called(identity), email=identity.email, linked_at=identity.linked_at
            )
            for identity in await elsewhere.of_user(principal.user_id)
        ]
    )


@router.delete("/identities/{identity_id}", status_code=204)
async def unlink(
    identity_id: Annotated[str, Path(max_length=64)], request: Request, principal: FreshUser, elsewhere: Elsewhere
) -> None:
    """Sign in with that account no more; refused while there is no other way in."""
    await elsewhere.unlink(principal, identity_id, user_agent_of(request))


# ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _failed(intent: Intent, error: BatiyounError) -> Response:
    return RedirectResponse(f"{_PLACES[intent]}#oidc-error={error.code}", 302)


def _cookie(request: Request, name: str) -> str | None:
    return read_cookie("; ".join(request.headers.getlist("cookie")), name)


def _keep(answer: Response, auth: AuthService, elsewhere: SignInElsewhere, departure: Departure) -> None:
    # lax, not strict: the way back is a navigation from the provider's site
    _set(answer, auth, elsewhere.cookie_name, departure.browser, ATTEMPT_LIFETIME.total_seconds(), strict=False)


def _set(answer: Response, auth: AuthService, name: str, value: str, seconds: float, *, strict: bool) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=int(seconds),
        path="/",
        secure=auth.secure,
        httponly=True,
        samesite="strict" if strict else "lax",
    )
