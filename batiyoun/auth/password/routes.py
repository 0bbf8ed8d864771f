"""The HTTP edge of choosing a password: while signed in, and when it was forgotten."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import Field, StringConstraints

from batiyoun.auth.code_routes import Delivery
from batiyoun.auth.model import MAX_PASSWORD
from batiyoun.auth.password.change import PasswordChange
from batiyoun.auth.password.reset import PasswordReset
from batiyoun.auth.policy import check_own_password
from batiyoun.auth.routes import (
    Auth,
    CurrentUser,
    Email,
    NewPassword,
    limit,
    require_fresh_user,
    step_up_of,
)
from batiyoun.auth.step_up.service import StepUp
from batiyoun.auth.throttle import CHECK_PASSWORD, REQUEST_RESET, RESET, STEP_UP, network_of
from batiyoun.errors import InvalidPassword
from batiyoun.http import Body, client_address
from batiyoun.mail.model import Language, language_of

router = APIRouter(prefix="/api/auth/password", tags=["auth"])


async def change_of(request: Request) -> PasswordChange:
    """The changing of passwords in this application."""
    change: PasswordChange = request.app.state.password_change
    return change


async def reset_of(request: Request) -> PasswordReset:
    """The resetting of passwords in this application."""
    reset: PasswordReset = request.app.state.password_reset
    return reset


Change = Annotated[PasswordChange, Depends(change_of)]
Reset = Annotated[PasswordReset, Depends(reset_of)]
Name = Annotated[str, StringConstraints(max_length=254)]


class ChangePassword(Body):
    """`PUT auth/password`: the password until now, or a proof of the last ten minutes instead."""

    current_password: Annotated[str, StringConstraints(min_length=1, max_length=MAX_PASSWORD)] | None = None
    new_password: NewPassword


class RequestReset(Body):
    """`POST auth/password/request-reset`: which mailbox."""

    email: Email


class ResetSent(Body):
    """A letter is on its way. It holds a link if there is an account; the answer never says."""

    expires_at: datetime
    resend_after: float = Field(description="seconds until another may be asked for")
    delivery: Delivery


class ResetPassword(Body):
    """`POST auth/password/reset`: the token from the link's fragment, and the new password."""

    token: Annotated[str, StringConstraints(max_length=64)]
    password: NewPassword


class CheckPassword(Body):
    """`POST auth/password/check`. With the names of the form, passwords that repeat them are refused, too."""

    password: str
    username: Name = ""
    email: Name = ""


class PasswordVerdict(Body):
    """Whether a new account could have that password; if not, `reason` says why."""

    acceptable: bool
    reason: str | None = Field(None, description="a sentence for the form")


@router.put("", status_code=204)
async def change_password(
    body: ChangePassword,
    request: Request,
    principal: CurrentUser,
    auth: Auth,
    change: Change,
    step_up: Annotated[StepUp, Depends(step_up_of)],
) -> None:
    """Choose a password. Every other session of the person ends."""
    limit(request, STEP_UP, principal.user_id)
    if body.current_password is None:
        await require_fresh_user(principal, auth, step_up)
    else:
        try:
            await auth.check_password(principal.user_id, body.current_password, client_address(request))
        except InvalidPassword as exc:
            raise InvalidPassword(fields={"currentPassword": exc.public}) from exc
    await change.change(principal, body.new_password, user_agent=_agent(request), language=_language(request))


@router.post("/request-reset", status_code=202)
async def request_reset(body: RequestReset, request: Request, reset: Reset) -> ResetSent:
    """Send a link to choose a new password with, good once and for an hour; the one before it is void."""
    address = client_address(request)
    limit(request, REQUEST_RESET, network_of(address))
    sent = await reset.request(body.email, language=_language(request), address=address)
    delivery: Delivery = "mail" if reset.reaches_people else "console"
    return ResetSent(expires_at=sent.expires_at, resend_after=sent.resend_after, delivery=delivery)


@router.post("/reset", status_code=204)
async def reset_password(body: ResetPassword, request: Request, reset: Reset) -> None:
    """Choose a new password with the token of a link. Every session ends; sign in with the new password."""
    limit(request, RESET, network_of(client_address(request)))
    await reset.reset(body.token, body.password, user_agent=_agent(request), language=_language(request))


@router.post("/check")
async def check(body: CheckPassword, request: Request) -> PasswordVerdict:
    """Whether a password may be used here: for forms, before they are sent."""
    limit(request, CHECK_PASSWORD, network_of(client_address(request)))
    try:
        check_own_password(body.password, (body.username, body.email))
    except ValueError as exc:
        return PasswordVerdict(acceptable=False, reason=str(exc))
    return PasswordVerdict(acceptable=True)


def _agent(request: Request) -> str:
    return request.headers.get("user-agent", "")


def _language(request: Request) -> Language:
    return language_of(request.headers.get("accept-language", ""))
