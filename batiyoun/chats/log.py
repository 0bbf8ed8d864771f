"""Group commit: many senders, one writer.

Drafts wait in a bounded queue; one pump takes all that is waiting, has the store make it durable in one transaction,
publishes the batch in log order and then tells every sender. While the disk works the next batch gathers, so the
batches grow with the load and latency stays one commit (design D4).
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence

from batiyoun.chats.durability import DurabilityLost, Fatal, end_process
from batiyoun.chats.model import Appended, Draft, Outcome, Refused, Replayed
from batiyoun.chats.store import LogStore
from batiyoun.errors import BatiyounError, Busy, Internal, Unavailable

logger = logging.getLogger(__name__)

Done = Callable[[Outcome], None]
Publish = Callable[[Sequence[Appended]], None]


class Log:
    """The way into the log.

    `publish` is called once per committed batch with what is new, in log order, before the senders of that batch hear
    of it. It and the senders' callbacks run on the loop and must be short; an exception in one harms nobody else.

    `max_rows`, `max_bytes`: limits of a batch. `max_waiting` (drafts), `max_waiting_bytes`: limits of the queue.
    `stall_seconds`: a store that takes longer than this for a batch counts as stalled; until it answers, the queue is
    emptied and refilled with `Busy`. `fatal` is called when the store cannot tell what is durable (`DurabilityLost`).
    """

    def __init__(
        self,
        store: LogStore,
        *,
        publish: Publish,
        max_rows: int = 256,
        max_bytes: int = 1 << 20,
        max_waiting: int = 20_000,
        max_waiting_bytes: int = 64 << 20,
        stall_seconds: float = 5.0,
        fatal: Fatal = end_process,
    ) -> None:
        self._store = store
        self._publish = publish
        self._max_rows = max_rows
        self._max_bytes = max_bytes
        self._max_waiting = max_waiting
        self._max_waiting_bytes = max_waiting_bytes
        self._stall_seconds = stall_seconds
        self._fatal = fatal
        self._queue: deque[tuple[Draft, int, Done]] = deque()
        self._queue_bytes = 0
        self._stalled = False
        self._closing = False
        self._pump_task: asyncio.Task[None] | None = None
        self._idle: asyncio.Future[None] | None = None

    @property
    def waiting(self) -> int:
        """How many drafts wait for a batch; those handed to the store are not counted."""
        return len(self._queue)

    @property
    def stalled(self) -> bool:
        """The store has not answered for `stall_seconds`."""
        return self._stalled

    def append(self, draft: Draft, done: Done) -> None:
        """Queue a draft; `done(outcome)` is called once, on the loop, when it is durable or refused.

        Raises `Busy` when the queue is full or the store stalls, `Unavailable` after `close`: nothing was queued.
        """
        if self._closing:
            raise Unavailable("The server is stopping. The message will be sent again in a moment.")
        size = draft.size
        if (
            self._stalled
            or len(self._queue) >= self._max_waiting
            or (self._queue and self._queue_bytes + size > self._max_waiting_bytes)
        ):
            raise Busy(retry_after=1.0)
        self._queue.append((draft, size, done))
        self._queue_bytes += size
        if self._idle is not None:
            if not self._idle.done():
                self._idle.set_result(None)
        elif self._pump_task is None:
            self._pump_task = asyncio.get_running_loop().create_task(self._pump(), name="log")

    async def send(self, draft: Draft) -> Appended | Replayed:
        """Append and wait until it is durable.

        Raises what it was refused with, and what `append` raises. When the caller is cancelled the draft goes its way.
        """
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

        def done(outcome: Outcome) -> None:
            if not answer.done():
                answer.set_result(outcome)

        self.append(draft, done)
        outcome = await answer
        if isinstance(outcome, Refused):
            raise outcome.error
        return outcome

    async def close(self) -> None:
        """Refuse what is new, store what waits, tell everybody, stop. Idempotent."""
        self._closing = True
        if self._idle is not None and not self._idle.done():
            self._idle.set_result(None)
        if self._pump_task is not None:
            await asyncio.shield(self._pump_task)

    async def _pump(self) -> None:
        """The one task of the log: from the first draft until `close`."""
        loop = asyncio.get_running_loop()
        while True:
            if not self._queue:
                if self._closing:
                    return
                self._idle = loop.create_future()
                await self._idle
                self._idle = None
                continue
            # one turn of the loop: this tick's other drafts join, and the last batch's acks leave before the next
            # commit takes the processor
            await asyncio.sleep(0)
            batch = self._take()
            if batch:
                await self._commit(batch)

    def _take(self) -> list[tuple[Draft, int, Done]]:
        """What waits, up to the limits of a batch; a single draft over `max_bytes` goes alone."""
        batch: list[tuple[Draft, int, Done]] = []
        room = self._max_bytes
        queue = self._queue
        while queue and len(batch) < self._max_rows:
            size = queue[0][1]
            if size > room and batch:
                break
            room -= size
            self._queue_bytes -= size
            batch.append(queue.popleft())
        return batch

    async def _commit(self, batch: list[tuple[Draft, int, Done]]) -> None:
        watch = asyncio.get_running_loop().call_later(self._stall_seconds, self._stall)
        try:
            outcomes = _checked(await self._store.append([draft for draft, _, _ in batch]), len(batch))
        except BatiyounError as error:
            outcomes = [Refused(error)] * len(batch)
        except DurabilityLost as error:
            self._closing = True
            self._fatal("The log was committed and could not be synced", error)
            self._refuse_waiting(Unavailable())
            outcomes = [Refused(Unavailable())] * len(batch)
        except Exception:
            logger.exception("the store failed in a way it should not; %d drafts are refused", len(batch))
            outcomes = [Refused(Internal())] * len(batch)
        finally:
            watch.cancel()
            self._stalled = False
        appended = [outcome for outcome in outcomes if isinstance(outcome, Appended)]
        if appended:
            try:
                self._publish(appended)
            except Exception:
                logger.exception("publishing %d envelopes failed; clients heal by sequence", len(appended))
        for (_, _, done), outcome in zip(batch, outcomes, strict=True):
            try:
                done(outcome)
            except Exception:
                logger.exception("a sender's callback failed")

    def _stall(self) -> None:
        """The store hangs: what it was given may or may not be stored, what waits certainly is not."""
        self._stalled = True
        logger.error("storage has not answered for %.1f s; refusing messages until it does", self._stall_seconds)
        self._refuse_waiting(Busy(retry_after=1.0))

    def _refuse_waiting(self, error: BatiyounError) -> None:
        waiting, self._queue, self._queue_bytes = self._queue, deque(), 0
        for _, _, done in waiting:
            try:
                done(Refused(error))
            except Exception:
                logger.exception("a sender's callback failed")


def _checked(outcomes: Sequence[Outcome], count: int) -> Sequence[Outcome]:
    """An answer that cannot be matched to the drafts acknowledges none of them."""
    if len(outcomes) != count:
        raise RuntimeError(f"the store answered {len(outcomes)} outcomes for {count} drafts")
    return outcomes
