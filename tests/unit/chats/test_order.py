"""chats/order.py: whatever order envelopes arrive in, they take effect by `seq`, each once."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batiyoun.chats import order as module
from batiyoun.chats.order import InOrder
from batiyoun.errors import Unavailable

WAIT = 0.02


class Node:
    """A node with a member in the chat, over a log that holds `head` envelopes; an envelope is its own text."""

    def __init__(self, head: int = 0, **options: Any) -> None:
        self.head = head
        self.applied: list[int] = []
        self.from_log: list[int] = []
        self.skipped: list[int] = []
        self.away = False
        self.reads = 0
        self.members = {"chat"}
        self.gate = asyncio.Event()
        self.gate.set()
        self.order: InOrder[str] = InOrder(
            apply=self._apply,
            fetch=self._fetch,
            heads=self._heads,
            skip=self._skip,
            is_here=lambda chat_id: chat_id in self.members,
            **{"wait": WAIT, **options},
        )

    def _apply(self, chat_id: str, seq: int, item: str) -> None:
        self.applied.append(seq)
        if item.startswith("log"):
            self.from_log.append(seq)
        assert item.endswith(f" {seq}")

    async def _fetch(self, chat_id: str, after: int, limit: int) -> Mapping[int, str]:
        self.reads += 1
        await self.gate.wait()
        if self.away:
            raise Unavailable
        return {seq: f"log {seq}" for seq in range(after + 1, min(self.head, after + min(limit, 500)) + 1)}

    async def _heads(self, chat_ids: Collection[str]) -> Mapping[str, int]:
        if self.away:
            raise Unavailable
        return dict.fromkeys(chat_ids, self.head)

    async def _skip(self, chat_id: str, last: int) -> None:
        self.skipped.append(last)

    def arrive(self, *seqs: int) -> None:
        for seq in seqs:
            self.head = max(self.head, seq)
            self.order.arrived("chat", seq, f"live {seq}")


async def until(node: Node, last: int) -> None:
    async with asyncio.timeout(5):
        while not node.applied or node.applied[-1] < last:  # noqa: ASYNC110  # a fake log says nothing
            await asyncio.sleep(0.001)


async def test_what_comes_in_order_takes_effect_at_once() -> None:
    node = Node()
    node.order.begin("chat", 0)
    node.arrive(1, 2, 3)
    assert node.applied == [1, 2, 3]
    node.arrive(2, 3)
    assert node.applied == [1, 2, 3], "twice is once"
    assert node.reads == 0


async def test_what_is_early_waits_for_what_is_late_without_reading() -> None:
    node = Node()
    node.order.begin("chat", 0)
    node.arrive(2, 4, 3)
    assert node.applied == []
    node.arrive(1)
    assert node.applied == [1, 2, 3, 4]
    await asyncio.sleep(WAIT * 2)
    assert node.reads == 0


async def test_what_never_comes_is_read_once() -> None:
    node = Node()
    node.order.begin("chat", 10)
    node.arrive(15, 13)
    await until(node, 15)
    assert node.applied == [11, 12, 13, 14, 15]
    assert node.from_log == [11, 12, 14]
    assert node.reads == 1


async def test_a_gap_that_closes_in_time_does_not_hurry_the_next() -> None:
    node = Node(wait=0.1)
    node.order.begin("chat", 0)
    node.arrive(2)
    await asyncio.sleep(0.08)
    node.arrive(1, 4)
    await asyncio.sleep(0.06)
    assert node.reads == 0, "3 has been missing for less than a while"
    node.arrive(3)
    assert node.applied == [1, 2, 3, 4]
    await node.order.close()


async def test_chats_without_a_member_here_are_passed_over_and_forgotten() -> None:
    node = Node()
    node.members.clear()
    node.order.begin("chat", 0)
    node.arrive(1, 5)
    assert node.applied == []
    node.members.add("chat")
    node.arrive(6)
    assert node.applied == [6], "the first that a member could hear"
    node.members.clear()
    node.order.end("chat")
    node.order.end("chat")
    node.arrive(7)
    assert node.applied == [6]


async def test_a_chat_that_is_let_go_while_it_is_read_stays_silent() -> None:
    node = Node()
    node.gate.clear()
    node.order.begin("chat", 0)
    node.arrive(3)
    node.order.look_again()
    await asyncio.sleep(WAIT * 2)
    assert node.reads == 2, "both are reading"
    node.order.end("chat")
    node.order.begin("chat", 3)
    node.gate.set()
    await asyncio.sleep(WAIT)
    assert node.applied == []
    node.arrive(4)
    assert node.applied == [4]
    await node.order.close()


async def test_a_log_that_is_away_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AGAIN", 0.01)
    node = Node()
    node.away = True
    node.order.begin("chat", 0)
    node.arrive(3)
    await asyncio.sleep(WAIT * 3)
    assert node.applied == []
    assert node.reads > 1
    node.away = False
    await until(node, 3)
    assert node.applied == [1, 2, 3]


async def test_after_a_lost_connection_every_chat_is_compared_with_the_log() -> None:
    node = Node()
    node.order.begin("chat", 0)
    node.arrive(1)
    node.head = 700
    node.order.look_again()
    await until(node, 700)
    assert node.applied == list(range(1, 701)), "more than one page"
    node.head = 701
    node.order.look_again()
    node.order.look_again()
    await until(node, 701)


async def test_what_is_too_long_is_left_to_the_members_to_fetch() -> None:
    node = Node(head=5_000)
    node.order.begin("chat", 0)
    node.arrive(5_001)
    async with asyncio.timeout(5):
        while not node.skipped:  # noqa: ASYNC110  # a fake log says nothing
            await asyncio.sleep(0.001)
    assert node.skipped == [5_001]
    node.arrive(5_002)
    assert node.applied == [5_002]


async def test_a_promise_is_kept_by_the_envelope_or_at_the_end() -> None:
    node = Node()
    kept: list[str] = []
    node.order.begin("chat", 0)
    assert node.order.is_due("chat", 2)
    node.order.promise("chat", 2, lambda: kept.append("two"))
    node.order.promise("chat", 3, lambda: kept.append("three"))
    node.arrive(1, 2)
    assert not node.order.is_due("chat", 2)
    node.order.end("chat")
    assert kept == ["three"]
    assert not node.order.is_due("chat", 9)


async def test_one_that_fails_does_not_hold_up_the_next(caplog: pytest.LogCaptureFixture) -> None:
    node = Node()
    node.order.begin("chat", 0)
    node.order.arrived("chat", 1, "broken")
    node.arrive(2)
    assert node.applied == [1, 2]
    assert "could not take effect" in caplog.text


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_order_with_losses_and_repeats_gives_the_log(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 30))
    heard = data.draw(st.lists(st.integers(1, count), max_size=60))

    async def run() -> None:
        node = Node(wait=0.001)
        node.order.begin("chat", 0)
        node.head = count
        for seq in heard:
            node.order.arrived("chat", seq, f"live {seq}")
            if data.draw(st.booleans()):
                await asyncio.sleep(0)
        node.order.look_again()
        await until(node, count)
        assert node.applied == list(range(1, count + 1))
        await node.order.close()

    asyncio.run(run())
