"""The group commit: how drafts become batches and who hears what, over a store that the test directs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest

from batiyoun.chats.durability import DurabilityLost
from batiyoun.chats.log import Log
from batiyoun.chats.model import Appended, Draft, Envelope, Outcome, Page, Refused, Replayed
from batiyoun.errors import Busy, ChatNotFound, Internal, Unavailable


def draft(name: str, *, size: int = 0) -> Draft:
    """A draft told apart by its client id; `size` characters of content."""
    return Draft(
        name, "chat", "ann", None, name, "message", "text", "x" * size, None, False, None, {}, True, name.encode()
    )


def envelope(item: Draft, seq: int) -> Envelope:
    """What the store makes of a draft."""
    return Envelope(
        chat_id=item.chat_id,
        seq=seq,
        id=item.id,
        sender_id=item.sender_id,
        sender_device_id=None,
        client_id=item.client_id,
        kind=item.kind,
        type=item.type,
        content=item.content,
        iv=None,
        encrypted=False,
        mls=None,
        metadata={},
        notify=True,
        timestamp=datetime(2026, 1, 1, tzinfo=UTC),
    )


class ScriptedStore:
    """Appends everything; `failures` are raised one per batch; batches wait while `held`."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.failures: list[Exception] = []
        self.refuse: set[str] = set()
        self.replay: set[str] = set()
        self.short = False
        self.open = asyncio.Event()
        self.open.set()
        self.seq = 0

    async def append(self, batch: Sequence[Draft]) -> list[Outcome]:
        """One outcome per draft, as scripted."""
        self.batches.append([item.id for item in batch])
        await self.open.wait()
        if self.failures:
            raise self.failures.pop(0)
        outcomes: list[Outcome] = []
        for item in batch:
            if item.id in self.refuse:
                outcomes.append(Refused(ChatNotFound()))
            elif item.id in self.replay:
                outcomes.append(Replayed(envelope(item, 1)))
            else:
                self.seq += 1
                outcomes.append(Appended(envelope(item, self.seq)))
        return outcomes[:-1] if self.short else outcomes

    async def page(self, chat_id: str, *, after: int | None, before: int | None, limit: int, floor: int) -> Page:
        """Not asked by the log."""
        raise NotImplementedError

    async def locate(self, user_id: str, message_id: str) -> Envelope | None:
        """Not asked by the log."""
        raise NotImplementedError


class Desk:
    """A log over a scripted store, and everything it says in order: `("published", ids)`, `("done", id, outcome)`."""

    def __init__(self, **limits: Any) -> None:
        self.store = ScriptedStore()
        self.heard: list[tuple[Any, ...]] = []
        self.fatal: list[str] = []
        self.log = Log(self.store, publish=self.publish, fatal=lambda reason, _: self.fatal.append(reason), **limits)

    def publish(self, appended: Sequence[Appended]) -> None:
        """Note what was published."""
        self.heard.append(("published", [item.envelope.id for item in appended]))

    def append(self, name: str, *, size: int = 0) -> None:
        """Queue a draft and note its outcome."""
        self.log.append(draft(name, size=size), lambda outcome: self.heard.append(("done", name, outcome)))

    def outcome(self, name: str) -> Outcome:
        """What the sender of that draft heard, exactly once."""
        [found] = [entry[2] for entry in self.heard if entry[:2] == ("done", name)]
        assert isinstance(found, Outcome)
        return found

    def error(self, name: str) -> Exception:
        """What the draft was refused with."""
        outcome = self.outcome(name)
        assert isinstance(outcome, Refused)
        return outcome.error


