"""What clients send about chats and what they get back: the socket payloads and REST bodies of the public contract.

Every struct here is part of the generated schema; validators in the browser come from it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from batiyoun.chats.model import ChatType, ChatView, Encryption, RoleName

#: On the wire, in bytes of UTF-8; the seed's 5,000 characters bind plaintext.
MAX_CONTENT = 64 * 1024
MAX_PLAINTEXT = 5_000
MAX_MLS = 700_000
MAX_METADATA = 4 * 1024
MAX_GROUP = 1_000

#: The end of the text, for msgspec and for browsers: the `$` of `re` also stands before a last line feed, and its `\Z`
#: is a letter in JavaScript.
_END = r"$(?!\n)"
_UUID = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
Id = Annotated[str, msgspec.Meta(pattern=_UUID + _END)]
#: RFC 9562 §5.7: made by a client, in the order of time.
_UUID_7 = "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
NewId = Annotated[str, msgspec.Meta(pattern=_UUID_7 + _END, max_length=36)]
#: The same to clients. Here, where an id is only looked up among the caller's rooms, the length is enough: the
#: expression would cost more than the whole message's decoding.
LookedUpId = Annotated[str, msgspec.Meta(min_length=36, max_length=36, extra_json_schema={"pattern": f"{_UUID}$"})]
ClientId = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_\-:.]+" + _END)]
Content = Annotated[str, msgspec.Meta(max_length=MAX_CONTENT)]
Seq = Annotated[int, msgspec.Meta(ge=0)]
MessageType = Annotated[str, msgspec.Meta(min_length=1, max_length=32, pattern=r"^[a-z][a-z0-9_\-.]*" + _END)]
GroupName = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class Payload(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """Base of everything clients send. Unknown fields are ignored: a client cannot set senderId, timestamp or role."""


class JoinChat(Payload, frozen=True):
    """`join_chat`, `leave_chat`, `typing`: names a chat."""

    chat_id: LookedUpId


class MessageBody(Payload, frozen=True):
    """`PUT chats/{id}/messages/{clientId}`: the message without its address."""

    content: Content
    encrypted: bool
    iv: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    type: MessageType = "text"
    metadata: dict[str, Any] = {}
    mls: Annotated[str, msgspec.Meta(max_length=MAX_MLS)] | None = None
    notify: bool = True


class SendMessage(MessageBody, frozen=True, kw_only=True):
    """`send_message`."""

    chat_id: LookedUpId
    client_id: ClientId | None = None


class ReceiptPayload(Payload, frozen=True):
    """`read_receipt`, `delivery_receipt`: by the seed's `messageId`, or by `chatId` and `seq`."""

    message_id: Id | None = None
    chat_id: Id | None = None
    seq: Seq | None = None


class Sync(Payload, frozen=True):
    """`sync`: what the client has of each chat."""

    cursors: Annotated[dict[Id, Seq], msgspec.Meta(max_length=10_000)]


class CreateChat(Payload, frozen=True):
    """`POST chats`. A group may be given its `id`, a UUIDv7: sent again, the same wish finds the group it made."""

    type: ChatType
    participants: Annotated[list[Id], msgspec.Meta(min_length=1, max_length=MAX_GROUP)]
    name: GroupName | None = None
    encryption: Encryption | None = None
    id: NewId | None = None


class AddMembers(Payload, frozen=True):
    """`POST chats/{id}/members`."""

    user_ids: Annotated[list[Id], msgspec.Meta(min_length=1, max_length=100)]


class ChangeRole(Payload, frozen=True):
    """`PUT chats/{id}/members/{userId}/role`."""

    role: RoleName


class RenameChat(Payload, frozen=True):
    """`PATCH chats/{id}`."""

    name: GroupName


class Redact(Payload, frozen=True):
    """`POST chats/{id}/redactions`: the place of the message."""

    seq: Annotated[int, msgspec.Meta(ge=1)]


class ReadUpTo(Payload, frozen=True):
    """`POST chats/{id}/receipts`."""

    seq: Seq
    kind: Literal["read", "delivered"] = "read"


# ── what the server sends ─────────────────────────────────────────────────────────────────────────────────────────────


class Sent(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """The acknowledgement of `send_message`: durable at `seq`."""

    id: str
    seq: int
    timestamp: datetime
    ok: Literal[True] = True


class Done(msgspec.Struct, frozen=True, rename="camel"):
    """The acknowledgement of an event that has nothing more to say."""

    ok: Literal[True] = True


class SyncedChat(msgspec.Struct, frozen=True, rename="camel"):
    """A chat in the answer to `sync`."""

    chat_id: str
    head_seq: int
    read_seq: int


class Synced(msgspec.Struct, frozen=True, rename="camel"):
    """The answer to `sync`: every chat that is ahead of its cursor or unknown to the client, and those it lost."""

    chats: list[SyncedChat]
    removed: list[str]
    ok: Literal[True] = True


class ErrorInfo(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """An error as acks carry it. `retryable`: the outcome is unknown, send the same clientId again."""

    code: str
    message: str
    retryable: bool
    retry_after: float | None = None
    fields: dict[str, str] = {}


class Joined(msgspec.Struct, frozen=True, rename="camel"):
    """The answer to `join_chat`: the chat is marked as open on this connection; who is there right now."""

    head_seq: int
    online: list[str]
    typing: list[str]
    ok: Literal[True] = True


class Failed(msgspec.Struct, frozen=True, rename="camel"):
    """The acknowledgement of an event that was refused."""

    error: ErrorInfo
    ok: Literal[False] = False


class MessageRead(msgspec.Struct, frozen=True, rename="camel"):
    """`message_read(messageId, details)` and `message_delivered(messageId, details)`: the second argument.

    Everything up to `seq`. Above 50 members `user_id` is null and `count` says how many have it.
    """

    chat_id: str
    user_id: str | None
    seq: int
    message_id: str | None
    count: int | None = None


class ChatUpdated(msgspec.Struct, frozen=True, rename="camel"):
    """`chat_updated`: the chat is new to you, or its members, roles or name changed; fetch it."""

    chat_id: str


class ChatRemoved(msgspec.Struct, frozen=True, rename="camel"):
    """`chat_removed`: you are not in this chat any more."""

    chat_id: str


class Resync(msgspec.Struct, frozen=True, rename="camel"):
    """`resync`: live frames were dropped; ask `sync`."""

    reason: str


class Welcome(msgspec.Struct, frozen=True, rename="camel"):
    """Extra fields of the CONNECT reply."""

    sid: str
    protocol: int
    min_client: str


class ChatList(msgspec.Struct, frozen=True, rename="camel"):
    """`GET chats`: newest activity first; ask again with `before` = the last id while `has_more`."""

    chats: list[ChatView]
    has_more: bool


class Receipts(msgspec.Struct, frozen=True, rename="camel"):
    """`GET chats/{id}/receipts`: the seed's `readBy` and `deliveredTo` of the message at `seq`, from the cursors."""

    seq: int
    read_by: list[str]
    delivered_to: list[str]
