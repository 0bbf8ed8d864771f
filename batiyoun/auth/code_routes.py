"""The HTTP edge of codes by mail: proving an address to sign up, and signing in without a password."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import AfterValidator, Field, StringConstraints

from batiyoun.auth.codes import EmailCodes, Ticket
from batiyoun.auth.model import CODE_DIGITS, CODE_LIFETIME, CodePurpose, Principal, SignupPolicy
from batiyoun.auth.oidc.service import SignInElsewhere
from batiyoun.auth.passkeys.service import Page, Passkeys
from batiyoun.auth.routes import (
    Auth,
    Email,
    find_user,
    give_session,
    limit,
    page_of,
    passkeys_of,
    second_factor_may_follow,
)
from batiyoun.auth.service import read_cookie
from batiyoun.auth.throttle import REQUEST_CODE, VERIFY_CODE, network_of
from batiyoun.errors import EmailTaken, InvalidCode, SignupClosed
from batiyoun.http import Body, client_address
from batiyoun.mail.model import language_of
from batiyoun.users.model import OwnUser

router = APIRouter(prefix="/api/auth", tags=["auth"])

Delivery = Literal["mail", "console"]


async def codes_of(request: Request) -> EmailCodes:
    """The codes of this application."""
    codes: EmailCodes = request.app.state.codes
    return codes


Codes = Annotated[EmailCodes, Depends(codes_of)]


def _check_code(value: str) -> str:
    """The digits alone, in any script that people write them in, with spaces or dashes between them."""
    digits = "".join(char for char in value if not char.isspace() and char not in "-\u2010\u2011\u2013")
    try:
        code = "".join(str(unicodedata.decimal(char)) for char in digits)
    except ValueError:
        code = ""
    if len(code) != CODE_DIGITS:
        msg = f"Write the {CODE_DIGITS} digits of the letter."
        raise ValueError(msg)
    return code


Code = Annotated[str, StringConstraints(max_length=32), AfterValidator(_check_code)]


class OtherProvider(Body):
    """Another provider to sign in with."""

    name: str


class Options(Body):
    """`GET auth/options`: what the pages must know before anybody is signed in."""

    verify_email: bool = Field(description="whether signing up needs a ticket from `verify-otp`")
    delivery: Delivery = Field(description="`console`: no mail server; codes are printed on the server's console")
    signup: SignupPolicy = Field(description="who may sign up: everybody, who has an invitation, or nobody")
    passkeys: bool = Field(description="whether passkeys work at the address that was asked")
    oidc: OtherProvider | None = Field(description="with whom else one can sign in, at `auth/google`; null for nobody")
    first_user: bool = Field(description="nobody has an account yet: the first one owns the server")
    encryption: Literal["mls", "none"] = Field(description="what new chats between people are")
    signed_in: bool = Field(description="whether this browser has a session: `verify-me` says whose")


class RequestCode(Body):
    """`POST auth/request-otp`: which mailbox, and what for."""

    email: Email
    purpose: CodePurpose


class CodeSent(Body):
    """A letter is on its way. It holds a code if the purpose allows one; the answer never says."""

    expires_at: datetime
    resend_after: float = Field(description="seconds until another may be asked for")
    delivery: Delivery


class VerifyCode(Body):
    """`POST auth/verify-otp`, from the browser that asked for the code."""

    email: Email
    code: Code


class CodeAccepted(Body):
    """What the code opened: a `ticket` for `signup` until `expiresAt`, or a session for `user`."""

    ticket: str | None = None
    expires_at: datetime | None = None
    user: OwnUser | None = None


@router.get("/options")
async def options(
    request: Request,
    codes: Codes,
    auth: Auth,
    passkeys: Annotated[Passkeys, Depends(passkeys_of)],
    page: Annotated[Page, Depends(page_of)],
    caller: Annotated[Principal | None, Depends(find_user)],
) -> Options:
    """How one signs up and in here."""
    elsewhere: SignInElsewhere | None = request.app.state.elsewhere
    return Options(
        verify_email=codes.required,
        delivery=_delivery(codes),
        signup=auth.admissions.policy,
        passkeys=passkeys.works_at(page.host),
        oidc=None if elsewhere is None else OtherProvider(name=elsewhere.name),
        first_user=await auth.admissions.first(),
        encryption=getattr(request.app.state, "encryption", "none"),
        signed_in=caller is not None,
    )


@router.post("/request-otp", status_code=202)
async def request_otp(body: RequestCode, request: Request, response: Response, auth: Auth, codes: Codes) -> CodeSent:
    """Send a code of six digits, good for ten minutes in this browser; the one before it is void."""
    address = client_address(request)
    limit(request, REQUEST_CODE, network_of(address))
    if body.purpose == "signup" and auth.admissions.policy == "closed":
        raise SignupClosed
    try:
        requested = await codes.request(
            body.email,
            body.purpose,
            language=language_of(request.headers.get("accept-language", "")),
            address=address,
            before=_cookie(request, codes),
        )
    except EmailTaken as exc:
        raise EmailTaken(fields={"email": exc.public}) from exc
    response.set_cookie(
        codes.cookie_name,
        requested.secret,
        max_age=int(CODE_LIFETIME.total_seconds()),
        path="/",
        secure=auth.secure,
        httponly=True,
        samesite="strict",
    )
    return CodeSent(expires_at=requested.expires_at, resend_after=requested.resend_after, delivery=_delivery(codes))


@router.post("/verify-otp")
async def verify_otp(
    body: VerifyCode,
    request: Request,
    response: Response,
    auth: Auth,
    codes: Codes,
    before: Annotated[Principal | None, Depends(find_user)],
) -> CodeAccepted:
    """Show the code. For signing up it gives a ticket; for signing in a session, and the one until now ends."""
    limit(request, VERIFY_CODE, network_of(client_address(request)))
    try:
        with second_factor_may_follow(request, auth):
            opened = await codes.verify(
                _cookie(request, codes),
                body.email,
                body.code,
                user_agent=request.headers.get("user-agent", ""),
                replaces=before,
            )
    except InvalidCode as exc:
        raise InvalidCode(fields={"code": exc.public}) from exc
    response.delete_cookie(codes.cookie_name, path="/", secure=auth.secure, httponly=True, samesite="strict")
    if isinstance(opened, Ticket):
        return CodeAccepted(ticket=opened.ticket, expires_at=opened.expires_at)
    return CodeAccepted(user=give_session(response, auth, opened).user)


def _cookie(request: Request, codes: EmailCodes) -> str | None:
    return read_cookie("; ".join(request.headers.getlist("cookie")), codes.cookie_name)


def _delivery(codes: EmailCodes) -> Delivery:
    return "mail" if codes.reaches_people else "console"
