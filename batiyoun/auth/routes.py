"""The HTTP edge of signing up, in and out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any, Self

from email_validator import EmailNotValidError, validate_email
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AfterValidator, Field, StringConstraints, model_validator

from batiyoun.auth.api_tokens.model import Scope
from batiyoun.auth.model import ABSOLUTE_LIFETIME, MAX_PASSWORD, Principal, SignedIn
from batiyoun.auth.passkeys.service import Page, Passkeys
from batiyoun.auth.policy import check_password, refuse_own_name
from batiyoun.auth.refusals import Refusals
from batiyoun.auth.second_factor.model import PENDING_LIFETIME
from batiyoun.auth.service import AuthService, read_cookie
from batiyoun.auth.step_up.service import StepUp
from batiyoun.auth.throttle import LOGIN, NAME_CHECK, SIGNUP, network_of
from batiyoun.errors import (
    EmailTaken,
    RateLimited,
    ScopeRequired,
    SecondFactorRequired,
    StepUpRequired,
    Unauthenticated,
    UsernameTaken,
)
from batiyoun.http import Body, client_address
from batiyoun.limiting import Rate
from batiyoun.users.model import OwnUser, check_display_name, check_username, fold, own_user
from batiyoun.users.service import UserService

#: RFC 5321 §4.5.3.1.3 without the angle brackets
MAX_EMAIL = 254

router = APIRouter(prefix="/api/auth", tags=["auth"])


async def auth_of(request: Request) -> AuthService:
    """The auth service of this application. Async like every dependency here: FastAPI sends others to a thread."""
    auth: AuthService = request.app.state.auth
    return auth


Auth = Annotated[AuthService, Depends(auth_of)]


async def find_caller(request: Request, auth: Auth) -> Principal | None:
    """Who calls, by session cookie or `Authorization: Bearer` (an access token or an API token); None for nobody."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return await auth.authenticate_token(token.strip())
    # HTTP/2 may split the header (RFC 9113 §8.2.3)
    return await auth.authenticate_cookie("; ".join(request.headers.getlist("cookie")))


Caller = Annotated[Principal | None, Depends(find_caller)]


async def find_user(caller: Caller) -> Principal | None:
    """Who calls with a session; None for nobody, and for a program with an API token."""
    return caller if caller is not None and caller.scopes is None else None


async def refusal_of(request: Request) -> Unauthenticated:
    """Why nobody calls."""
    if "authorization" in request.headers:
        return Unauthenticated()
    refusals: Refusals = request.app.state.refusals
    return await refusals.of("; ".join(request.headers.getlist("cookie")))


async def require_user(request: Request, caller: Caller) -> Principal:
    """Who calls with a session. Raises `Unauthenticated` for nobody.

    API tokens are refused (`ScopeRequired`): a route that takes them says so with `scoped`.
    """
    if caller is None:
        raise await refusal_of(request)
    if caller.scopes is not None:
        raise ScopeRequired
    return caller


CurrentUser = Annotated[Principal, Depends(require_user)]


def scoped(scope: Scope) -> Any:
    """A dependency: who calls, with a session or with an API token of that scope.

    `Me = Annotated[Principal, scoped("chats:read")]`. Raises `Unauthenticated`, and `ScopeRequired` for other tokens.
    """

    async def require(request: Request, caller: Caller) -> Principal:
        if caller is None:
            raise await refusal_of(request)
        if caller.scopes is not None and scope not in caller.scopes:
            raise ScopeRequired(f"This needs an API token with the scope {scope}.")
        return caller

    return Depends(require)


async def step_up_of(request: Request) -> StepUp:
    """How people prove again who they are in this application."""
    step_up: StepUp = request.app.state.step_up
    return step_up


async def require_fresh_user(
    principal: CurrentUser, auth: Auth, step_up: Annotated[StepUp, Depends(step_up_of)]
) -> Principal:
    """Who calls, and has proved it in the last ten minutes: for passwords, addresses, ways in, and what is final.

    Raises `Unauthenticated` for nobody, and `StepUpRequired`, which names the person's ways to prove it.
    """
    if not auth.is_fresh(principal):
        raise StepUpRequired(await step_up.methods(principal.user_id))
    return principal


