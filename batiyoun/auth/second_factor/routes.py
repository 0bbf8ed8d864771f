"""The HTTP edge of the second factor."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field, StringConstraints

from batiyoun.auth.model import Principal
from batiyoun.auth.routes import (
    Auth,
    CurrentUser,
    FreshUser,
    SignedInUser,
    find_user,
    give_session,
    limit,
    pending_cookie,
    user_agent_of,
)
from batiyoun.auth.second_factor.service import SecondFactors
from batiyoun.auth.service import read_cookie
from batiyoun.auth.throttle import SECOND_FACTOR, STEP_UP, network_of
from batiyoun.errors import InvalidCode
from batiyoun.http import Body, client_address
from batiyoun.users.service import UserService

router = APIRouter(prefix="/api/auth", tags=["second factor"])


async def factors_of(request: Request) -> SecondFactors:
    """The second factors of this application."""
    factors: SecondFactors = request.app.state.second_factors
    return factors


Factors = Annotated[SecondFactors, Depends(factors_of)]
#: as people type it, with spaces and dashes; what it is shows when it is read
TypedCode = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class FactorState(Body):
    """`GET auth/second-factor`: whether a code of an authenticator app is asked for at sign-in."""

    totp: bool
    recovery_codes_left: int


class AppSetup(Body):
    """What an authenticator app needs, once: the secret to type, or `uri` as a QR code."""

    secret: str = Field(description="base 32 (RFC 4648 §6)")
    uri: str = Field(description="`otpauth://totp/…`")


class CodeShown(Body):
    """A code of the authenticator app, or where it says so, a recovery code."""

    code: TypedCode


class RecoveryCodes(Body):
    """Ten codes, each good once in place of the app. They are shown this one time."""

    recovery_codes: list[str]


@router.get("/second-factor")
async def read_state(principal: CurrentUser, factors: Factors) -> FactorState:
    """What is set up."""
    state = await factors.state(principal.user_id)
    return FactorState(totp=state.totp, recovery_codes_left=state.recovery_codes_left)


@router.post("/totp/setup")
async def set_up(request: Request, principal: FreshUser, factors: Factors) -> AppSetup:
    """Begin with an authenticator app; nothing changes until its first code is confirmed."""
    users: UserService = request.app.state.users
    setup = await factors.setup(await users.get(principal.user_id))
    return AppSetup(secret=setup.secret, uri=setup.uri)


@router.post("/totp/confirm")
async def confirm(body: CodeShown, request: Request, principal: CurrentUser, factors: Factors) -> RecoveryCodes:
    """Show that the app works: from now on every way in but a passkey asks for its code."""
    limit(request, STEP_UP, principal.user_id)
    try:
        codes = await factors.confirm(principal, body.code, client_address(request), user_agent_of(request))
    except InvalidCode as exc:
        raise InvalidCode(fields={"code": exc.public}) from exc
    return RecoveryCodes(recovery_codes=codes)


@router.delete("/totp", status_code=204)
async def turn_off(request: Request, principal: FreshUser, factors: Factors) -> None:
    """Do without the app again; its recovery codes are void."""
    await factors.turn_off(principal, user_agent_of(request))


@router.post("/recovery-codes")
async def make_recovery_codes(request: Request, principal: FreshUser, factors: Factors) -> RecoveryCodes:
    """Ten fresh recovery codes; those before are void."""
    return RecoveryCodes(recovery_codes=await factors.new_recovery_codes(principal, user_agent_of(request)))


@router.post("/second-factor")
async def show_second_factor(
    body: CodeShown,
    request: Request,
    response: Response,
    auth: Auth,
    before: Annotated[Principal | None, Depends(find_user)],
) -> SignedInUser:
    """Finish signing in, in the browser whose sign-in was answered with `second_factor_required`."""
    address = client_address(request)
    limit(request, SECOND_FACTOR, network_of(address))
    name = pending_cookie(auth)
    try:
        signed_in = await auth.finish_sign_in(
            read_cookie("; ".join(request.headers.getlist("cookie")), name),
            body.code,
            user_agent=user_agent_of(request),
            address=address,
            replaces=before,
        )
    except InvalidCode as exc:
        raise InvalidCode(fields={"code": exc.public}) from exc
    response.delete_cookie(name, path="/", secure=auth.secure, httponly=True, samesite="strict")
    return give_session(response, auth, signed_in)
