"""`LogStore`, `ChatStore` and `GroupStore` in one SQLite file, log.db: the embedded default.

Where things run, and why (design D4; CPython's one interpreter lock):
- writes and the short reads of hot tables (roster, memberships) on the loop: they touch the page cache, and handing
  them to a thread costs more than they do;
- `fdatasync` and the end of a checkpoint in the disk thread, its bulk in the checkpoint thread: they wait for the disk;
- pages of history, chat lists and searches in reader threads: they may be cold, and the loop never waits for a disk.

Nothing is shown that a power cut could take back: the log is read up to the watermark of the last sync, and an answer
that depends on rosters, chats or receipts is held until what it has seen is synced.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from batiyoun.chats.durability import DurabilityLost, Fatal, end_process
from batiyoun.chats.groups.model import Group, WaitingWelcome
from batiyoun.chats.model import Appended, Chat, Draft, Envelope, Member, Membership, NewChat, Outcome, Page, Receipt
from batiyoun.errors import ClientIdReused, Unavailable
from batiyoun.runtime import Runtime
from batiyoun.storage.shared.recent import Recent, made_at
from batiyoun.storage.sqlite import groups
from batiyoun.storage.sqlite.batch import Batch
from batiyoun.storage.sqlite.checkpoint import Move, move_pages
from batiyoun.storage.sqlite.errors import RowDamaged, of_read
from batiyoun.storage.sqlite.file import LogFile
from batiyoun.storage.sqlite.memberships import memberships_of
from batiyoun.storage.sqlite.queries import MESSAGE_AT
from batiyoun.storage.sqlite.roster import advanced, insert_chat, is_retry, person_ref, update_seats
from batiyoun.storage.sqlite.rows import REDACT, Stored, tombstone
from batiyoun.storage.sqlite.state import ChatCache, ChatState, Seat
from batiyoun.storage.sqlite.syncer import SyncFile, sync_file

#: Receipts per transaction: about a millisecond of the loop.
_RECEIPTS = 256
#: What wiping a long message may write to the WAL.
_REDACTION_PAGES = 200
_MAX_SEQ = 2**62


class SqliteChatLog:
    """The ports of `chats/store.py` and `chats/groups/store.py`. `await open()` before use, `await close()` after.

    One process at a time: `open` raises `StoreInUse` when the file is being written, and the other `StoreUnusable`
    errors when it cannot be served. `fatal` is called when a sync fails and ends the process (`DurabilityLost` is
    raised where it does not, in tests). `checkpoint_pages`: the size of the WAL, in pages of 4 KiB, that starts a
    checkpoint. `check_seconds`: the time `open` spends on looking for damage; what it does not reach is checked when it
    is read. `sync` and `move` are how files reach the disk.
    """

    def __init__(
        self,
        path: Path,
        runtime: Runtime | None = None,
        *,
        fatal: Fatal = end_process,
        sync: SyncFile = sync_file,
        move: Move = move_pages,
        checkpoint_pages: int = 8_192,
        check_seconds: float = 0.3,
    ) -> None:
        self._runtime = runtime or Runtime()
        self._file = LogFile(
            Path(path),
            fatal=fatal,
            sync=sync,
            move=move,
            checkpoint_pages=checkpoint_pages,
            check_seconds=check_seconds,
        )
        self._recent = Recent()
        self._chats: ChatCache
        self._newest_ref = 0

    async def open(self) -> None:
        """Lock, migrate and check the file. Raises `StoreUnusable` with the way out."""
        await self._file.open()
        self._chats = ChatCache(self._file.writer)
        self._newest_ref = self._file.syncer.watermark

    async def close(self) -> None:
        """Sync, empty the WAL, let go of the file. Idempotent."""
        await self._file.close()

    async def ready(self) -> bool:
        """Whether the file is open and what is in it is durable."""
        try:
            self._file.check_open()
        except (Unavailable, DurabilityLost):
            return False
        return True

    async def _ready(self) -> None:
        """The loop may use the writer's connection until the next await; only here chats are forgotten."""
        await self._file.ready()
        self._chats.trim()

    # ── LogStore ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def append(self, batch: Sequence[Draft]) -> list[Outcome]:
        """See `LogStore.append`."""
        file = self._file
        await self._ready()
        written = self._write(batch)
        if written.appends:
            self._newest_ref = written.last_ref
            generation = file.committed(newest_ref=written.last_ref, pages=written.pages, structural=written.structural)
            self._recent.add(outcome.envelope for outcome in written.outcomes if isinstance(outcome, Appended))
            await file.syncer.wait(generation)
        elif written.replays:
            # the first envelope may be committed and not yet synced
            await file.syncer.wait(file.syncer.generation)
        return written.outcomes

    def _write(self, drafts: Sequence[Draft]) -> Batch:
        """One transaction, written again with care when a clientId turns out to be stored already."""
        for careful in (False, True):
            batch = Batch(
                self._file.writer, self._chats, ref=self._newest_ref, now=self._runtime.utcnow(), careful=careful
            )
            try:
                with self._file.transaction():
                    batch.write(drafts)
            except sqlite3.IntegrityError as error:
                batch.abandon()
                if careful:  # memory and tables disagree: the tables are right
                    self._chats.clear()
                    raise Unavailable(retry_after=1) from error
            except BaseException:
                batch.abandon()
                raise
            else:
                batch.apply()
                break
        return batch

    async def page(self, chat_id: str, *, after: int | None, before: int | None, limit: int, floor: int) -> Page:
        """See `LogStore.page`. A page also ends at about 2 MB, with `has_more` true."""
        self._file.check_open()
        mark = self._file.syncer.watermark
        return await self._file.reader.page(chat_id, after=after, before=before, limit=limit, floor=floor, mark=mark)

    async def redact(self, chat_id: str, seq: int) -> None:
        """See `LogStore.redact`. Free pages are overwritten (`secure_delete`); the WAL is with the next checkpoint."""
        file = self._file
        await self._ready()
        with _reading():
            state = self._chats.find(chat_id)
            row = state and file.writer.execute(MESSAGE_AT, (state.ref, min(seq, _MAX_SEQ))).fetchone()
            values = tombstone(Stored(*row)) if row else None
        if values is not None:
            with file.transaction():
                file.writer.execute(REDACT, values)
            file.committed(pages=_REDACTION_PAGES, structural=True)
        await file.settled()

    async def locate(self, user_id: str, message_id: str) -> Envelope | None:
        """See `LogStore.locate`: among the newest in memory, else by the time in the id."""
        file = self._file
        await self._ready()
        place = self._recent.get(message_id)
        if place is None:
            made = made_at(message_id)
            person = self._person(user_id)
            if made is None or person is None:
                return None
            place = await file.reader.locate(person, message_id, made, file.syncer.watermark)
            if place is None:
                return None
            await self._ready()
        chat_id, seq = place
        with _reading():
            state = self._chats.find(chat_id)
        seat = state.seats.get(user_id) if state else None
        # the row, and the roster that lets the user see it, may be committed and not yet synced
        await file.syncer.wait(file.syncer.generation)
        if seat is None or seq <= seat.joined:
            return None
        page = await self.page(chat_id, after=seq - 1, before=None, limit=1, floor=0)
        return next((envelope for envelope in page.messages if envelope.id == message_id), None)

    # ── ChatStore ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def create(self, chat: NewChat) -> tuple[Chat, bool]:
        """See `ChatStore.create`."""
        file = self._file
        await self._ready()
        with _reading():
            state = self._existing(chat)
        new = state is None
        if state is None:
            with file.transaction():
                state = insert_chat(file.writer, chat)
            self._chats.put(state)
            file.committed(pages=4 + len(state.seats) // 8, structural=True)
        made = self._as_seen(state)
        await file.settled()
        return made, new

    def _existing(self, chat: NewChat) -> ChatState | None:
        if chat.direct_key is not None:
            row = self._file.writer.execute("select id from chats where direct_key = ?", (chat.direct_key,)).fetchone()
            if row is not None:
                state = self._chats.find(row[0])
                if state is None or state.direct_key != chat.direct_key:
                    raise RowDamaged(f"chat {row[0]} is found under another direct key")
                return state
        state = self._chats.find(chat.id)
        if state is not None and not is_retry(self._file.writer, state, chat):
            raise ClientIdReused("This id is taken. Make a new one.")
        return state

    async def get(self, chat_id: str) -> Chat | None:
        """See `ChatStore.get`."""
        await self._ready()
        with _reading():
            state = self._chats.find(chat_id)
            chat = self._as_seen(state) if state else None
        await self._file.settled()
        return chat

    def _as_seen(self, state: ChatState) -> Chat:
        return state.chat(self._durable_head(state))

    def _durable_head(self, state: ChatState) -> int:
        """The newest `seq` that is synced."""
        mark = self._file.syncer.watermark
        if mark >= self._newest_ref:
            return state.head
        row = self._file.writer.execute(
            "select seq from log where chat = ? and ref <= ? order by seq desc limit 1", (state.ref, mark)
        ).fetchone()
        return int(row[0]) if row else 0

    async def list_of(self, user_id: str, *, limit: int, before: str | None) -> list[tuple[Chat, Envelope | None, int]]:
        """See `ChatStore.list_of`. A `before` that the user is not in any more starts from the top."""
        file = self._file
        await self._ready()
        mark = file.syncer.watermark
        person = self._person(user_id)
        activity = await file.reader.activity(person, mark) if person is not None else []
        # newest first; the id (by time of creation) decides between equals, so that pages fit together
        ids = [chat_id for chat_id, _ in sorted(activity, key=lambda item: (item[1], item[0]), reverse=True)]
        start = ids.index(before) + 1 if before in ids else 0
        ids = ids[start : start + max(limit, 1)]

        await self._ready()
        wanted: list[tuple[int, str, int, int, int]] = []
        for chat_id in ids:
            found = self._seat(chat_id, user_id)
            if found is not None:
                state, seat = found
                wanted.append((state.ref, chat_id, seat.joined, seat.read, seat.person))
        details = await file.reader.details(wanted, mark)

        await self._ready()
        listed: list[tuple[Chat, Envelope | None, int]] = []
        for _, chat_id, _, _, _ in wanted:
            found = self._seat(chat_id, user_id)
            if found is not None:
                head, last, unread = details[chat_id]
                listed.append((found[0].chat(head), last, unread))
        await file.settled()
        return listed

    async def summary(self, chat_id: str, member: Member) -> tuple[Envelope | None, int]:
        """See `ChatStore.summary`."""
        file = self._file
        await self._ready()
        mark = file.syncer.watermark
        found = self._seat(chat_id, member.user_id)
        if found is None:
            return None, 0
        state, seat = found
        details = await file.reader.details([(state.ref, chat_id, seat.joined, seat.read, seat.person)], mark)
        _, last, unread = details[chat_id]
        await file.settled()
        return last, unread

    def _person(self, user_id: str) -> int | None:
        with _reading():
            return person_ref(self._file.writer, user_id)

    def _seat(self, chat_id: str, user_id: str) -> tuple[ChatState, Seat] | None:
        with _reading():
            state = self._chats.find(chat_id)
        seat = state.seats.get(user_id) if state else None
        return (state, seat) if state and seat else None

    async def memberships(self, user_id: str) -> list[Membership]:
        """See `ChatStore.memberships`."""
        file = self._file
        await self._ready()
        with _reading():
            found = memberships_of(file.writer, user_id, file.syncer.watermark)
        await file.settled()
        return found

    async def heads(self, chat_ids: Collection[str]) -> dict[str, int]:
        """See `ChatStore.heads`."""
        await self._ready()
        with _reading():
            states = {chat_id: self._chats.find(chat_id) for chat_id in chat_ids}
            return {chat_id: self._durable_head(state) for chat_id, state in states.items() if state is not None}

    async def advance(self, receipts: Sequence[Receipt]) -> list[Receipt]:
        """See `ChatStore.advance`; the returned receipts carry the `seq` that was reached."""
        moved: list[Receipt] = []
        for start in range(0, len(receipts), _RECEIPTS):
            await self._ready()
            moved += self._advance(receipts[start : start + _RECEIPTS])
        await self._file.settled()
        return moved

    def _advance(self, receipts: Sequence[Receipt]) -> list[Receipt]:
        """One transaction of receipts."""
        moved: list[Receipt] = []
        seats: dict[tuple[ChatState, str], Seat] = {}
        for receipt in receipts:
            found = self._seat(receipt.chat_id, receipt.user_id)
            if found is None:
                continue
            state, seat = found
            head = self._durable_head(state)
            further = advanced(seats.get((state, receipt.user_id), seat), receipt, head)
            if further is not None:
                seats[state, receipt.user_id] = further
                moved.append(
                    Receipt(receipt.chat_id, receipt.user_id, min(receipt.seq, head), receipt.read, receipt.share)
                )
        if seats:
            with self._file.transaction():
                update_seats(self._file.writer, [(state.ref, seat) for (state, _), seat in seats.items()])
            for (state, user_id), seat in seats.items():
                state.seats[user_id] = seat
            self._file.committed(pages=2 + len(seats), structural=True)
        return moved

    # ── GroupStore ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def group(self, chat_id: str) -> Group | None:
        """See `GroupStore.group`."""
        await self._ready()
        with _reading():
            state = self._chats.find(chat_id)
        group = state.group if state else None
        await self._file.settled()
        return group

    async def group_info(self, chat_id: str) -> tuple[Group, bytes] | None:
        """See `GroupStore.group_info`."""
        await self._ready()
        with _reading():
            state = self._chats.find(chat_id)
            found = groups.read_info(self._file.writer, state.ref) if state else None
        await self._file.settled()
        return found

    async def welcomes(self, user_id: str, device_id: str, *, since: datetime, limit: int) -> list[WaitingWelcome]:
        """See `GroupStore.welcomes`."""
        await self._ready()
        with _reading():
            found = groups.read_welcomes(self._file.writer, user_id, device_id, since, limit)
        await self._file.settled()
        return found

    async def forget_welcome(self, user_id: str, device_id: str, welcome_id: str) -> None:
        """See `GroupStore.forget_welcome`."""
        await self._ready()
        with self._file.transaction():
            changed = groups.forget_welcome(self._file.writer, user_id, device_id, welcome_id)
        if changed:
            self._file.committed(pages=4, structural=True)
        await self._file.settled()

    async def forget_welcomes(self, before: datetime) -> int:
        """See `GroupStore.forget_welcomes`."""
        await self._ready()
        with self._file.transaction():
            count = groups.forget_welcomes(self._file.writer, before)
        if count:
            self._file.committed(pages=2 + 4 * count, structural=True)
        await self._file.settled()
        return count


@contextmanager
def _reading() -> Iterator[None]:
    """Errors of a read on the loop, as people may hear of them."""
    try:
        yield
    except (sqlite3.Error, RowDamaged) as error:
        raise of_read(error) from error