FreshUser = Annotated[Principal, Depends(require_fresh_user)]


async def passkeys_of(request: Request) -> Passkeys:
    """The passkeys of this application."""
    passkeys: Passkeys = request.app.state.passkeys
    return passkeys


async def page_of(request: Request, passkeys: Annotated[Passkeys, Depends(passkeys_of)]) -> Page:
    """The page that calls, as passkeys see it."""
    browser = read_cookie("; ".join(request.headers.getlist("cookie")), passkeys.cookie_name)
    return Page(request.headers.get("host", ""), browser, request.headers.get("user-agent", ""))


def limit(request: Request, rate: Rate, key: str) -> None:
    """Count the call; the RateLimit headers of the answer say how many are left. Raises `RateLimited`."""
    auth: AuthService = request.app.state.auth
    verdict = auth.throttle.check(rate, key)
    if verdict is None:
        return
    request.state.response_headers = verdict.headers()
    if not verdict.allowed:
        raise RateLimited(retry_after=verdict.retry_after)


def limit_by_address(request: Request, rate: Rate) -> None:
    """As `limit`, by where the call comes from. Raises `RateLimited`."""
    limit(request, rate, network_of(client_address(request)))


# ── bodies ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _check_email(value: str) -> str:
    try:
        email = validate_email(value.strip(), check_deliverability=False).normalized
    except EmailNotValidError as exc:
        raise ValueError("Write an e-mail address like name@example.org.") from exc
    if len(fold(email)) > MAX_EMAIL:  # a few letters fold to many
        raise ValueError("Use a shorter address.")
    return email


Email = Annotated[str, StringConstraints(max_length=MAX_EMAIL), AfterValidator(_check_email)]
Username = Annotated[str, StringConstraints(max_length=64), AfterValidator(check_username)]
NewPassword = Annotated[str, AfterValidator(check_password)]
#: what the browser's `PublicKeyCredential.toJSON()` gives (WebAuthn §5.1)
CredentialJson = dict[str, Any]
DisplayName = Annotated[str, StringConstraints(max_length=256), AfterValidator(check_display_name)]


class Signup(Body):
    """`POST auth/signup`. Without a display name the username is shown."""

    email: Email
    username: Username
    password: NewPassword | None = None
    credential: CredentialJson | None = Field(
        None, description="instead of a password: the passkey that was asked for with `passkeys/signup-options`"
    )
    display_name: DisplayName | None = None
    ticket: Annotated[str, StringConstraints(max_length=64)] | None = Field(
        None, description="from `verify-otp`; needed where `options` says `verifyEmail`"
    )
    invite: Annotated[str, StringConstraints(max_length=64)] | None = Field(
        None, description="the code of an invitation; needed where `options` says so, and opens the chat with its maker"
    )

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if (self.password is None) == (self.credential is None):
            raise ValueError("Send either a password or a passkey (`credential`).")
        return self


class Login(Body):
    """`POST auth/login`: a username or an e-mail address, and the password."""

    identifier: Annotated[str, StringConstraints(min_length=1, max_length=MAX_EMAIL, strip_whitespace=True)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=MAX_PASSWORD)]


class SignedInUser(Body):
    """Who has just signed up or in."""

    user: OwnUser


class Me(Body):
    """`GET auth/verify-me`: who one is, and a token for the Socket.IO handshake until `expiresAt`."""

    user: OwnUser
    token: str
    expires_at: datetime


class NameCheck(Body):
    """`GET auth/check-username`: whether one could have that name; if not, `reason` says why."""

    available: bool
    reason: str | None = Field(None, description="a sentence for the form")


# ── routes ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@router.post("/signup", status_code=201)
async def signup(
    body: Signup,
    request: Request,
    response: Response,
    auth: Auth,
    passkeys: Annotated[Passkeys, Depends(passkeys_of)],
    page: Annotated[Page, Depends(page_of)],
) -> SignedInUser:
    """Make an account and sign it in."""
    limit(request, SIGNUP, network_of(client_address(request)))
    if body.password is not None:
        refuse_own_name(body.password, body.username, body.email)
    passkey = None if body.credential is None else await passkeys.check_signup(body.credential, page)
    try:
        signed_in = await auth.signup(
            email=body.email,
            username=body.username,
            password=body.password,
            display_name=body.display_name,
            user_agent=request.headers.get("user-agent", ""),
            ticket=body.ticket,
            invite=body.invite,
            passkey=passkey,
        )
    except UsernameTaken as exc:
        raise UsernameTaken(fields={"username": exc.public}) from exc
    except EmailTaken as exc:
        raise EmailTaken(fields={"email": exc.public}) from exc
    return give_session(response, auth, signed_in)


