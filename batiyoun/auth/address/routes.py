"""The HTTP edge of changing one's e-mail address."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from batiyoun.auth.address.service import AddressChange
from batiyoun.auth.code_routes import Code, CodeSent
from batiyoun.auth.model import CODE_LIFETIME
from batiyoun.auth.routes import Auth, CurrentUser, Email, FreshUser, SignedInUser, limit
from batiyoun.auth.service import read_cookie
from batiyoun.errors import EmailTaken, InvalidCode
from batiyoun.http import Body, client_address
from batiyoun.limiting import Rate
from batiyoun.mail.model import language_of
from batiyoun.users.model import own_user

router = APIRouter(prefix="/api/users/me/email", tags=["users"])

#: by person
CHANGE = Rate("change-email", burst=10, period=360)
CONFIRM = Rate("confirm-email", burst=20, period=6)


async def address_change_of(request: Request) -> AddressChange:
    """How people change their addresses in this application."""
    change: AddressChange = request.app.state.address_change
    return change


Change = Annotated[AddressChange, Depends(address_change_of)]


class NewAddress(Body):
    """`POST users/me/email`: the address to be."""

    email: Email


class ConfirmAddress(Body):
    """`POST users/me/email/confirm`, from the browser that asked for the code."""

    email: Email
    code: Code


@router.post("", status_code=202)
async def change_address(
    body: NewAddress, request: Request, response: Response, auth: Auth, change: Change, me: FreshUser
) -> CodeSent:
    """Send a code to another mailbox, which becomes one's own when the code is shown."""
    limit(request, CHANGE, me.user_id)
    try:
        requested = await change.request(
            me.user_id,
            body.email,
            language=language_of(request.headers.get("accept-language", "")),
            address=client_address(request),
            before=_cookie(request, change),
        )
    except EmailTaken as exc:
        raise EmailTaken(_TAKEN, fields={"email": _TAKEN}) from exc
    response.set_cookie(
        change.cookie_name,
        requested.secret,
        max_age=int(CODE_LIFETIME.total_seconds()),
        path="/",
        secure=auth.secure,
        httponly=True,
        samesite="strict",
    )
    return CodeSent(
        expires_at=requested.expires_at,
        resend_after=requested.resend_after,
        delivery="mail" if change.reaches_people else "console",
    )


@router.post("/confirm")
async def confirm_address(
    body: ConfirmAddress, request: Request, response: Response, auth: Auth, change: Change, me: CurrentUser
) -> SignedInUser:
    """Show the code: the address is one's own from now on, and the old mailbox is told."""
    limit(request, CONFIRM, me.user_id)
    try:
        user = await change.confirm(
            me,
            _cookie(request, change),
            body.email,
            body.code,
            user_agent=request.headers.get("user-agent", ""),
            language=language_of(request.headers.get("accept-language", "")),
        )
    except InvalidCode as exc:
        raise InvalidCode(fields={"code": exc.public}) from exc
    except EmailTaken as exc:
        raise EmailTaken(_TAKEN, fields={"email": _TAKEN}) from exc
    response.delete_cookie(change.cookie_name, path="/", secure=auth.secure, httponly=True, samesite="strict")
    return SignedInUser(user=own_user(user))


_TAKEN = "This address belongs to another account. Use another one."


def _cookie(request: Request, change: AddressChange) -> str | None:
    return read_cookie("; ".join(request.headers.getlist("cookie")), change.cookie_name)
