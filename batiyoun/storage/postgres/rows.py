"""Between envelopes and rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import asyncpg
import msgspec

from batiyoun.chats.model import Draft, Envelope
from batiyoun.storage.shared.plan import Plan, Stored

_encode_json = msgspec.json.Encoder().encode
_decode_metadata = msgspec.json.Decoder(dict[str, Any]).decode

#: what a b-tree entry can hold, with room to spare (PostgreSQL manual, "B-Tree Indexes": a third of a page)
_MAX_ID = 500

Record: TypeAlias = asyncpg.Record

#: The columns of `log l` that make an envelope, in the order of `to_envelope`.
COLUMNS = (
    "l.seq, l.id, l.sender_id, l.sender_device_id, l.client_id, l.kind, l.type, l.content, l.iv, l.encrypted, l.mls,"
    " l.metadata, l.notify, l.timestamp"
)
#: How many those are.
WIDTH = 14


def to_envelope(record: Record, chat_id: str, at: int = 0) -> Envelope:
    """The envelope whose columns begin at `at`."""
    metadata = record[at + 11]
    return Envelope(
        chat_id,
        record[at],
        record[at + 1],
        record[at + 2],
        record[at + 3],
        record[at + 4],
        record[at + 5],
        record[at + 6],
        record[at + 7],
        record[at + 8],
        record[at + 9],
        record[at + 10],
        _decode_metadata(metadata) if metadata else {},
        record[at + 12],
        record[at + 13],
    )


def to_stored(record: Record, chat_id: str) -> Stored:
    """As `to_envelope`, with the digest behind."""
    return Stored(record[WIDTH], to_envelope(record, chat_id))


def to_columns(plans: Iterable[Plan]) -> Sequence[Sequence[Any]]:
    """The rows of these plans, one list per column: chat, place (from 1), id, sender, …, as `APPEND` takes them.

    Raises `TypeError`, `msgspec.MsgspecError`, `UnicodeEncodeError` for metadata that JSON cannot express.
    """
    rows = [
        (
            plan.roster.ref if plan.roster else 0,
            place,
            draft.id,
            draft.sender_id,
            draft.sender_device_id,
            draft.client_id,
            draft.kind,
            draft.type,
            draft.content,
            draft.iv,
            draft.encrypted,
            draft.mls,
            _encode_json(draft.metadata).decode() if draft.metadata else None,
            draft.notify,
            draft.digest,
        )
        for plan in plans
        for place, (_, draft) in enumerate(plan.rows, 1)
    ]
    return list(zip(*rows, strict=True))


def fits(draft: Draft) -> bool:
    """Whether PostgreSQL can hold it: UTF-8 without NUL, metadata that is JSON, names of a sane length."""
    try:
        _encode_json(draft.metadata)
    except (TypeError, UnicodeEncodeError, OverflowError, msgspec.MsgspecError):
        return False
    names = (draft.id, draft.sender_id, draft.client_id, draft.sender_device_id)
    texts = (*names, draft.kind, draft.type, draft.content, draft.iv, draft.mls)
    return all(text is None or is_text(text) for text in texts) and all(
        name is None or len(name) <= _MAX_ID for name in names
    )


def is_text(text: str) -> bool:
    """UTF-8 without NUL; anything else cannot even be asked for."""
    if "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
