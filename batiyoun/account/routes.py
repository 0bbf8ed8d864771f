"""The HTTP edge of leaving, and of taking one's data along."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field, StringConstraints

from batiyoun.account.export import Exporter
from batiyoun.account.service import KEPT, WIPED, Kept, Leaving, Wiped
from batiyoun.auth.routes import Auth, CurrentUser, FreshUser, forget_session, limit
from batiyoun.http import Body
from batiyoun.limiting import Rate

router = APIRouter(prefix="/api/users/me", tags=["users"])

#: by person
EXPORT = Rate("export", burst=3, period=1200)
LEAVE = Rate("leave", burst=10, period=60)


async def leaving_of(request: Request) -> Leaving:
    """How people leave this application."""
    leaving: Leaving = request.app.state.leaving
    return leaving


async def exporter_of(request: Request) -> Exporter:
    """How people take their data along."""
    exporter: Exporter = request.app.state.exporter
    return exporter


class Leave(Body):
    """`DELETE users/me`: one's username, typed again."""

    username: Annotated[str, StringConstraints(max_length=64)]


class Deletion(Body):
    """`GET users/me/deletion`: what deleting one's account would do."""

    wiped: list[Wiped] = Field(description="what is gone for ever")
    kept: list[Kept] = Field(description="what stays, under the name of a deleted account")


@router.get("/deletion")
async def read_deletion(_: CurrentUser) -> Deletion:
    """What is wiped when one deletes one's account, and what stays."""
    return Deletion(wiped=list(WIPED), kept=list(KEPT))


@router.delete("", status_code=204)
async def delete_me(
    body: Leave,
    request: Request,
    response: Response,
    auth: Auth,
    me: FreshUser,
    leaving: Annotated[Leaving, Depends(leaving_of)],
) -> None:
    """Delete one's account, for ever: every session ends, groups are left, and their owner's place is passed on."""
    limit(request, LEAVE, me.user_id)
    user_agent = request.headers.get("user-agent", "")
    await leaving.leave(me.user_id, body.username, session_id=me.session_id, user_agent=user_agent)
    forget_session(response, auth)


@router.get(
    "/export",
    response_class=Response,
    responses={200: {"description": "A JSON document.", "content": {"application/json": {"schema": {}}}}},
)
async def export(
    request: Request, me: FreshUser, exporter: Annotated[Exporter, Depends(exporter_of)]
) -> StreamingResponse:
    """All that is kept about oneself, as a JSON file: profile, sessions, security log, chats with their messages."""
    limit(request, EXPORT, me.user_id)
    pieces = await exporter.begin(me, request.headers.get("user-agent", ""))
    disposition = 'attachment; filename="batiyoun-export.json"'
    return StreamingResponse(pieces, media_type="application/json", headers={"Content-Disposition": disposition})
