"""What the writer keeps in memory of the chats in use: the head of the log and the roster.

The copy and the tables move together: both are changed on the loop only, the copy after the commit succeeded. So
membership and `seq` are decided where the row is written, without a query per message.
"""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from datetime import datetime
from typing import cast

import msgspec

from batiyoun.chats.groups.model import Group
from batiyoun.chats.model import Chat, ChatType, Encryption, Member, Role
from batiyoun.runtime import from_millis
from batiyoun.storage.sqlite.errors import RowDamaged
from batiyoun.storage.sqlite.groups import read_group
from batiyoun.storage.sqlite.rows import checksum


class Seat(msgspec.Struct, frozen=True):
    """A roster row of a person. Replaced, never changed, so that a rolled back change leaves no trace."""

    person: int
    role: Role
    joined: int
    delivered: int
    read: int
    shared: int

    def checksum(self, chat: int) -> int:
        """Over the row in `members`."""
        return seat_checksum(self.person, chat, int(self.role), self.joined, self.delivered, self.read, self.shared)

    def member(self, user_id: str) -> Member:
        """As the port speaks of it."""
        return Member(user_id, self.role, self.joined, self.delivered, self.read, self.shared)


def seat_checksum(person: int, chat: int, role: int, joined: int, delivered: int, read: int, shared: int) -> int:
    """Over a row of `members`."""
    return checksum(person, chat, role, joined, delivered, read, shared)


class ChatState(msgspec.Struct, eq=False):
    """A chat in use. `head` is committed, `tip` what the batch in the making has got to."""

    ref: int
    id: str
    type: ChatType
    encryption: Encryption
    name: str | None
    creator: int
    direct_key: str | None
    created_at: datetime
    head: int
    tip: int
    seats: dict[str, Seat]
    #: the MLS group of an encrypted chat
    group: Group | None = None

    def chat(self, head: int) -> Chat:
        """As the port speaks of it, with that head."""
        members = {user_id: seat.member(user_id) for user_id, seat in self.seats.items()}
        return Chat(self.id, self.type, self.encryption, self.name, head, self.created_at, members)


class ChatCache:
    """The chats in use, least recently used out first, bounded by the roster rows they hold."""

    def __init__(self, connection: sqlite3.Connection, *, max_seats: int = 200_000) -> None:
        self._connection = connection
        self._max_seats = max_seats
        self._chats: OrderedDict[str, ChatState] = OrderedDict()
        self._seats = 0

    def find(self, chat_id: str) -> ChatState | None:
        """The chat, from memory or from the tables. Raises `sqlite3.Error`, `RowDamaged`."""
        state = self._chats.get(chat_id)
        if state is not None:
            self._chats.move_to_end(chat_id)
            return state
        state = self._load(chat_id)
        if state is not None:
            self.put(state)
        return state

    def put(self, state: ChatState) -> None:
        """Keep a chat that was just made or loaded."""
        self._chats[state.id] = state
        self._seats += len(state.seats) + 1

    def replace_seats(self, state: ChatState, seats: dict[str, Seat]) -> None:
        """A committed roster change."""
        self._seats += len(seats) - len(state.seats)
        state.seats = seats

    def trim(self) -> None:
        """Forget the least recently used beyond the bound; only between operations: they hold on to what they touch."""
        while self._seats > self._max_seats and len(self._chats) > 1:
            _, state = self._chats.popitem(last=False)
            self._seats -= len(state.seats) + 1

    def clear(self) -> None:
        """Forget everything: the tables are what counts."""
        self._chats.clear()
        self._seats = 0

    def _load(self, chat_id: str) -> ChatState | None:
        row = self._connection.execute(
            "select ref, id, type, encryption, name, creator, direct_key, created_at, checksum from chats where id = ?",
            (chat_id,),
        ).fetchone()
        if row is None:
            return None
        if checksum(*row[:-1]) != row[-1] or row[1] != chat_id:
            raise RowDamaged(f"chat number {row[0]} does not fit its checksum")
        ref, _, type_, encryption, name, creator, direct_key, created_at, _ = row
        newest = self._connection.execute(
            "select seq from log where chat = ? order by seq desc limit 1", (ref,)
        ).fetchone()
        head = newest[0] if newest else 0
        return ChatState(
            ref=ref,
            id=chat_id,
            type=cast(ChatType, type_),
            encryption=cast(Encryption, encryption),
            name=name,
            creator=creator,
            direct_key=direct_key,
            created_at=from_millis(created_at),
            head=head,
            tip=head,
            seats=self._load_seats(ref),
            group=read_group(self._connection, ref) if encryption == "mls" else None,
        )

    def _load_seats(self, chat: int) -> dict[str, Seat]:
        seats: dict[str, Seat] = {}
        for *values, stored, user_id, person_checksum in self._connection.execute(
            "select m.person, m.role, m.joined_seq, m.delivered_seq, m.read_seq, m.shared_read_seq, m.checksum, p.id,"
            " p.checksum from members m join people p on p.ref = m.person where m.chat = ? order by m.person",
            (chat,),
        ):
            person, role, joined, delivered, read, shared = values
            if seat_checksum(person, chat, role, joined, delivered, read, shared) != stored:
                raise RowDamaged(f"member number {person} of chat number {chat} does not fit its checksum")
            if checksum(person, user_id) != person_checksum:
                raise RowDamaged(f"person number {person} does not fit its checksum")
            seats[user_id] = Seat(person, Role(role), joined, delivered, read, shared)
        return seats
