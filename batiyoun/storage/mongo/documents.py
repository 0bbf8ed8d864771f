"""Between envelopes and documents. The fields are the seed's; those after `timestamp` are ours."""

from __future__ import annotations

from datetime import UTC, datetime

import bson

from batiyoun.chats.model import Draft, Envelope, Role
from batiyoun.storage.mongo.client import UNFIT, Document
from batiyoun.storage.shared.plan import Stored

ROLES = {int(role): role for role in Role}
#: what a document may weigh, with room for what the server adds (MongoDB manual, "Limits": 16 MiB)
_MAX_BYTES = 16 * 1024 * 1024 - 16 * 1024
_SOME_TIME = datetime(2000, 1, 1, tzinfo=UTC)
#: what a page needs of a message: everything but the digest
SHOWN = {"digest": False}


def to_document(draft: Draft, seq: int, now: datetime) -> Document:
    """The message at `seq`. What is missing has no field."""
    document: Document = {
        "_id": draft.id,
        "chatId": draft.chat_id,
        "senderId": draft.sender_id,
        "content": draft.content,
        "encrypted": draft.encrypted,
        "type": draft.type,
        "metadata": draft.metadata,
        "timestamp": now,
        "seq": seq,
        "clientId": draft.client_id,
        "kind": draft.kind,
        "notify": draft.notify,
        "digest": draft.digest,
    }
    if draft.iv is not None:
        document["iv"] = draft.iv
    if draft.mls is not None:
        document["mls"] = draft.mls
    if draft.sender_device_id is not None:
        document["senderDeviceId"] = draft.sender_device_id
    return document


def to_envelope(document: Document) -> Envelope:
    """The envelope of a message."""
    get = document.get
    return Envelope(
        document["chatId"],
        document["seq"],
        document["_id"],
        document["senderId"],
        get("senderDeviceId"),
        document["clientId"],
        document["kind"],
        document["type"],
        document["content"],
        get("iv"),
        document["encrypted"],
        get("mls"),
        document["metadata"],
        document["notify"],
        document["timestamp"],
    )


def to_stored(document: Document) -> Stored:
    """The envelope of a message, and its digest."""
    return Stored(bytes(document["digest"]), to_envelope(document))


def fits(draft: Draft) -> bool:
    """Whether MongoDB can hold it: UTF-8, numbers of 64 bits, 16 MiB."""
    try:
        return len(bson.encode(to_document(draft, 0, _SOME_TIME))) <= _MAX_BYTES
    except UNFIT:
        return False


def is_text(text: str) -> bool:
    """UTF-8; anything else cannot even be asked for."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
