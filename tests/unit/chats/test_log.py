"""The group commit: how drafts become batches and who hears what, over a store that the test directs."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

import pytest

from batiyoun.chats.model import Appended, Replayed
from batiyoun.errors import Busy, ChatNotFound, Unavailable
from tests.unit.chats.log_desk import Desk, draft, envelope, turns


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
