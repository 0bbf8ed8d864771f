"""Facts about chats: the envelope, the chat, its members, and what changes them.

Structs with `rename="camel"` are the public wire shapes (JSON and msgpack); the others stay inside the server.
Structs of the hot path have `gc=False`: they hold nothing that could refer back to them, so the collector of cycles
need not know them.
"""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum
from typing import Any, Literal

import msgspec

from batiyoun.chats.groups.model import Sealed, Step
from batiyoun.chats.preferences.model import NO_PREFERENCES, Preferences

Kind = Literal["message", "commit", "system"]
ChatType = Literal["direct", "group"]
Encryption = Literal["mls", "none"]
RoleName = Literal["owner", "admin", "member"]
#: the type of a message that was deleted for everybody, and of the system envelope that says so
REDACTED = "redacted"
#: Begins the client ids of events that the server names itself. `payloads.ClientId` has no such character, so nobody's
#: message can be in the way of one.
OF_SERVER = "!"


class Role(IntEnum):
    """What a member may do; a larger one may do all of the smaller's."""

    MEMBER = 1
    ADMIN = 2
    OWNER = 3

    @property
    def wire(self) -> RoleName:
        """The name in the public contract."""
        names: dict[Role, RoleName] = {Role.MEMBER: "member", Role.ADMIN: "admin", Role.OWNER: "owner"}
        return names[self]

    @classmethod
    def of(cls, name: RoleName) -> Role:
        """The role of that public name."""
        return cls[name.upper()]


class Envelope(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """One durable thing that happened in a chat; `seq` is gap-free per chat and visible in order."""

    chat_id: str
    seq: int
    id: str
    sender_id: str
    sender_device_id: str | None
    client_id: str
    kind: Kind
    type: str
    content: str
    iv: str | None
    encrypted: bool
    mls: str | None
    metadata: dict[str, Any]
    notify: bool
    timestamp: datetime


class Participant(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A member as others see them; one's own entry has `read_seq`, everybody else's `shared_read_seq`."""

    user_id: str
    role: RoleName
    delivered_seq: int
    read_seq: int | msgspec.UnsetType = msgspec.UNSET
    shared_read_seq: int | msgspec.UnsetType = msgspec.UNSET


class ChatView(msgspec.Struct, frozen=True, rename="camel"):
    """A chat as one of its members sees it. `unread` is an upper bound that the client corrects.

    `read_only`: it is from before encryption, and people go on in an encrypted one. `preferences` are this member's.
    """

    id: str
    type: ChatType
    encryption: Encryption
    participants: list[Participant]
    name: str | None
    last_message: Envelope | None
    last_message_at: datetime | None
    head_seq: int
    unread: int
    created_at: datetime
    read_only: bool = False
    preferences: Preferences = NO_PREFERENCES


class Member(msgspec.Struct, frozen=True):
    """A roster row. History before `joined_seq` is not shown to the member."""

    user_id: str
    role: Role
    joined_seq: int
    delivered_seq: int
    read_seq: int
    shared_read_seq: int


class Chat(msgspec.Struct, frozen=True):
    """A chat as the store keeps it, with its roster."""

    id: str
    type: ChatType
    encryption: Encryption
    name: str | None
    head_seq: int
    created_at: datetime
    members: dict[str, Member]


class Membership(msgspec.Struct, frozen=True, gc=False):
    """What connecting and syncing need to know of one chat of a user.

    `partner_id` is the other person of a direct chat (None for groups and for notes to oneself).
    """

    chat_id: str
    type: ChatType
    role: Role
    joined_seq: int
    head_seq: int
    read_seq: int
    partner_id: str | None = None


class NewChat(msgspec.Struct, frozen=True):
    """A chat to be made. `direct_key` is unique per pair and encryption (None for groups).

    `digest` covers what was asked for, when the `id` was made by the client: the same wish again is a retry.
    """

    id: str
    type: ChatType
    encryption: Encryption
    name: str | None
    creator_id: str
    roles: dict[str, Role]
    direct_key: str | None
    created_at: datetime
    digest: bytes | None = None


class RosterChange(msgspec.Struct, frozen=True):
    """What a system envelope does to the chat, in the transaction that appends it."""

    add: dict[str, Role] = {}
    remove: tuple[str, ...] = ()
    roles: dict[str, Role] = {}
    name: str | msgspec.UnsetType | None = msgspec.UNSET


class Draft(msgspec.Struct, frozen=True, gc=False):
    """An envelope before it has a place in the log.

    `digest` covers (content, iv, type, metadata): a retry with the same clientId and digest gets the first envelope,
    with another digest `client_id_reused`. `requires` is the sender's least role, checked where the row is written.
    `barred`: what it is refused with, unless it is a retry of what is stored.
    `sealed` says what an encrypted message was encrypted in, `step` what a commit does to the group.
    """

    id: str
    chat_id: str
    sender_id: str
    sender_device_id: str | None
    client_id: str
    kind: Kind
    type: str
    content: str
    iv: str | None
    encrypted: bool
    mls: str | None
    metadata: dict[str, Any]
    notify: bool
    digest: bytes
    requires: Role = Role.MEMBER
    change: RosterChange | None = None
    sealed: Sealed | None = None
    step: Step | None = None
    barred: Exception | None = None

    @property
    def size(self) -> int:
        """About how many bytes the row takes, for batch limits."""
        size = len(self.content) + len(self.mls or "") + 300
        if self.step is not None:
            size += len(self.step.info) + len(self.step.welcome or b"")
        return size


class Appended(msgspec.Struct, frozen=True, gc=False):
    """The draft is durable at `envelope.seq`; `change` is what it did to the roster."""

    envelope: Envelope
    change: RosterChange | None = None


class Replayed(msgspec.Struct, frozen=True, gc=False):
    """The draft had been stored before; here is the first envelope."""

    envelope: Envelope


class Refused(msgspec.Struct, frozen=True):
    """The draft was not stored and never will be."""

    error: Exception


Outcome = Appended | Replayed | Refused


class Page(msgspec.Struct, frozen=True, rename="camel"):
    """A piece of a chat's log, ascending by `seq`."""

    messages: list[Envelope]
    head_seq: int
    has_more: bool


class Receipt(msgspec.Struct, frozen=True, gc=False):
    """A member has got (`delivered`) or seen (`read`) everything up to `seq`; `share` tells co-members."""

    chat_id: str
    user_id: str
    seq: int
    read: bool
    share: bool = True
