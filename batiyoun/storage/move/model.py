"""What is moved, and what a place to move it to must be able to do."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import msgspec

from batiyoun.chats.groups.model import Group
from batiyoun.chats.model import ChatType, Encryption, Envelope

#: called with how many more rows are done
Progress = Callable[[int], None]


class MoveFailed(Exception):
    """It cannot go on; the message is a sentence with a way out. What was copied stays and is not copied again."""


class MovedSeat(msgspec.Struct, frozen=True):
    """A member with their cursors."""

    user_id: str
    role: int
    joined_seq: int
    delivered_seq: int
    read_seq: int
    shared_read_seq: int


class MovedWelcome(msgspec.Struct, frozen=True):
    """A Welcome that some devices have not fetched yet: (user, device)."""

    id: str
    generation: int
    epoch: int
    made_at: datetime
    welcome: bytes
    devices: tuple[tuple[str, str], ...]


class MovedGroup(msgspec.Struct, frozen=True):
    """The MLS group of an encrypted chat, its public description, and who was let in and does not know yet."""

    group: Group
    info: bytes
    welcomes: tuple[MovedWelcome, ...]


class MovedChat(msgspec.Struct, frozen=True):
    """A chat as it stands at the end of its log."""

    id: str
    type: ChatType
    encryption: Encryption
    name: str | None
    creator_id: str
    direct_key: str | None
    created_at: datetime
    #: of the wish it was made by, when its client chose the id
    digest: bytes | None
    head_seq: int
    seats: list[MovedSeat]
    #: (id, seq, time) of the newest envelope that a chat list shows
    last_message: tuple[str, int, datetime] | None
    #: where the roster or the group changed last
    roster_seq: int
    group: MovedGroup | None = None


class MovedRow(msgspec.Struct, frozen=True):
    """An envelope, and the digest that tells a retry from another message."""

    envelope: Envelope
    digest: bytes


@dataclass
class Moved:
    """What was moved and compared: rows by what they are."""

    counts: dict[str, int] = field(default_factory=dict)


@dataclass
class Fingerprint:
    """A checksum over rows in their order: the same rows give the same one, whichever store they are read from."""

    count: int = 0
    _hash: hashlib._Hash = field(default_factory=hashlib.sha256)

    def add(self, rows: Iterable[object]) -> None:
        """Take in more rows: anything that msgspec encodes."""
        for row in rows:
            self._hash.update(_encode(row))
            self._hash.update(b"\n")
            self.count += 1

    @property
    def proof(self) -> tuple[int, str]:
        """How many rows, and their SHA-256."""
        return self.count, self._hash.hexdigest()


_encode = msgspec.json.Encoder(order="sorted").encode


class Target(Protocol):
    """A message store that is being filled.

    Nobody is a member of a chat before `finish`, so a half-copied chat is nobody's to see.
    """

    async def open(self) -> None:
        """Connect, and bring tables and indexes to this version. Raises `MoveFailed`."""
        ...

    async def close(self) -> None:
        """Let go."""
        ...

    async def ids(self) -> set[str]:
        """The chats that are there, whole or not."""
        ...

    async def begin(self, chat: MovedChat) -> int:
        """Make the chat unless it is there; returns the newest `seq` it has already."""
        ...

    async def put(self, chat: MovedChat, rows: Sequence[MovedRow]) -> None:
        """Append rows that follow what is there."""
        ...

    async def page(self, chat: MovedChat, after: int, limit: int) -> list[MovedRow]:
        """The next rows after a `seq`, as they are stored."""
        ...

    async def finish(self, chat: MovedChat) -> None:
        """Set what the chat knows of its log and its name and its group, and seat exactly its members."""
        ...
