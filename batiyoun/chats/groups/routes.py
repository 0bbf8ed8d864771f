"""The HTTP edge of encrypted groups: `/api/chats/{id}/group`, `group-info`, `commits`, and `/api/keys/welcomes`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from batiyoun.chats.groups.payloads import MAX_COMMIT_BODY, Commit, Committed, GroupInfoView, GroupView, WelcomeList
from batiyoun.chats.groups.service import GroupService
from batiyoun.chats.routes import ChatId, Person, caller_of, within
from batiyoun.http import operation, struct_body, struct_response
from batiyoun.limiting import Rate

router = APIRouter(prefix="/api", tags=["encryption"])

#: commits of one person: engines that bring many chats in line need some at once, and nobody needs them for long
COMMITS = Rate("commits", burst=60, period=1)
#: how paths end that take larger bodies than others, and where they begin
LARGE = {"/commits": MAX_COMMIT_BODY}
LARGE_AT = "/api/chats/"


async def _groups(request: Request) -> GroupService:
    service: GroupService = request.app.state.groups
    return service


Groups = Annotated[GroupService, Depends(_groups)]


@router.get("/chats/{chat_id}/group", **operation(answers={200: GroupView}))
async def read_group(chat_id: ChatId, me: Person, groups: Groups) -> Response:
    """Who should be in the chat's group and who is."""
    return struct_response(await groups.view(me.user_id, chat_id))


@router.get("/chats/{chat_id}/group-info", **operation(answers={200: GroupInfoView}))
async def read_group_info(chat_id: ChatId, me: Person, groups: Groups) -> Response:
    """The group's public description, to come in from outside."""
    return struct_response(await groups.info(me.user_id, chat_id))


@router.post("/chats/{chat_id}/commits", **operation(body=Commit, answers={201: Committed, 200: Committed}))
async def put_commit(
    request: Request,
    chat_id: ChatId,
    wish: Annotated[Commit, Depends(struct_body(Commit))],
    me: Person,
    groups: Groups,
) -> Response:
    """Move the group on by one epoch; the same `commitId` again gives the same answer with 200."""
    within(request, COMMITS, me.user_id)
    committed, new = await groups.commit(caller_of(me), chat_id, wish)
    return struct_response(committed, 201 if new else 200)


@router.get("/keys/welcomes", **operation(answers={200: WelcomeList}))
async def list_welcomes(me: Person, groups: Groups) -> Response:
    """The ways into groups that wait for this device."""
    return struct_response(await groups.welcomes(caller_of(me)))


@router.delete("/keys/welcomes/{welcome_id}", **operation(answers={204: None}))
async def forget_welcome(welcome_id: Annotated[str, Path(max_length=64)], me: Person, groups: Groups) -> Response:
    """This device has it, or has no use for it."""
    await groups.forget_welcome(caller_of(me), welcome_id)
    return Response(status_code=204)
