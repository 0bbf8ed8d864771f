"""The HTTP edge of proving again who one is."""

from __future__ import annotations

from typing import Annotated, Self

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field, StringConstraints, model_validator

from batiyoun.auth.code_routes import Code, CodeSent
from batiyoun.auth.model import CODE_LIFETIME, MAX_PASSWORD
from batiyoun.auth.passkeys.routes import PasskeyOptions, hand_over
from batiyoun.auth.passkeys.service import Page, Passkeys
from batiyoun.auth.routes import (
    CredentialJson,
    CurrentUser,
    limit,
    page_of,
    passkeys_of,
    step_up_of,
    user_agent_of,
)
from batiyoun.auth.service import read_cookie
from batiyoun.auth.step_up.service import StepUp
from batiyoun.auth.throttle import STEP_UP
from batiyoun.errors import InvalidCode, InvalidPasskey, InvalidPassword
from batiyoun.http import Body, client_address
from batiyoun.mail.model import language_of

router = APIRouter(prefix="/api/auth/step-up", tags=["auth"])

Steps = Annotated[StepUp, Depends(step_up_of)]


class Proof(Body):
    """`POST auth/step-up`: one thing that only this person has."""

    password: Annotated[str, StringConstraints(min_length=1, max_length=MAX_PASSWORD)] | None = None
    totp: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = Field(
        None, description="a code of the authenticator app"
    )
    email_code: Code | None = Field(None, description="the code that `request-code` sent")
    credential: CredentialJson | None = Field(None, description="what the browser answered to `passkey-options`")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(value is not None for value in (self.password, self.totp, self.credential, self.email_code)) != 1:
            raise ValueError("Send one proof: `password`, `totp`, `credential` or `emailCode`.")
        return self


@router.post("", status_code=204)
async def step_up(
    body: Proof,
    request: Request,
    response: Response,
    principal: CurrentUser,
    steps: Steps,
    page: Annotated[Page, Depends(page_of)],
) -> None:
    """Prove again who one is: for ten minutes this session may change what is dangerous."""
    limit(request, STEP_UP, principal.user_id)
    address = client_address(request)
    try:
        if body.password is not None:
            await steps.by_password(principal, body.password, address, user_agent_of(request))
        elif body.totp is not None:
            await steps.by_totp(principal, body.totp, address, user_agent_of(request))
        elif body.credential is not None:
            await steps.by_passkey(principal, body.credential, page)
        elif body.email_code is not None:
            await steps.by_code(principal, _cookie(request, steps), body.email_code, user_agent_of(request))
            _forget(response, steps)
    except InvalidPassword as exc:
        raise InvalidPassword(fields={"password": exc.public}) from exc
    except InvalidCode as exc:
        raise InvalidCode(fields={"totp" if body.totp is not None else "emailCode": exc.public}) from exc
    except InvalidPasskey as exc:
        raise InvalidPasskey(fields={"credential": exc.public}) from exc


@router.post("/request-code", status_code=202)
async def ask_for_code(request: Request, response: Response, principal: CurrentUser, steps: Steps) -> CodeSent:
    """Send a code of six digits to one's own mailbox, good for ten minutes in this browser."""
    limit(request, STEP_UP, principal.user_id)
    requested = await steps.request_code(
        principal,
        language=language_of(request.headers.get("accept-language", "")),
        address=client_address(request),
        before=_cookie(request, steps),
    )
    response.set_cookie(
        steps.codes.cookie_name,
        requested.secret,
        max_age=int(CODE_LIFETIME.total_seconds()),
        path="/",
        secure=steps.codes.secure,
        httponly=True,
        samesite="strict",
    )
    return CodeSent(
        expires_at=requested.expires_at,
        resend_after=requested.resend_after,
        delivery="mail" if steps.codes.reaches_people else "console",
    )


@router.post("/passkey-options")
async def ask_for_passkey(
    request: Request,
    response: Response,
    principal: CurrentUser,
    steps: Steps,
    passkeys: Annotated[Passkeys, Depends(passkeys_of)],
    page: Annotated[Page, Depends(page_of)],
) -> PasskeyOptions:
    """What the browser needs to ask for one of the person's passkeys."""
    limit(request, STEP_UP, principal.user_id)
    asked = await steps.passkey_options(principal, page)
    return hand_over(response, passkeys, asked)


def _cookie(request: Request, steps: StepUp) -> str | None:
    return read_cookie("; ".join(request.headers.getlist("cookie")), steps.codes.cookie_name)


def _forget(response: Response, steps: StepUp) -> None:
    name, secure = steps.codes.cookie_name, steps.codes.secure
    response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="strict")