async def turns(count: int = 5) -> None:
    """Let the loop turn: enough for the pump to take and commit what waits."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_one_tick_is_one_batch_in_order() -> None:
    desk = Desk()
    for name in "abc":
        desk.append(name)
    asyncio.get_running_loop().call_soon(desk.append, "d")
    await turns()
    await desk.log.close()
    assert desk.store.batches == [["a", "b", "c", "d"]]


async def test_what_comes_while_the_store_works_is_the_next_batch() -> None:
    desk = Desk()
    desk.store.open.clear()
    desk.append("a")
    await turns()
    for name in "bcd":
        desk.append(name)
    await turns()
    assert desk.store.batches == [["a"]]
    assert desk.log.waiting == 3
    desk.store.open.set()
    await desk.log.close()
    assert desk.store.batches == [["a"], ["b", "c", "d"]]


async def test_nobody_hears_before_the_store_answers() -> None:
    desk = Desk()
    desk.store.open.clear()
    desk.append("a")
    await turns(20)
    assert desk.heard == []
    desk.store.open.set()
    await turns()
    assert [entry[0] for entry in desk.heard] == ["published", "done"]


async def test_publishes_each_batch_once_in_order_before_its_senders_hear() -> None:
    desk = Desk(max_rows=2)
    for name in "abc":
        desk.append(name)
    await desk.log.close()
    assert [entry[:2] for entry in desk.heard] == [
        ("published", ["a", "b"]),
        ("done", "a"),
        ("done", "b"),
        ("published", ["c"]),
        ("done", "c"),
    ]


async def test_publishes_only_what_is_new() -> None:
    desk = Desk()
    desk.store.refuse, desk.store.replay = {"a", "d"}, {"b", "d"}
    for name in "abc":
        desk.append(name)
    await turns()
    desk.append("d")
    await desk.log.close()
    assert [entry[1] for entry in desk.heard if entry[0] == "published"] == [["c"]]
    assert isinstance(desk.error("a"), ChatNotFound)
    assert isinstance(desk.outcome("b"), Replayed)


class TestBatches:
    async def test_hold_so_many_rows(self) -> None:
        desk = Desk(max_rows=3)
        for name in "abcdefg":
            desk.append(name)
        await desk.log.close()
        assert [len(batch) for batch in desk.store.batches] == [3, 3, 1]

    async def test_hold_so_many_bytes(self) -> None:
        desk = Desk(max_bytes=10_000)
        for name, size in (("a", 4_000), ("b", 4_000), ("c", 4_000), ("huge", 50_000), ("d", 10)):
            desk.append(name, size=size)
        await desk.log.close()
        assert desk.store.batches == [["a", "b"], ["c"], ["huge"], ["d"]]

    async def test_are_written_by_one_task(self) -> None:
        """No task per message: the pump is the only one, however much comes."""
        desk = Desk(max_rows=10)
        desk.append("first")
        before = len(asyncio.all_tasks())
        for number in range(500):
            desk.append(str(number))
            assert len(asyncio.all_tasks()) == before
        await desk.log.close()
        assert len(desk.store.batches) == 51


class TestFullQueue:
    async def test_by_count(self) -> None:
        desk = Desk(max_waiting=3)
        for name in "abc":
            desk.append(name)
        with pytest.raises(Busy) as caught:
            desk.append("d")
        assert caught.value.retryable
        assert caught.value.retry_after
        await turns()
        desk.append("d")
        await desk.log.close()
        assert desk.store.batches == [["a", "b", "c"], ["d"]]

    async def test_by_bytes(self) -> None:
        desk = Desk(max_waiting_bytes=10_000)
        desk.append("a", size=9_000)
        with pytest.raises(Busy):
            desk.append("b", size=2_000)
        desk.append("c", size=10)
        await desk.log.close()
        assert desk.store.batches == [["a", "c"]]

    async def test_one_that_is_larger_than_the_queue_still_goes(self) -> None:
        desk = Desk(max_waiting_bytes=10_000)
        desk.append("a", size=50_000)
        await desk.log.close()
        assert isinstance(desk.outcome("a"), Appended)

    async def test_bytes_are_given_back(self) -> None:
        desk = Desk(max_waiting_bytes=10_000)
        for number in range(20):
            desk.append(str(number), size=9_000)
            await turns()
        await desk.log.close()
        assert len(desk.store.batches) == 20


class TestStalledStorage:
    async def test_waiting_and_new_drafts_are_busy_until_the_store_answers(self) -> None:
        desk = Desk(stall_seconds=0.02)
        desk.store.open.clear()
        desk.append("given to the store")
        await turns()
        desk.append("waiting")
        await asyncio.sleep(0.1)
        assert desk.log.stalled
        assert isinstance(desk.error("waiting"), Busy)
        assert desk.log.waiting == 0
        with pytest.raises(Busy):
            desk.append("new")
        assert [entry for entry in desk.heard if entry[1] == "given to the store"] == []
        desk.store.open.set()
        await turns()
        assert isinstance(desk.outcome("given to the store"), Appended)
        assert not desk.log.stalled
        desk.append("later")
        await desk.log.close()
        assert isinstance(desk.outcome("later"), Appended)

    async def test_the_bytes_of_who_was_sent_away_are_given_back(self) -> None:
        desk = Desk(stall_seconds=0.01, max_waiting_bytes=10_000)
        desk.store.open.clear()
        desk.append("a")
        await turns()
        desk.append("b", size=9_000)
        await asyncio.sleep(0.1)
        assert desk.log.stalled
        desk.store.open.set()
        await turns()
        desk.append("c", size=9_000)
        await desk.log.close()
        assert isinstance(desk.outcome("c"), Appended)


class TestFailures:
    async def test_unavailable_refuses_that_batch_only(self) -> None:
        desk = Desk(max_rows=2)
        desk.store.failures = [Unavailable()]
        for name in "abc":
            desk.append(name)
        await desk.log.close()
        for name in "ab":
            assert isinstance(desk.error(name), Unavailable)
        assert isinstance(desk.outcome("c"), Appended)
        assert [entry[1] for entry in desk.heard if entry[0] == "published"] == [["c"]]

    async def test_an_unexpected_error_is_internal_and_the_log_goes_on(self, caplog: pytest.LogCaptureFixture) -> None:
        desk = Desk(max_rows=1)
        desk.store.failures = [ZeroDivisionError()]
        desk.append("a")
        desk.append("b")
        await desk.log.close()
        assert isinstance(desk.error("a"), Internal)
        assert isinstance(desk.outcome("b"), Appended)
        assert "the store failed in a way it should not" in caplog.text

    async def test_a_wrong_number_of_answers_acknowledges_nobody(self) -> None:
        desk = Desk()
        desk.store.short = True
        desk.append("a")
        desk.append("b")
        await turns()
        assert isinstance(desk.error("a"), Internal)
        assert isinstance(desk.error("b"), Internal)

    async def test_lost_durability_ends_the_process_and_acknowledges_nobody(self) -> None:
        desk = Desk(max_rows=1)
        desk.store.failures = [DurabilityLost("the disk is gone")]
        desk.append("a")
        desk.append("b")
        await turns(10)
        assert len(desk.fatal) == 1
        assert isinstance(desk.error("a"), Unavailable)
        assert isinstance(desk.error("b"), Unavailable)
        assert desk.store.batches == [["a"]]
        with pytest.raises(Unavailable):
            desk.append("c")
        assert not [entry for entry in desk.heard if entry[0] == "published"]

    async def test_a_senders_exception_harms_nobody_else(self, caplog: pytest.LogCaptureFixture) -> None:
        desk = Desk()

        def broken(_: Outcome) -> None:
            raise ZeroDivisionError

        desk.append("a")
        desk.log.append(draft("broken"), broken)
        desk.append("b")
        await turns()
        desk.append("c")
        await desk.log.close()
        assert all(isinstance(desk.outcome(name), Appended) for name in "abc")
        assert "a sender's callback failed" in caplog.text

    async def test_a_failing_publish_keeps_nobody_from_the_ack(self, caplog: pytest.LogCaptureFixture) -> None:
        desk = Desk()

        def broken(_: Sequence[Appended]) -> None:
            raise ZeroDivisionError

        desk.log = Log(desk.store, publish=broken)
        desk.append("a")
        await turns()
        desk.append("b")
        await desk.log.close()
        assert isinstance(desk.outcome("a"), Appended)
        assert isinstance(desk.outcome("b"), Appended)
        assert caplog.text.count("publishing 1 envelopes failed") == 2


class TestSend:
    async def test_returns_what_was_stored(self) -> None:
        desk = Desk()
        desk.store.replay = {"b"}
        assert await desk.log.send(draft("a")) == Appended(envelope(draft("a"), 1))
        assert await desk.log.send(draft("b")) == Replayed(envelope(draft("b"), 1))
        await desk.log.close()

    async def test_raises_the_refusal(self) -> None:
        desk = Desk(max_waiting=1)
        desk.store.refuse = {"a"}
        with pytest.raises(ChatNotFound):
            await desk.log.send(draft("a"))
        desk.append("b")
        with pytest.raises(Busy):
            await desk.log.send(draft("c"))
        await desk.log.close()

    async def test_a_cancelled_caller_takes_nothing_back(self, caplog: pytest.LogCaptureFixture) -> None:
        desk = Desk()
        desk.store.open.clear()
        task = asyncio.create_task(desk.log.send(draft("a")))
        await turns()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        desk.append("b")
        desk.store.open.set()
        await desk.log.close()
        assert desk.store.batches == [["a"], ["b"]]
        assert isinstance(desk.outcome("b"), Appended)
        assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


class TestClose:
    async def test_stores_what_waits_then_refuses(self) -> None:
        desk = Desk(max_rows=1)
        desk.store.open.clear()
        for name in "abc":
            desk.append(name)
        closing = asyncio.create_task(desk.log.close())
        await turns()
        with pytest.raises(Unavailable):
            desk.append("d")
        assert not closing.done()
        desk.store.open.set()
        await closing
        assert all(isinstance(desk.outcome(name), Appended) for name in "abc")
        await desk.log.close()

    async def test_of_a_log_that_was_never_used_or_is_idle(self) -> None:
        await Desk().log.close()
        desk = Desk()
        desk.append("a")
        await turns(10)
        await desk.log.close()
        assert desk.store.batches == [["a"]]

    async def test_who_gives_up_waiting_for_it_does_not_stop_the_flush(self) -> None:
        desk = Desk()
        desk.store.open.clear()
        desk.append("a")
        await turns()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(desk.log.close(), 0.01)
        desk.store.open.set()
        await desk.log.close()
        assert isinstance(desk.outcome("a"), Appended)