@router.post("/login")
async def login(
    body: Login,
    request: Request,
    response: Response,
    auth: Auth,
    before: Annotated[Principal | None, Depends(find_user)],
) -> SignedInUser:
    """Sign in. The session this browser had until now ends."""
    address = client_address(request)
    limit(request, LOGIN, network_of(address))
    with second_factor_may_follow(request, auth):
        signed_in = await auth.login(
            identifier=body.identifier,
            password=body.password,
            user_agent=request.headers.get("user-agent", ""),
            address=address,
            replaces=before,
        )
    return give_session(response, auth, signed_in)


@router.post("/logout", status_code=204)
async def logout(
    request: Request, response: Response, auth: Auth, principal: Annotated[Principal | None, Depends(find_user)]
) -> None:
    """End this session and close its sockets; without one it is done already."""
    if principal is not None:
        await auth.sign_out(principal, request.headers.get("user-agent", ""))
    forget_session(response, auth)


@router.get("/verify-me")
async def verify_me(request: Request, auth: Auth, principal: CurrentUser) -> Me:
    """Who one is, with a five-minute token for the Socket.IO handshake."""
    users: UserService = request.app.state.users
    user = await users.get(principal.user_id)
    access = auth.mint(principal)
    return Me(user=own_user(user), token=access.token, expires_at=access.expires_at)


@router.get("/check-username")
async def check_username_route(
    username: Annotated[str, Query(max_length=64)], request: Request, auth: Auth
) -> NameCheck:
    """Whether a username could be had right now."""
    limit(request, NAME_CHECK, network_of(client_address(request)))
    try:
        name = check_username(username)
    except ValueError as exc:
        return NameCheck(available=False, reason=str(exc))
    if await auth.username_taken(name):
        return NameCheck(available=False, reason=UsernameTaken().public)
    return NameCheck(available=True)


def forget_session(response: Response, auth: AuthService) -> None:
    """Take the session's cookie from the browser."""
    response.delete_cookie(auth.cookie_name, path="/", secure=auth.secure, httponly=True, samesite="lax")


def pending_cookie(auth: AuthService) -> str:
    """The name of the cookie of a sign-in that waits for the second factor."""
    return "__Host-batiyoun-pending" if auth.secure else "batiyoun-pending"


@contextmanager
def second_factor_may_follow(request: Request, auth: AuthService) -> Iterator[None]:
    """Around every `sign_in`: whoever owes a second factor gets the cookie with which this browser may go on."""
    try:
        yield
    except SecondFactorRequired as due:
        # an error is answered elsewhere, with what the request collected
        collected = getattr(request.state, "response_headers", {})
        request.state.response_headers = collected | {"Set-Cookie": pending_cookie_header(auth, due)}
        raise


def pending_cookie_header(auth: AuthService, due: SecondFactorRequired) -> str:
    """The Set-Cookie header of a sign-in that waits."""
    answer = Response()
    answer.set_cookie(
        pending_cookie(auth),
        due.pending,
        max_age=int(PENDING_LIFETIME.total_seconds()),
        path="/",
        secure=auth.secure,
        httponly=True,
        samesite="strict",
    )
    return answer.headers["set-cookie"]


def user_agent_of(request: Request) -> str:
    """The caller's browser, as it calls itself."""
    return request.headers.get("user-agent", "")


def give_session(response: Response, auth: AuthService, signed_in: SignedIn) -> SignedInUser:
    """Hand the browser its session."""
    # the server decides when a session is over; the cookie only has to outlive it
    response.set_cookie(
        auth.cookie_name,
        signed_in.token,
        max_age=int(ABSOLUTE_LIFETIME.total_seconds()),
        path="/",
        secure=auth.secure,
        httponly=True,
        samesite="lax",
    )
    return SignedInUser(user=own_user(signed_in.user))
