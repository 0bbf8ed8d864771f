"""Reads that may touch a cold disk, in threads of their own so that the loop never waits for one."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import msgspec

from batiyoun.chats.model import Envelope, Page
from batiyoun.errors import Busy
from batiyoun.storage.sqlite import queries
from batiyoun.storage.sqlite.errors import RowDamaged, of_read
from batiyoun.storage.sqlite.rows import Stored, to_envelope
from batiyoun.storage.sqlite.schema import connect

T = TypeVar("T")

#: A page carries about this many bytes at most, so that neither a thread nor the client chokes on long bodies.
PAGE_BYTES = 2_000_000
#: Unread messages are counted one by one up to here; what follows counts as unread (an upper bound, as promised).
UNREAD_EXACT = 1_000
#: How far a message's time may lie before its row's (ms), and how many rows per chat are looked through.
_LOCATE_SLACK = 2_000
_LOCATE_SPAN = 2_000
_MAX_SEQ = 2**62

_rows = msgspec.json.Decoder(list[Stored]).decode
_activity = msgspec.json.Decoder(list[tuple[str, int]]).decode


class Detail(msgspec.Struct, array_like=True):
    """What a list shows of a chat; `counted` of the rows after the read cursor were looked at."""

    chat: int
    head: int
    unread: int
    last: Stored | None


_details = msgspec.json.Decoder(list[Detail]).decode


class Reader:
    """A few read-only connections, one per thread; at most `max_waiting` reads at a time, then `Busy`."""

    def __init__(self, path: Path, *, threads: int = 2, max_waiting: int = 1_000) -> None:
        self._path = path
        self._max_waiting = max_waiting
        self._waiting = 0
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="log-read")

    async def page(
        self, chat_id: str, *, after: int | None, before: int | None, limit: int, floor: int, mark: int
    ) -> Page:
        """`LogStore.page` as of the watermark `mark`."""
        low = max(after or 0, floor)
        high = before if before is not None else _MAX_SEQ
        forward = after is not None
        parameters = {
            "chat": chat_id,
            "low": min(low, _MAX_SEQ),
            "high": min(high, _MAX_SEQ),
            "limit": max(limit, 1),
            "bytes": PAGE_BYTES,
            "mark": mark,
        }

        def read(connection: sqlite3.Connection) -> Page:
            row = connection.execute(queries.PAGE_AFTER if forward else queries.PAGE_BEFORE, parameters).fetchone()
            if row is None:
                return Page([], 0, False)
            chat, head, named, text = row
            if named != chat_id:
                raise RowDamaged(f"chat {chat_id} is not at number {chat}, where the index has it")
            envelopes = [to_envelope(stored, chat_id, chat) for stored in _rows(text)]
            envelopes.sort(key=_seq)
            end = min(head, high - 1)
            _check_gap_free(chat_id, envelopes, low=low, end=end, forward=forward)
            if not envelopes:
                return Page([], head, False)
            more = envelopes[-1].seq < end if forward else envelopes[0].seq > low + 1
            return Page(envelopes, head, more)

        return await self._run(read)

    async def activity(self, person: int, mark: int) -> list[tuple[str, int]]:
        """(chat id, milliseconds of its last message or of its creation) of all chats of a person, unordered."""

        def read(connection: sqlite3.Connection) -> list[tuple[str, int]]:
            return _activity(connection.execute(queries.ACTIVITY, {"person": person, "mark": mark}).fetchone()[0])

        return await self._run(read)

    async def details(
        self, chats: list[tuple[int, str, int, int, int]], mark: int
    ) -> dict[str, tuple[int, Envelope | None, int]]:
        """(head, last message, unread) of chats given as (ref, chat id, joined, read, person of the reader)."""
        ids = {ref: chat_id for ref, chat_id, _, _, _ in chats}
        cursors = {ref: max(joined, read) for ref, _, joined, read, _ in chats}
        wanted = msgspec.json.encode([(ref, joined, read, person) for ref, _, joined, read, person in chats]).decode()

        def read_details(connection: sqlite3.Connection) -> dict[str, tuple[int, Envelope | None, int]]:
            text = connection.execute(queries.DETAILS, {"chats": wanted, "cap": UNREAD_EXACT, "mark": mark}).fetchone()[
                0
            ]
            found = {}
            for detail in _details(text):
                chat_id = ids[detail.chat]
                beyond = max(0, detail.head - cursors[detail.chat] - UNREAD_EXACT)
                last = to_envelope(detail.last, chat_id, detail.chat) if detail.last else None
                found[chat_id] = (detail.head, last, detail.unread + beyond)
            return found

        return await self._run(read_details)

    async def locate(self, person: int, message_id: str, made: int, mark: int) -> tuple[str, int] | None:
        """(chat id, seq) of the message of that id, made at `made` (ms), in one of the person's chats."""
        parameters = {
            "person": person,
            "id": message_id,
            "since": made - _LOCATE_SLACK,
            "span": _LOCATE_SPAN,
            "mark": mark,
        }

        def read(connection: sqlite3.Connection) -> tuple[str, int] | None:
            row = connection.execute(queries.LOCATE, parameters).fetchone()
            return None if row is None else (row[0], row[1])

        return await self._run(read)

    def close(self) -> None:
        """Wait for running reads, then close the connections."""
        self._threads.shutdown(wait=True, cancel_futures=True)
        for connection in self._connections:
            connection.close()
        self._connections.clear()

    async def _run(self, read: Callable[[sqlite3.Connection], T]) -> T:
        if self._waiting >= self._max_waiting:
            raise Busy("The server is busy reading messages. Try again in a moment.", retry_after=1)
        self._waiting += 1
        future = asyncio.get_running_loop().run_in_executor(self._threads, self._read, read)
        future.add_done_callback(self._done)
        try:
            return await future
        except (sqlite3.Error, RowDamaged) as error:
            raise of_read(error) from error
        except msgspec.MsgspecError as error:
            raise of_read(RowDamaged(f"a row has values of the wrong kind ({error})")) from error

    def _done(self, _: asyncio.Future[T]) -> None:
        self._waiting -= 1

    def _read(self, read: Callable[[sqlite3.Connection], T]) -> T:
        """In a reader thread."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = connect(self._path, reader=True)
            self._connections.append(connection)
        return read(connection)


def _seq(envelope: Envelope) -> int:
    return envelope.seq


def _check_gap_free(chat_id: str, envelopes: list[Envelope], *, low: int, end: int, forward: bool) -> None:
    """Rows that are there but not found mean a damaged index. Raises `RowDamaged`."""
    if not envelopes:
        if low < end:
            raise RowDamaged(f"chat {chat_id} has no envelope between {low} and {end + 1}")
        return
    first, last = envelopes[0].seq, envelopes[-1].seq
    if last - first + 1 != len(envelopes) or (first != low + 1 if forward else last != end):
        raise RowDamaged(f"chat {chat_id} has a gap between {low} and {end + 1}")
