"""Changes of people, chats and members in log.db; each runs inside a transaction of its caller."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

import msgspec

from batiyoun.chats.model import NewChat, Receipt, Role, RosterChange
from batiyoun.runtime import to_millis
from batiyoun.storage.sqlite.errors import RowDamaged
from batiyoun.storage.sqlite.rows import checksum
from batiyoun.storage.sqlite.state import ChatState, Seat


def person_ref(db: sqlite3.Connection, user_id: str) -> int | None:
    """The small number of a person, if this log has met them. Raises `RowDamaged`."""
    row = db.execute("select ref, checksum from people where id = ?", (user_id,)).fetchone()
    if row is None:
        return None
    if checksum(row[0], user_id) != row[1]:
        raise RowDamaged(f"person number {row[0]} does not fit its checksum")
    return int(row[0])


def meet_person(db: sqlite3.Connection, user_id: str) -> int:
    """The small number of a person, made when new."""
    known = person_ref(db, user_id)
    if known is not None:
        return known
    ref = db.execute("select coalesce(max(ref), 0) + 1 from people").fetchone()[0]
    db.execute("insert into people(ref, id, checksum) values (?, ?, ?)", (ref, user_id, checksum(ref, user_id)))
    return int(ref)


def insert_chat(db: sqlite3.Connection, chat: NewChat) -> ChatState:
    """Write the chat and its first members."""
    ref = db.execute("select coalesce(max(ref), 0) + 1 from chats").fetchone()[0]
    state = ChatState(
        ref=ref,
        id=chat.id,
        type=chat.type,
        encryption=chat.encryption,
        name=chat.name,
        creator=meet_person(db, chat.creator_id),
        direct_key=chat.direct_key,
        created_at=chat.created_at,
        head=0,
        tip=0,
        seats={user_id: Seat(meet_person(db, user_id), role, 0, 0, 0, 0) for user_id, role in chat.roles.items()},
    )
    db.execute("insert into chats values (?,?,?,?,?,?,?,?,?)", _chat_row(state, state.name))
    if chat.digest is not None:
        db.execute("insert into wishes values (?,?,?)", (ref, chat.digest, checksum(ref, chat.digest)))
    insert_seats(db, ref, state.seats.values())
    return state


def is_retry(db: sqlite3.Connection, state: ChatState, chat: NewChat) -> bool:
    """Whether the chat was made by this very wish. Raises `RowDamaged`."""
    row = db.execute("select digest, checksum from wishes where chat = ?", (state.ref,)).fetchone()
    if row is None:
        return False
    if checksum(state.ref, row[0]) != row[1]:
        raise RowDamaged(f"the wish for chat number {state.ref} does not fit its checksum")
    return bool(row[0] == chat.digest) and state.creator == person_ref(db, chat.creator_id)


def rename_chat(db: sqlite3.Connection, state: ChatState, name: str | None) -> None:
    """Write the chat's name."""
    row = _chat_row(state, name)
    db.execute("update chats set name = ?, checksum = ? where ref = ?", (name, row[-1], state.ref))


def _chat_row(state: ChatState, name: str | None) -> tuple[object, ...]:
    values = (
        state.ref,
        state.id,
        state.type,
        state.encryption,
        name,
        state.creator,
        state.direct_key,
        to_millis(state.created_at),
    )
    return (*values, checksum(*values))


def insert_seats(db: sqlite3.Connection, chat: int, seats: Iterable[Seat]) -> None:
    """Write new roster rows."""
    db.executemany(
        "insert into members values (?,?,?,?,?,?,?,?)",
        [(s.person, chat, int(s.role), s.joined, s.delivered, s.read, s.shared, s.checksum(chat)) for s in seats],
    )


def update_seats(db: sqlite3.Connection, seats: Iterable[tuple[int, Seat]]) -> None:
    """Write changed roster rows: (chat, seat)."""
    db.executemany(
        "update members set role = ?, delivered_seq = ?, read_seq = ?, shared_read_seq = ?, checksum = ?"
        " where person = ? and chat = ?",
        [(int(s.role), s.delivered, s.read, s.shared, s.checksum(chat), s.person, chat) for chat, s in seats],
    )


def change_roster(
    db: sqlite3.Connection, state: ChatState, seats: dict[str, Seat], change: RosterChange, seq: int
) -> tuple[dict[str, Seat], RosterChange]:
    """Do what the envelope at `seq` does to the roster `seats`.

    Returns the new roster and what really changed: adding a member, removing a stranger or giving somebody the role
    they have does nothing. Who is added sees that envelope and all after it (`joined_seq = seq - 1`).
    """
    seats = dict(seats)
    added: dict[str, Role] = {}
    for user_id, role in change.add.items():
        if user_id not in seats:
            before = seq - 1
            seats[user_id] = Seat(meet_person(db, user_id), role, before, before, before, before)
            added[user_id] = role
    insert_seats(db, state.ref, [seats[user_id] for user_id in added])
    removed = tuple(user_id for user_id in dict.fromkeys(change.remove) if user_id in seats)
    db.executemany(
        "delete from members where person = ? and chat = ?",
        [(seats.pop(user_id).person, state.ref) for user_id in removed],
    )
    roles: dict[str, Role] = {}
    for user_id, role in change.roles.items():
        seat = seats.get(user_id)
        if seat is not None and seat.role != role:
            seats[user_id] = Seat(seat.person, role, seat.joined, seat.delivered, seat.read, seat.shared)
            roles[user_id] = role
    update_seats(db, [(state.ref, seats[user_id]) for user_id in roles])
    if change.name is not msgspec.UNSET:
        rename_chat(db, state, change.name)
    return seats, RosterChange(add=added, remove=removed, roles=roles, name=change.name)


def advanced(seat: Seat, receipt: Receipt, head: int) -> Seat | None:
    """The seat with its cursors moved forward, at most to `head`; None when nothing moves."""
    seq = min(receipt.seq, head)
    delivered = max(seat.delivered, seq)
    read = max(seat.read, seq) if receipt.read else seat.read
    shared = max(seat.shared, seq) if receipt.read and receipt.share else seat.shared
    if (delivered, read, shared) == (seat.delivered, seat.read, seat.shared):
        return None
    return Seat(seat.person, seat.role, seat.joined, delivered, read, shared)
