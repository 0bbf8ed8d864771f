"""Envelopes of all nodes take effect on this one strictly by `seq`, chat by chat (design D9).

Publish order is not commit order: what is early waits a moment for what is missing, and then the gap is filled from the
log, once for all members on this node. So a membership change takes effect at its place, and nobody overtakes a kick.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from batiyoun.errors import BatiyounError

logger = logging.getLogger(__name__)

T = TypeVar("T")

#: seconds that a missing envelope is waited for
WAIT = 0.1
#: seconds between attempts to read the log when it does not answer
AGAIN = 1.0
#: envelopes of one chat that wait for their turn; and how many may be missing before members are told to fetch them
MAX_GAP = 1_000


@dataclass(slots=True)
class _Chat(Generic[T]):
    next: int
    #: the last envelope that anybody spoke of
    known: int
    early: dict[int, T] = field(default_factory=dict)
    filling: asyncio.Task[None] | None = None
    #: called if the chat is let go before its turn came: (seq, callback)
    promised: list[tuple[int, Callable[[], None]]] = field(default_factory=list)


class InOrder(Generic[T]):
    """The chats with a member on this node: which envelope comes next, and what waits for it.

    `apply(chat_id, seq, item)` has an envelope take effect. `fetch(chat_id, after, limit)` reads items from the log,
    by seq; `heads(chat_ids)` says where chats end, `is_here(chat_id)` whether a chat has members on this node.
    `skip(chat_id, last)` is asked when so much is missing that the members should fetch it themselves: it sees to it
    that only those are members who are after the envelope `last`.
    """

    def __init__(
        self,
        *,
        apply: Callable[[str, int, T], None],
        fetch: Callable[[str, int, int], Awaitable[Mapping[int, T]]],
        heads: Callable[[Collection[str]], Awaitable[Mapping[str, int]]],
        skip: Callable[[str, int], Awaitable[None]],
        is_here: Callable[[str], bool],
        wait: float = WAIT,
    ) -> None:
        self._apply = apply
        self._fetch = fetch
        self._heads = heads
        self._skip = skip
        self._is_here = is_here
        self._wait = wait
        self._chats: dict[str, _Chat[T]] = {}
        self._looking: asyncio.Task[None] | None = None
        self._look_wanted = False

    def begin(self, chat_id: str, head_seq: int) -> None:
        """The chat has a member on this node, who knows of everything up to `head_seq`: what follows is news."""
        if chat_id not in self._chats and self._is_here(chat_id):
            self._chats[chat_id] = _Chat(head_seq + 1, head_seq)

    def end(self, chat_id: str) -> None:
        """The last member is gone from this node."""
        chat = self._chats.pop(chat_id, None)
        if chat is None:
            return
        if chat.filling is not None:
            chat.filling.cancel()
        for _, callback in chat.promised:
            callback()

    def is_due(self, chat_id: str, seq: int) -> bool:
        """The envelope has not taken effect here yet, and will: the chat has members on this node."""
        chat = self._chats.get(chat_id)
        return chat is not None and chat.next <= seq

    def last(self, chat_id: str) -> int:
        """The last envelope that took effect here; 0 for a chat without members here."""
        chat = self._chats.get(chat_id)
        return 0 if chat is None else chat.next - 1

    def promise(self, chat_id: str, seq: int, otherwise: Callable[[], None]) -> None:
        """Call `otherwise` if the chat is let go before the envelope took effect. Only while it `is_due`."""
        self._chats[chat_id].promised.append((seq, otherwise))

    def arrived(self, chat_id: str, seq: int, item: T) -> None:
        """An envelope was committed, here or elsewhere. Chats without a member on this node are passed over."""
        chat = self._chats.get(chat_id)
        if chat is None:
            self.begin(chat_id, seq - 1)
            chat = self._chats.get(chat_id)
        if chat is None or seq < chat.next:
            return
        if seq == chat.next:
            self._take(chat_id, chat, item)
            if chat.early:
                self._go_on(chat_id, chat)
            return
        chat.known = max(chat.known, seq)
        if len(chat.early) < MAX_GAP:
            chat.early[seq] = item
        if chat.filling is None:
            chat.filling = asyncio.get_running_loop().create_task(self._fill(chat_id, chat), name="fill a gap")

    async def look_at(self, chat_id: str) -> None:
        """Have everything take effect that the chat's log holds now; a no-op for one without a member here."""
        if chat_id in self._chats:
            head = (await self._ends([chat_id])).get(chat_id, 0)
            chat = self._chats.get(chat_id)
            if chat is not None:
                await self._catch_up(chat_id, chat, head)

    def look_again(self) -> None:
        """What other nodes published may have been lost: compare all chats with the log."""
        self._look_wanted = True
        if self._looking is None or self._looking.done():
            self._looking = asyncio.get_running_loop().create_task(self._look(), name="chats look again")

    async def close(self) -> None:
        """Let go of all chats."""
        tasks = [chat.filling for chat in self._chats.values() if chat.filling is not None]
        if self._looking is not None:
            tasks.append(self._looking)
        self._chats.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # ── turns ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _take(self, chat_id: str, chat: _Chat[T], item: T) -> None:
        seq = chat.next
        chat.next = seq + 1
        if chat.promised:
            chat.promised = [promise for promise in chat.promised if promise[0] > seq]
        try:
            self._apply(chat_id, seq, item)
        except Exception:
            logger.exception("an envelope could not take effect; the next one does")

    def _go_on(self, chat_id: str, chat: _Chat[T]) -> None:
        while (item := chat.early.pop(chat.next, None)) is not None:
            self._take(chat_id, chat, item)

    # ── gaps ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _fill(self, chat_id: str, chat: _Chat[T]) -> None:
        """Whenever the same envelope is missing for a while, read it; until none is."""
        try:
            while chat.next <= chat.known:
                missing = chat.next
                await asyncio.sleep(self._wait)
                if chat.next == missing:
                    await self._catch_up(chat_id, chat, chat.known)
        finally:
            chat.filling = None

    async def _catch_up(self, chat_id: str, chat: _Chat[T], last: int) -> None:
        """Have everything up to `last` take effect, from the log where it did not arrive. Does not give up."""
        while chat.next <= last and self._chats.get(chat_id) is chat:
            try:
                if last - chat.next >= MAX_GAP or not await self._read(chat_id, chat, last):
                    await self._skip(chat_id, last)
                    chat.next = max(chat.next, last + 1)
                    chat.early = {seq: item for seq, item in chat.early.items() if seq >= chat.next}
                    chat.promised = [promise for promise in chat.promised if promise[0] > last]
                    self._go_on(chat_id, chat)
            except BatiyounError:
                await asyncio.sleep(AGAIN)

    async def _read(self, chat_id: str, chat: _Chat[T], last: int) -> bool:
        """One page of the log; False when it did not hold the next envelope."""
        found = await self._fetch(chat_id, chat.next - 1, last - chat.next + 1)
        if self._chats.get(chat_id) is not chat:
            return True
        before = chat.next
        while chat.next <= last:
            item = chat.early.pop(chat.next, None) or found.get(chat.next)
            if item is None:
                break
            self._take(chat_id, chat, item)
        self._go_on(chat_id, chat)
        return chat.next > min(before, last)

    async def _look(self) -> None:
        while self._look_wanted:
            self._look_wanted = False
            waiting = list(self._chats)
            for start in range(0, len(waiting), MAX_GAP):
                for chat_id, head in (await self._ends(waiting[start : start + MAX_GAP])).items():
                    chat = self._chats.get(chat_id)
                    if chat is not None:
                        await self._catch_up(chat_id, chat, head)

    async def _ends(self, chat_ids: Collection[str]) -> Mapping[str, int]:
        while True:
            try:
                return await self._heads(chat_ids)
            except BatiyounError:
                await asyncio.sleep(AGAIN)
