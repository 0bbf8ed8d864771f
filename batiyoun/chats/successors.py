"""The chat that takes an encrypted chat's place, when its members' devices will not follow its group any more.

Its id follows from the old one's, so there is one however many people begin it, and every device that is in both finds
the way from one to the other by itself. It is a UUIDv8 (RFC 9562 §5.8): clients make version 7 only (`payloads.NewId`),
so nobody can be there first with a chat of other people. Being a hash, it never leads back to a chat before it.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime

from batiyoun.chats.model import Chat, Member, NewChat, Role
from batiyoun.errors import Conflict, Forbidden

_SALT = b"batiyoun successor "


def successor_of(chat_id: str) -> str:
    """The id of the chat that takes this one's place; `client/src/core/talk/successors.ts` has the same."""
    octets = bytearray(hashlib.sha256(_SALT + chat_id.encode()).digest()[:16])
    octets[6] = octets[6] & 0x0F | 0x80
    octets[8] = octets[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(octets)))


def may_succeed(chat: Chat, member: Member) -> None:
    """Whether this member may begin the chat that takes this one's place.

    Raises `Forbidden` (only owner and admins begin a group), `Conflict` (a chat without encryption).
    """
    if chat.type == "group" and member.role is Role.MEMBER:
        raise Forbidden("Only the owner and admins of a group begin the one that takes its place.")
    if chat.encryption != "mls":
        raise Conflict("This chat is not end-to-end encrypted.")


def next_chat(chat: Chat, user_id: str, known: set[str], direct_key: str | None, now: datetime) -> NewChat:
    """The wish for it: the same people in the same roles, as far as they are `known` still. A group has an owner."""
    roles = {each.user_id: each.role for each in chat.members.values() if each.user_id in known | {user_id}}
    if chat.type == "group" and Role.OWNER not in roles.values():
        roles[user_id] = Role.OWNER
    return NewChat(
        id=successor_of(chat.id),
        type=chat.type,
        encryption="mls",
        name=None,
        creator_id=user_id,
        roles=roles,
        direct_key=f"{direct_key}:{chat.id}" if direct_key else None,
        created_at=now,
    )
