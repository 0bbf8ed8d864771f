"""Validation of what people send, beyond what the payload structs say; pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from typing import Any

import msgspec

from batiyoun.chats.model import REDACTED, Chat, Member, Role
from batiyoun.chats.payloads import MAX_CONTENT, MAX_METADATA, MAX_PLAINTEXT, CreateChat, MessageBody
from batiyoun.errors import ChatNotFound, Forbidden, InvalidInput, PayloadTooLarge

#: A plain name: `$where`, dotted paths and the like never reach a store (security.md 31).
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_MAX_DEPTH = 4
#: Types of kind `message` that only the server gives: whoever sent one could pass something off as deleted.
_RESERVED_TYPES = frozenset({REDACTED})
_stable = msgspec.json.Encoder(order="deterministic")


def check_metadata(metadata: dict[str, Any]) -> None:
    """At most 4 KiB of JSON, four levels deep, with plain keys.

    Raises `InvalidInput`, `PayloadTooLarge`.
    """
    if not metadata:
        return
    _check_value(metadata, _MAX_DEPTH)
    if len(_stable.encode(metadata)) > MAX_METADATA:
        raise PayloadTooLarge("The metadata is larger than 4 KB. Send a file instead.")


def _check_value(value: Any, depth: int) -> None:
    if isinstance(value, dict | list) and depth == 0:
        raise InvalidInput("The metadata is nested too deeply.", fields={"metadata": "nested too deeply"})
    if isinstance(value, dict):
        for key, inner in value.items():
            if not _KEY.fullmatch(key):
                raise InvalidInput("A metadata name has unusual characters.", fields={"metadata": "unusual name"})
            _check_value(inner, depth - 1)
    elif isinstance(value, list):
        for inner in value:
            _check_value(inner, depth - 1)
    elif isinstance(value, str) and "\0" in value:
        raise InvalidInput("The metadata has a NUL character.", fields={"metadata": "has a NUL character"})


def check_message(body: MessageBody) -> None:
    """Sizes in bytes, the seed's 5,000 characters for plaintext, no NUL, no type of the server's, metadata as
    `check_metadata`.

    Raises `InvalidInput`, `PayloadTooLarge`.
    """
    if body.type in _RESERVED_TYPES:
        raise InvalidInput("Only the server gives a message this type.", fields={"type": "reserved"})
    content = body.content
    # 3 bytes a character at most outside the astral planes, 4 within: encode only when it can matter
    if len(content) * 4 > MAX_CONTENT and len(content.encode()) > MAX_CONTENT:
        raise PayloadTooLarge("The message is larger than 64 KB. Send it in parts or as a file.")
    if not body.encrypted:
        if not content.strip():
            raise InvalidInput("The message is empty. Write something first.", fields={"content": "empty"})
        if len(content) > MAX_PLAINTEXT:
            raise InvalidInput("The message is longer than 5,000 characters.", fields={"content": "too long"})
    elif not content:
        raise InvalidInput("The message is empty. Write something first.", fields={"content": "empty"})
    if "\0" in content:
        raise InvalidInput("The message has a NUL character.", fields={"content": "has a NUL character"})
    check_metadata(body.metadata)


def digest_of(body: MessageBody) -> bytes:
    """What a retry with the same clientId is compared by: (content, iv, type, metadata), not `mls` (design D5)."""
    packed = _stable.encode((body.content, body.iv, body.type, body.metadata))
    return hashlib.blake2b(packed, digest_size=16).digest()


def digest_of_wish(wish: CreateChat, others: Collection[str]) -> bytes:
    """What a second wish for a group of the same id is compared by: its type, name and people, in any order."""
    packed = _stable.encode((wish.type, (wish.name or "").strip(), sorted(others)))
    return hashlib.blake2b(packed, digest_size=16).digest()


def access_chat(chat: Chat | None, user_id: str) -> tuple[Chat, Member]:
    """The chat and the user's place in it.

    Raises `ChatNotFound`: the same answer for a stranger, an ex-member and a chat that never was (security.md 24).
    """
    if chat is None or (member := chat.members.get(user_id)) is None:
        raise ChatNotFound
    return chat, member


def access_group(chat: Chat | None, user_id: str, least: Role) -> tuple[Chat, Member]:
    """The group, if the user has at least that role. Raises `ChatNotFound`, `Forbidden`."""
    found, member = access_chat(chat, user_id)
    if found.type != "group":
        raise Forbidden("A conversation of two stays of two. Create a group instead.")
    if member.role < least:
        raise Forbidden
    return found, member
