"""One batch of the group commit: what each draft becomes, written in one transaction.

Runs on the loop: it touches the page cache only, and handing it to a thread cost more than it saved (design D4).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from batiyoun.chats.groups.model import Group
from batiyoun.chats.model import Appended, Draft, Envelope, Outcome, Refused, Replayed, RosterChange
from batiyoun.errors import ChatNotFound, ClientIdReused, Forbidden, InvalidInput
from batiyoun.runtime import to_millis
from batiyoun.storage.shared.groups import refusal
from batiyoun.storage.sqlite.errors import RowDamaged, is_damage, of_read
from batiyoun.storage.sqlite.groups import write_step
from batiyoun.storage.sqlite.roster import change_roster, person_ref
from batiyoun.storage.sqlite.rows import COLUMNS, INSERT, SIZE, Stored, envelope_of, to_envelope, to_row
from batiyoun.storage.sqlite.schema import PAGE_SIZE
from batiyoun.storage.sqlite.state import ChatCache, ChatState, Seat


class Batch:
    """The drafts of one transaction. `write` inside it, then `apply` after the commit or `abandon` after a rollback.

    Optimistic: that a clientId is new is left to the unique index, and `sqlite3.IntegrityError` means that one was not;
    the batch is then written again with `careful=True`, which looks every clientId up first.
    """

    def __init__(self, db: sqlite3.Connection, chats: ChatCache, *, ref: int, now: datetime, careful: bool) -> None:
        self._db = db
        self._chats = chats
        self._ref = ref
        self._now = now
        self._millis = to_millis(now)
        self._careful = careful
        self._rows: list[tuple[Any, ...]] = []
        self._touched: set[ChatState] = set()
        self._rosters: dict[ChatState, dict[str, Seat]] = {}
        self._names: dict[ChatState, str | None] = {}
        self._groups: dict[ChatState, Group] = {}
        self._step_bytes = 0
        #: what this batch itself stores: (chat, person, clientId) → (digest, envelope)
        self._fresh: dict[tuple[int, int, str], tuple[bytes, Envelope]] = {}
        self.outcomes: list[Outcome] = []
        #: an outcome repeats a row that an earlier batch committed
        self.replays = False

    @property
    def last_ref(self) -> int:
        """`ref` of the newest row when this batch is committed."""
        return self._ref

    @property
    def appends(self) -> bool:
        """There is something to commit."""
        return bool(self._rows)

    @property
    def structural(self) -> bool:
        """The roster, the name or the group of a chat changes."""
        return bool(self._rosters or self._groups)

    @property
    def pages(self) -> int:
        """About how many pages the commit adds to the WAL."""
        size: int = sum(row[SIZE] for row in self._rows) + self._step_bytes
        return 2 + 2 * len(self._rows) + size // PAGE_SIZE

    def write(self, drafts: Sequence[Draft]) -> None:
        """Decide every draft and write what is new. Raises `sqlite3.Error`; then nothing may be committed."""
        for draft in drafts:
            self.outcomes.append(self._decide(draft))
        self._db.executemany(INSERT, self._rows)

    def apply(self) -> None:
        """The transaction is committed: memory follows."""
        for state in self._touched:
            state.head = state.tip
        for state, seats in self._rosters.items():
            self._chats.replace_seats(state, seats)
        for state, name in self._names.items():
            state.name = name
        for state, group in self._groups.items():
            state.group = group

    def abandon(self) -> None:
        """The transaction was rolled back: memory stays as it was."""
        for state in self._touched:
            state.tip = state.head

    def _decide(self, draft: Draft) -> Outcome:
        try:
            admitted = self._admit(draft)
        except RowDamaged as error:
            return Refused(of_read(error))
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            # a damaged page of one chat does not stop the others
            return Refused(of_read(error))
        if not isinstance(admitted, tuple):
            return admitted
        return self._append(draft, *admitted)

    def _admit(self, draft: Draft) -> Outcome | tuple[ChatState, dict[str, Seat], Seat]:
        """What the draft is refused or answered with, or else where it goes: (chat, its roster now, the sender)."""
        state = self._chats.find(draft.chat_id)
        if state is None:
            return Refused(ChatNotFound())
        seats = self._rosters.get(state, state.seats) if self._rosters else state.seats
        seat = seats.get(draft.sender_id)
        if seat is None or seat.role < draft.requires:
            # a retry of what is stored gets its first answer, also after the sender left or lost the role
            return self._stored(state, seat, draft) or Refused(ChatNotFound() if seat is None else Forbidden())
        if draft.barred is not None:
            return self._stored(state, seat, draft) or Refused(draft.barred)
        if state.encryption == "mls":
            error = refusal(draft, self._groups.get(state, state.group), seats.keys())
            if error is not None:
                return self._stored(state, seat, draft) or Refused(error)
        if self._careful or (state.ref, seat.person, draft.client_id) in self._fresh:
            stored = self._stored(state, seat, draft)
            if stored is not None:
                return stored
        return state, seats, seat

    def _append(self, draft: Draft, state: ChatState, seats: dict[str, Seat], seat: Seat) -> Outcome:
        seq = state.tip + 1
        ref = self._ref + 1
        try:
            row = to_row(draft, ref, state.ref, seq, seat.person, self._millis)
        except (UnicodeEncodeError, TypeError, OverflowError, msgspec.MsgspecError):
            return Refused(InvalidInput("The message has characters or metadata that cannot be stored."))
        envelope = envelope_of(draft, seq, self._now)
        state.tip = seq
        self._ref = ref
        self._touched.add(state)
        self._rows.append(row)
        self._fresh[(state.ref, seat.person, draft.client_id)] = (draft.digest, envelope)
        if draft.step is not None:
            write_step(self._db, state.ref, draft.id, draft.step, self._millis)
            self._groups[state] = draft.step.group
            self._step_bytes += len(draft.step.info) + len(draft.step.welcome or b"")
        if draft.change is None:
            return Appended(envelope)
        return Appended(envelope, self._change(state, seats, draft.change, seq))

    def _change(self, state: ChatState, seats: dict[str, Seat], change: RosterChange, seq: int) -> RosterChange:
        self._rosters[state], effect = change_roster(self._db, state, seats, change, seq)
        if effect.name is not msgspec.UNSET:
            self._names[state] = effect.name
        return effect

    def _stored(self, state: ChatState, seat: Seat | None, draft: Draft) -> Outcome | None:
        """The answer to a clientId that is stored or in this batch; None for a new one."""
        person = seat.person if seat else person_ref(self._db, draft.sender_id)
        if person is None:
            return None
        fresh = self._fresh.get((state.ref, person, draft.client_id))
        if fresh is not None:
            digest, envelope = fresh
            return Replayed(envelope) if digest == draft.digest else Refused(ClientIdReused())
        values = self._db.execute(
            f"select {COLUMNS} from log l join people p on p.ref = l.sender"  # noqa: S608  # a constant
            " where l.chat = ? and l.sender = ? and l.client_id = ?",
            (state.ref, person, draft.client_id),
        ).fetchone()
        if values is None:
            return None
        row = Stored(*values)
        envelope = to_envelope(row, state.id, state.ref)
        if (row.sender, row.client_id) != (person, draft.client_id):
            raise RowDamaged(f"envelope {row.seq} of chat number {row.chat} is found under another clientId")
        if bytes.fromhex(row.digest) != draft.digest:
            return Refused(ClientIdReused())
        self.replays = True
        return Replayed(envelope)
