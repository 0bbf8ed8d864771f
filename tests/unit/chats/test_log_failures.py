"""The group commit when storage stalls or fails, and when those who listen do."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from batiyoun.chats.durability import DurabilityLost
from batiyoun.chats.log import Log
from batiyoun.chats.model import Appended, Outcome
from batiyoun.errors import Busy, Internal, Unavailable
from tests.unit.chats.log_desk import Desk, draft, turns


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
        desk = Desk(stall_seconds=0.2, max_waiting_bytes=10_000)
        desk.store.open.clear()
        desk.append("a")
        await turns()
        desk.append("b", size=9_000)
        await asyncio.sleep(1)
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
