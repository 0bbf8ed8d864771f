"""Between envelopes and rows, with a checksum over every row.

`PRAGMA quick_check` proves the structure of the file, not its contents: a flipped bit inside a body, a sender or a role
goes unseen. So every row carries a CRC-32 over its values, compared whenever it is read (reliability.md: never silent).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zlib import crc32

import msgspec

from batiyoun.chats.model import REDACTED, Draft, Envelope, Kind
from batiyoun.runtime import from_millis
from batiyoun.storage.sqlite.errors import RowDamaged

_KINDS: tuple[Kind, ...] = ("message", "commit", "system")
KIND_CODES: dict[Kind, int] = {kind: code for code, kind in enumerate(_KINDS)}
MESSAGE = KIND_CODES["message"]

#: `flags`
ENCRYPTED = 1
NOTIFY = 2

_encode_json = msgspec.json.Encoder().encode
_decode_metadata = msgspec.json.Decoder(dict[str, Any]).decode

INSERT = (
    "insert into log(ref, chat, seq, sender, kind, flags, timestamp, size, checksum, id, client_id, device, type, iv,"
    " digest, metadata, content, mls) values (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
)
#: Where `size` is among the values of `INSERT`: about how many bytes the row takes.
SIZE = 7
#: The values of a `Stored`, in its order, from `log l` and `people p`.
COLUMNS = (
    "l.chat, l.seq, l.sender, l.kind, l.flags, l.timestamp, l.checksum, l.id, l.client_id, l.device, l.type, l.iv,"
    " hex(l.digest), l.metadata, l.content, l.mls, p.id"
)


class Stored(msgspec.Struct, array_like=True, gc=False):
    """A row of the log as it is read; `sender_id` comes from `people`."""

    chat: int
    seq: int
    sender: int
    kind: int
    flags: int
    timestamp: int
    checksum: int
    id: str
    client_id: str
    device: str | None
    type: str
    iv: str | None
    digest: str
    metadata: str | None
    content: str
    mls: str | None
    sender_id: str


def checksum(*values: object) -> int:
    """A CRC-32 over the values of a small row (chats, people, members)."""
    return crc32(repr(values).encode())


def to_row(draft: Draft, ref: int, chat: int, seq: int, sender: int, millis: int) -> tuple[Any, ...]:
    """The values of `INSERT`.

    Raises `UnicodeEncodeError` for text with lone surrogates, `TypeError` for metadata that JSON cannot express: such a
    draft must be refused alone, before it fails the statement of its whole batch.
    """
    kind = KIND_CODES[draft.kind]
    flags = (ENCRYPTED if draft.encrypted else 0) | (NOTIFY if draft.notify else 0)
    metadata = _encode_json(draft.metadata).decode() if draft.metadata else None
    digest = draft.digest
    # one formatted string is several times cheaper than a CRC call per column (this runs for every message)
    covered = (
        f"{chat}|{seq}|{sender}|{kind}|{flags}|{millis}|{draft.id}|{draft.client_id}|{draft.sender_device_id}|"
        f"{draft.type}|{draft.iv}|{digest.hex().upper()}|{metadata}|{draft.mls}|{draft.content}"
    ).encode()
    return (
        ref,
        chat,
        seq,
        sender,
        kind,
        flags,
        millis,
        len(covered),
        crc32(covered),
        draft.id,
        draft.client_id,
        draft.sender_device_id,
        draft.type,
        draft.iv,
        digest,
        metadata,
        draft.content,
        draft.mls,
    )


def _covered(row: Stored) -> bytes:
    return (
        f"{row.chat}|{row.seq}|{row.sender}|{row.kind}|{row.flags}|{row.timestamp}|{row.id}|{row.client_id}|"
        f"{row.device}|{row.type}|{row.iv}|{row.digest}|{row.metadata}|{row.mls}|{row.content}"
    ).encode()


#: The place of a message and the values of its tombstone, as `tombstone` gives them.
REDACT = (
    "update log set flags = ?, size = ?, checksum = ?, type = ?, iv = null, metadata = null, content = '', mls = null"
    " where chat = ? and seq = ?"
)


def tombstone(row: Stored) -> tuple[Any, ...] | None:
    """The values of `REDACT` for a message; None for what is no message, or is wiped already. Raises `RowDamaged`."""
    check_row(row)
    if row.kind != MESSAGE:
        return None
    wiped = msgspec.structs.replace(
        row, flags=row.flags & ~NOTIFY, type=REDACTED, iv=None, metadata=None, content="", mls=None
    )
    # by all of it: the type alone is what a client once could claim
    if wiped == row:
        return None
    covered = _covered(wiped)
    return wiped.flags, len(covered), crc32(covered), REDACTED, wiped.chat, wiped.seq


def check_row(row: Stored) -> None:
    """Raises `RowDamaged` when the values are not those that were written."""
    if crc32(_covered(row)) != row.checksum:
        raise RowDamaged(f"envelope {row.seq} of chat number {row.chat} does not fit its checksum")


def to_envelope(row: Stored, chat_id: str, chat: int) -> Envelope:
    """The envelope of a row of chat number `chat`. Raises `RowDamaged`, also when it is another chat's row."""
    check_row(row)
    if row.chat != chat:
        raise RowDamaged(f"a row of chat number {row.chat} is found under chat number {chat}")
    return Envelope(
        chat_id=chat_id,
        seq=row.seq,
        id=row.id,
        sender_id=row.sender_id,
        sender_device_id=row.device,
        client_id=row.client_id,
        kind=_KINDS[row.kind],
        type=row.type,
        content=row.content,
        iv=row.iv,
        encrypted=bool(row.flags & ENCRYPTED),
        mls=row.mls,
        metadata=_decode_metadata(row.metadata) if row.metadata else {},
        notify=bool(row.flags & NOTIFY),
        timestamp=from_millis(row.timestamp),
    )


def envelope_of(draft: Draft, seq: int, timestamp: datetime) -> Envelope:
    """The envelope a draft becomes at `seq`; equal to what `to_envelope` will read."""
    return Envelope(
        draft.chat_id,
        seq,
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
        draft.metadata,
        draft.notify,
        timestamp,
    )
