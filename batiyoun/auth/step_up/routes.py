"""The HTTP edge of proving again who one is."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import StringConstraints

from batiyoun.auth.model import MAX_PASSWORD
from batiyoun.auth.routes import CurrentUser, limit, step_up_of
from batiyoun.auth.step_up.service import StepUp
from batiyoun.auth.throttle import STEP_UP
from batiyoun.errors import InvalidPassword
from batiyoun.http import Body, client_address

router = APIRouter(prefix="/api/auth/step-up", tags=["auth"])

Steps = Annotated[StepUp, Depends(step_up_of)]


class Proof(Body):
    """`POST auth/step-up`: one thing that only this person has."""

    password: Annotated[str, StringConstraints(min_length=1, max_length=MAX_PASSWORD)]


@router.post("", status_code=204)
async def step_up(body: Proof, request: Request, principal: CurrentUser, steps: Steps) -> None:
    """Prove again who one is: for ten minutes this session may change what is dangerous."""
    limit(request, STEP_UP, principal.user_id)
    try:
        await steps.by_password(principal, body.password, client_address(request))
    except InvalidPassword as exc:
        raise InvalidPassword(fields={"password": exc.public}) from exc
