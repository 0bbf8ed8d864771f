"""Receipt cursors: gathered, written together, told at most once a second per chat (design D9).

One timer for all chats while there is anything to do, none when there is not.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import msgspec

from batiyoun.chats.model import Receipt
from batiyoun.chats.payloads import Done
from batiyoun.chats.service import Bars, open_to_all
from batiyoun.chats.store import ChatStore, LogStore
from batiyoun.errors import BatiyounError, Busy, Internal, NotFound
from batiyoun.live import Reply

_log = logging.getLogger(__name__)

#: seconds between the first receipt of a quiet chat and its writing: a burst of one screen goes together
GATHER = 0.05
#: seconds between two tellings of one chat
INTERVAL = 1.0
MAX_WAITING = 50_000


class ReceiptBook:
    """Takes receipts, keeps the largest per member and chat, writes and then tells them.

    `tell(advanced)` is called with what really moved, after it is durable.
    """

    def __init__(
        self,
        store: ChatStore,
        log_store: LogStore,
        tell: Callable[[list[Receipt]], Awaitable[None]],
        now: Callable[[], float],
        bars: Bars = open_to_all,
    ) -> None:
        """`bars`: where one of two blocks the other, neither learns what the other has seen."""
        self._store = store
        self._log_store = log_store
        self._tell = tell
        self._now = now
        self._bars = bars
        self._waiting: dict[tuple[str, str, bool], Receipt] = {}
        self._replies: dict[str, list[Reply]] = {}
        self._unresolved: list[tuple[str, str, bool, Reply]] = []
        self._count = 0
        self._told: dict[str, float] = {}
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    def add(self, receipt: Receipt, reply: Reply) -> None:
        """Note a receipt; `reply` is called with `Done` when it is durable. Raises `Busy` when too many wait."""
        self._take()
        self._note(receipt, reply)

    def add_by_id(self, user_id: str, message_id: str, read: bool, reply: Reply) -> None:
        """As `add`, by the seed's `messageId`; `reply` gets `NotFound` when it is in none of the user's chats."""
        self._take()
        self._unresolved.append((user_id, message_id, read, reply))

    async def put(self, receipt: Receipt) -> Done:
        """As `add`, waiting until it is durable. Raises `Busy` and what the store raises."""
        answered: asyncio.Future[Done | BatiyounError] = asyncio.get_running_loop().create_future()

        def reply(answer: Done | BatiyounError) -> None:
            if not answered.done():  # the request may have been given up
                answered.set_result(answer)

        self.add(receipt, reply)
        answer = await answered
        if isinstance(answer, BatiyounError):
            raise answer
        return answer

    def _take(self) -> None:
        if self._closed or self._count >= MAX_WAITING:
            raise Busy
        self._count += 1
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(), name="receipts")

    def _note(self, receipt: Receipt, reply: Reply) -> None:
        if self._bars(receipt.chat_id, receipt.user_id) is not None:
            receipt = msgspec.structs.replace(receipt, share=False)
        key = (receipt.chat_id, receipt.user_id, receipt.read)
        known = self._waiting.get(key)
        if known is None or known.seq < receipt.seq:
            self._waiting[key] = receipt
        self._replies.setdefault(receipt.chat_id, []).append(reply)

    async def _resolve(self) -> None:
        unresolved, self._unresolved = self._unresolved, []
        for user_id, message_id, read, reply in unresolved:
            try:
                envelope = await self._log_store.locate(user_id, message_id)
            except BatiyounError as error:
                self._refuse(reply, error)
                continue
            if envelope is None:
                self._refuse(reply, NotFound("There is no such message in your chats."))
            else:
                self._note(Receipt(envelope.chat_id, user_id, envelope.seq, read), reply)

    def _refuse(self, reply: Reply, error: BatiyounError) -> None:
        self._count -= 1
        reply(error)

    async def close(self) -> None:
        """Write what waits, then take no more."""
        self._closed = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._resolve()
        if self._replies:
            await self._flush(list(self._replies))

    async def _run(self) -> None:
        try:
            while self._replies or self._unresolved:
                await asyncio.sleep(GATHER)
                await self._resolve()
                now = self._now()
                due = [chat_id for chat_id in self._replies if now - self._told.get(chat_id, 0.0) >= INTERVAL]
                if due:
                    await self._flush(due)
                    self._told |= dict.fromkeys(due, now)
                    self._told = {chat_id: at for chat_id, at in self._told.items() if now - at < INTERVAL}
        finally:
            self._task = None

    async def _flush(self, due: list[str]) -> None:
        chosen = set(due)
        batch = [receipt for key, receipt in self._waiting.items() if key[0] in chosen]
        self._waiting = {key: receipt for key, receipt in self._waiting.items() if key[0] not in chosen}
        replies = [reply for chat_id in due for reply in self._replies.pop(chat_id)]
        self._count -= len(replies)
        answer: Done | BatiyounError = Done()
        try:
            advanced = await self._store.advance(batch)
            if advanced:
                await self._tell(advanced)
        except BatiyounError as error:
            answer = error
        except Exception:
            _log.exception("receipts could not be written")
            answer = Internal()
        for reply in replies:
            reply(answer)
