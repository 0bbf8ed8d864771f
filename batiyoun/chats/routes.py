"""The HTTP edge of chats and messages: `/api/chats`, `/api/sync`."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Request, Response

from batiyoun.auth.routes import CurrentUser, limit, scoped
from batiyoun.auth.service import Principal
from batiyoun.chats.members import MemberService
from batiyoun.chats.model import Appended, ChatView, Page, Receipt, Role
from batiyoun.chats.payloads import (
    AddMembers,
    ChangeRole,
    ChatList,
    ClientId,
    CreateChat,
    Done,
    MessageBody,
    ReadUpTo,
    Receipts,
    Redact,
    RenameChat,
    Sent,
    Sync,
    Synced,
)
from batiyoun.chats.receipts import ReceiptBook
from batiyoun.chats.redactions import Redactions
from batiyoun.chats.service import MAX_PAGE, ChatService
from batiyoun.errors import InvalidInput, NotFound
from batiyoun.http import operation, struct_body, struct_response
from batiyoun.live import Caller

router = APIRouter(prefix="/api", tags=["chats"])

MAX_SEQ = 2**53
#: what the routes of groups need, too: who calls, with no API token, and how often
Person = CurrentUser
within = limit
#: who calls, and what their API token must say if it is one
Reader = Annotated[Principal, scoped("messages:read")]
Writer = Annotated[Principal, scoped("messages:write")]
ChatReader = Annotated[Principal, scoped("chats:read")]
ChatWriter = Annotated[Principal, scoped("chats:write")]
ChatId = Annotated[str, Path(max_length=64)]
UserId = Annotated[str, Path(max_length=64)]


async def _service(request: Request) -> ChatService:
    service: ChatService = request.app.state.chats
    return service


async def _members(request: Request) -> MemberService:
    members: MemberService = request.app.state.members
    return members


async def _redactions(request: Request) -> Redactions:
    redactions: Redactions = request.app.state.redactions
    return redactions


async def _receipts(request: Request) -> ReceiptBook:
    receipts: ReceiptBook = request.app.state.receipts
    return receipts


Chats = Annotated[ChatService, Depends(_service)]
Members = Annotated[MemberService, Depends(_members)]
Wipes = Annotated[Redactions, Depends(_redactions)]
Book = Annotated[ReceiptBook, Depends(_receipts)]


def caller_of(me: Principal) -> Caller:
    """The caller behind an HTTP request."""
    return Caller(me.user_id, me.session_id, me.device_id, program=me.scopes is not None)


# ── chats ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@router.post("/chats", **operation(body=CreateChat, answers={201: ChatView, 200: ChatView}))
async def create_chat(
    wish: Annotated[CreateChat, Depends(struct_body(CreateChat))], me: ChatWriter, chats: Chats
) -> Response:
    """Make a direct chat or a group; 200 when the direct chat exists."""
    view, new = await chats.create(me.user_id, wish, by_program=me.scopes is not None)
    return struct_response(view, 201 if new else 200)


@router.get("/chats", **operation(answers={200: ChatList}))
async def list_chats(
    me: ChatReader,
    chats: Chats,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
    before: Annotated[str | None, Query(max_length=64)] = None,
) -> Response:
    """One's chats with last message and unread count, newest activity first."""
    return struct_response(await chats.list_of(me.user_id, limit=limit, before=before))


@router.post("/chats/{chat_id}/successor", **operation(answers={201: ChatView, 200: ChatView}))
async def succeed_chat(chat_id: ChatId, me: CurrentUser, chats: Chats) -> Response:
    """Begin the chat that takes an encrypted one's place, of the same people in their roles; 200 when it is there."""
    view, new = await chats.succeed(me.user_id, chat_id)
    return struct_response(view, 201 if new else 200)


@router.get("/chats/{chat_id}", **operation(answers={200: ChatView}))
async def read_chat(chat_id: ChatId, me: ChatReader, chats: Chats) -> Response:
    """One chat."""
    return struct_response(await chats.view(me.user_id, chat_id))


@router.patch("/chats/{chat_id}", **operation(body=RenameChat, answers={200: ChatView}))
async def rename_chat(
    chat_id: ChatId,
    wish: Annotated[RenameChat, Depends(struct_body(RenameChat))],
    me: ChatWriter,
    chats: Chats,
    members: Members,
) -> Response:
    """Rename a group; admins."""
    await members.rename(caller_of(me), chat_id, wish.name)
    return struct_response(await chats.view(me.user_id, chat_id))


@router.post("/chats/{chat_id}/members", **operation(body=AddMembers, answers={200: ChatView}))
async def add_members(
    chat_id: ChatId,
    wish: Annotated[AddMembers, Depends(struct_body(AddMembers))],
    me: ChatWriter,
    chats: Chats,
    members: Members,
) -> Response:
    """Add people to a group; admins."""
    await members.add(caller_of(me), chat_id, wish.user_ids)
    return struct_response(await chats.view(me.user_id, chat_id))


