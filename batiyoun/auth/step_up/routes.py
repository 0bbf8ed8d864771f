"""The HTTP edge of proving again who one is."""

from __future__ import annotations

from typing import Annotated, Self

from fastapi import APIRouter, Depends, Request
from pydantic import Field, StringConstraints, model_validator

from batiyoun.auth.model import MAX_PASSWORD
from batiyoun.auth.routes import CurrentUser, limit, step_up_of, user_agent_of
from batiyoun.auth.step_up.service import StepUp
from batiyoun.auth.throttle import STEP_UP
from batiyoun.errors import InvalidCode, InvalidPassword
from batiyoun.http import Body, client_address

router = APIRouter(prefix="/api/auth/step-up", tags=["auth"])

Steps = Annotated[StepUp, Depends(step_up_of)]


class Proof(Body):
    """`POST auth/step-up`: one thing that only this person has."""

    password: Annotated[str, StringConstraints(min_length=1, max_length=MAX_PASSWORD)] | None = None
    totp: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = Field(
        None, description="a code of the authenticator app"
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.model_fields_set) != 1 or None in {getattr(self, name) for name in self.model_fields_set}:
            raise ValueError("Send one proof: `password` or `totp`.")
        return self


@router.post("", status_code=204)
async def step_up(body: Proof, request: Request, principal: CurrentUser, steps: Steps) -> None:
    """Prove again who one is: for ten minutes this session may change what is dangerous."""
    limit(request, STEP_UP, principal.user_id)
    address = client_address(request)
    try:
        if body.password is not None:
            await steps.by_password(principal, body.password, address)
        elif body.totp is not None:
            await steps.by_totp(principal, body.totp, address, user_agent_of(request))
    except InvalidPassword as exc:
        raise InvalidPassword(fields={"password": exc.public}) from exc
    except InvalidCode as exc:
        raise InvalidCode(fields={"totp": exc.public}) from exc
