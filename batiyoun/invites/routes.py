"""The HTTP edge of invitations."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import AfterValidator, Field, StringConstraints

from batiyoun.auth.routes import CurrentUser, limit, limit_by_address
from batiyoun.http import Body
from batiyoun.invites.model import DEFAULT_DAYS, MAX_DAYS, MAX_NOTE, MAX_USES, Invite
from batiyoun.invites.service import InviteService
from batiyoun.limiting import Rate
from batiyoun.users.model import PublicUser, check_line, public_user

router = APIRouter(prefix="/api/invites", tags=["invites"])

#: by person
MAKE = Rate("invites", burst=30, period=60)
ACCEPT = Rate("accept-invite", burst=20, period=6)
#: by address: a code has 256 bits, so this only bounds the work
LOOK = Rate("look-at-invite", burst=60, period=1)

#: the code; for `DELETE` the id
Which = Annotated[str, Path(max_length=64)]


async def invites_of(request: Request) -> InviteService:
    """The invitations of this application."""
    invites: InviteService = request.app.state.invites
    return invites


Invites = Annotated[InviteService, Depends(invites_of)]


class NewInvite(Body):
    """`POST invites`: how many may use it, for how long, and a note for oneself."""

    max_uses: Annotated[int, Field(ge=1, le=MAX_USES)] = 1
    expires_in_days: Annotated[int, Field(ge=1, le=MAX_DAYS)] = DEFAULT_DAYS
    note: Annotated[
        str, StringConstraints(max_length=4 * MAX_NOTE), AfterValidator(lambda v: check_line(v, MAX_NOTE))
    ] = ""


class InviteView(Body):
    """An invitation as its maker sees it."""

    id: str
    code: str | None = Field(description="shown once, when it is made: only its hash is kept")
    url: str | None = Field(description="the link with the code; what follows `#` is the client's")
    uses: int
    max_uses: int
    expires_at: datetime
    note: str
    created_at: datetime


class MadeInvite(Body):
    """The answer to `POST invites`."""

    invite: InviteView


class InviteList(Body):
    """`GET invites`: one's own, the newest first."""

    invites: list[InviteView]


class InviteInfo(Body):
    """`GET invites/{code}`: what somebody who was sent the link may know."""

    inviter: PublicUser
    expires_at: datetime


class Accepted(Body):
    """`POST invites/{code}/accept`: the chat with the inviter."""

    chat_id: str


@router.post("", status_code=201)
async def make_invite(body: NewInvite, request: Request, principal: CurrentUser, invites: Invites) -> MadeInvite:
    """Make a link that lets people sign up, and opens the chat with oneself."""
    limit(request, MAKE, principal.user_id)
    made = await invites.make(principal.user_id, max_uses=body.max_uses, days=body.expires_in_days, note=body.note)
    return MadeInvite(invite=_view(made.invite, made.code, invites.url_of(made.code)))


@router.get("")
async def list_invites(principal: CurrentUser, invites: Invites) -> InviteList:
    """One's own invitations."""
    return InviteList(invites=[_view(invite) for invite in await invites.of_user(principal.user_id)])


@router.delete("/{invite}", status_code=204)
async def withdraw_invite(invite: Which, principal: CurrentUser, invites: Invites) -> None:
    """Void one's own invitation, by its id; who signed up with it stays."""
    await invites.withdraw(principal.user_id, invite)


@router.get("/{invite}")
async def look_at_invite(invite: Which, request: Request, invites: Invites) -> InviteInfo:
    """Who invites with this code, while it is good."""
    limit_by_address(request, LOOK)
    found, inviter = await invites.look(invite)
    return InviteInfo(inviter=public_user(inviter), expires_at=found.expires_at)


@router.post("/{invite}/accept")
async def accept_invite(invite: Which, request: Request, principal: CurrentUser, invites: Invites) -> Accepted:
    """Follow the link with the account one has: it opens the chat with the inviter."""
    limit(request, ACCEPT, principal.user_id)
    return Accepted(chat_id=await invites.accept(principal.user_id, invite))


def _view(invite: Invite, code: str | None = None, url: str | None = None) -> InviteView:
    return InviteView(
        id=invite.id,
        code=code,
        url=url,
        uses=invite.uses,
        max_uses=invite.max_uses,
        expires_at=invite.expires_at,
        note=invite.note,
        created_at=invite.created_at,
    )