@router.delete("/chats/{chat_id}/members/{user_id}", **operation(answers={204: None}))
async def remove_member(chat_id: ChatId, user_id: UserId, me: ChatWriter, members: Members) -> Response:
    """Remove somebody from a group, or leave it."""
    await members.remove(caller_of(me), chat_id, user_id)
    return Response(status_code=204)


@router.put("/chats/{chat_id}/members/{user_id}/role", **operation(body=ChangeRole, answers={200: ChatView}))
async def change_role(
    chat_id: ChatId,
    user_id: UserId,
    wish: Annotated[ChangeRole, Depends(struct_body(ChangeRole))],
    me: ChatWriter,
    chats: Chats,
    members: Members,
) -> Response:
    """Give a member another role; owners."""
    await members.set_role(caller_of(me), chat_id, user_id, Role.of(wish.role))
    return struct_response(await chats.view(me.user_id, chat_id))


@router.post("/chats/{chat_id}/leave", **operation(answers={204: None}))
async def leave_chat(chat_id: ChatId, me: ChatWriter, members: Members) -> Response:
    """Leave a group."""
    await members.leave(caller_of(me), chat_id)
    return Response(status_code=204)


# ── messages ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/chats/{chat_id}/messages", **operation(answers={200: Page}))
async def read_messages(
    chat_id: ChatId,
    me: Reader,
    chats: Chats,
    after: Annotated[int | None, Query(ge=0, le=MAX_SEQ)] = None,
    before: Annotated[int | None, Query(ge=0, le=MAX_SEQ)] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
) -> Response:
    """A page of the log, ascending; the newest without `after` and `before`."""
    return struct_response(await chats.page(me.user_id, chat_id, after=after, before=before, limit=limit))


@router.put("/chats/{chat_id}/messages/{client_id}", **operation(body=MessageBody, answers={201: Sent, 200: Sent}))
async def put_message(
    chat_id: ChatId,
    client_id: Annotated[str, Path(max_length=64)],
    body: Annotated[MessageBody, Depends(struct_body(MessageBody))],
    me: Writer,
    chats: Chats,
) -> Response:
    """Send a message; the same `clientId` again gives the same answer with 200."""
    try:
        msgspec.convert(client_id, ClientId)
    except msgspec.ValidationError as exc:
        raise InvalidInput(fields={"clientId": "1 to 64 of A-Z a-z 0-9 _ - : ."}) from exc
    outcome = await chats.put(caller_of(me), chat_id, client_id, body)
    envelope = outcome.envelope
    sent = Sent(envelope.id, envelope.seq, envelope.timestamp)
    return struct_response(sent, 201 if isinstance(outcome, Appended) else 200)


@router.post("/chats/{chat_id}/redactions", **operation(body=Redact, answers={200: Sent}))
async def redact_message(
    chat_id: ChatId, wish: Annotated[Redact, Depends(struct_body(Redact))], me: Writer, redactions: Wipes
) -> Response:
    """Delete a message for everybody: its sender, or an admin of the group. Answers where the chat says so."""
    if wish.seq > MAX_SEQ:
        raise NotFound
    told = await redactions.redact(caller_of(me), chat_id, wish.seq)
    return struct_response(Sent(told.id, told.seq, told.timestamp))


@router.get("/chats/{chat_id}/receipts", **operation(answers={200: Receipts}))
async def read_receipts(
    chat_id: ChatId, me: Reader, chats: Chats, seq: Annotated[int | None, Query(ge=0, le=MAX_SEQ)] = None
) -> Response:
    """Who has got and seen the message at `seq`."""
    return struct_response(await chats.receipts(me.user_id, chat_id, seq))


@router.post("/chats/{chat_id}/receipts", **operation(body=ReadUpTo, answers={200: Done}))
async def move_receipt(
    chat_id: ChatId,
    wish: Annotated[ReadUpTo, Depends(struct_body(ReadUpTo))],
    me: Writer,
    chats: Chats,
    book: Book,
) -> Response:
    """Say that everything up to `seq` is seen, or here; answered when it is durable."""
    await chats.view(me.user_id, chat_id)
    receipt = Receipt(chat_id, me.user_id, wish.seq, read=wish.kind == "read")
    return struct_response(await book.put(receipt))


@router.post("/sync", **operation(body=Sync, answers={200: Synced}))
async def sync(wish: Annotated[Sync, Depends(struct_body(Sync))], me: ChatReader, chats: Chats) -> Response:
    """Where every chat stands, and which are gone; the same as the socket event."""
    return struct_response(await chats.sync(me.user_id, wish.cursors))
