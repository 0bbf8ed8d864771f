"""chats/receipts.py: the largest receipt wins, is written once, and is told after it is durable."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from batiyoun.chats import receipts as module
from batiyoun.chats.log import Log
from batiyoun.chats.model import Appended, Draft, NewChat, Receipt, Role
from batiyoun.chats.payloads import Done
from batiyoun.chats.receipts import ReceiptBook
from batiyoun.errors import Busy, NotFound, Unavailable
from batiyoun.runtime import Runtime
from batiyoun.storage.sqlite.chatlog import SqliteChatLog

RUNTIME = Runtime()
CHAT = RUNTIME.new_id()


class Desk:
    """A chat of two with three messages of asha's, and a book on the real store."""

    def __init__(self, store: SqliteChatLog) -> None:
        self.store = store
        self.told: list[list[Receipt]] = []
        self.answers: list[Any] = []
        self.ids: list[str] = []
        self.book = ReceiptBook(store, store, self._tell, RUNTIME.monotonic)

    async def _tell(self, advanced: list[Receipt]) -> None:
        chat = await self.store.get(CHAT)
        assert chat is not None
        assert all(chat.members[each.user_id].delivered_seq >= each.seq for each in advanced)
        self.told.append(advanced)

    async def fill(self) -> None:
        roles = {"asha": Role.MEMBER, "mohan": Role.MEMBER}
        await self.store.create(NewChat(CHAT, "direct", "none", None, "asha", roles, "k", RUNTIME.utcnow()))
        log = Log(self.store, publish=lambda _: None)
        for number in range(3):
            draft = Draft(
                RUNTIME.new_id(), CHAT, "asha", None, f"k{number}", "message", "text", "hi", None, False, None, {},
                True, b"d" * 16,
            )  # fmt: skip
            stored = await log.send(draft)
            assert isinstance(stored, Appended)
            self.ids.append(stored.envelope.id)
        await log.close()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    store = SqliteChatLog(tmp_path / "log.db", RUNTIME)
    await store.open()
    place = Desk(store)
    await place.fill()
    yield place
    await place.book.close()
    await store.close()


def read(seq: int) -> Receipt:
    return Receipt(CHAT, "mohan", seq, read=True)


async def test_a_burst_becomes_one_write_of_the_largest(desk: Desk) -> None:
    for seq in (2, 3, 1):
        desk.book.add(read(seq), desk.answers.append)
    await desk.book.put(read(2))
    assert desk.told == [[read(3)]]
    assert desk.answers == [Done()] * 3


async def test_a_chat_is_told_at_most_once_in_an_interval(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "INTERVAL", 0.2)
    started = RUNTIME.monotonic()
    await desk.book.put(read(1))
    await desk.book.put(read(2))
    assert RUNTIME.monotonic() - started >= 0.2
    assert desk.told == [[read(1)], [read(2)]]


async def test_the_same_again_is_answered_and_told_to_nobody(desk: Desk) -> None:
    await desk.book.put(read(2))
    await desk.book.put(read(1))
    assert desk.told == [[read(2)]]


async def test_a_message_id_stands_for_its_seq_and_a_strange_one_for_nothing(desk: Desk) -> None:
    desk.book.add_by_id("mohan", desk.ids[1], True, desk.answers.append)
    desk.book.add_by_id("stranger", desk.ids[1], True, desk.answers.append)
    desk.book.add_by_id("mohan", RUNTIME.new_id(), True, desk.answers.append)
    await asyncio.sleep(2 * module.GATHER)
    await desk.book.put(read(1))
    assert desk.told == [[read(2)]]
    assert [type(each) for each in desk.answers] == [NotFound, NotFound, Done]


async def test_a_store_that_fails_is_reported_and_the_book_goes_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(_: object) -> list[Receipt]:
        raise Unavailable

    with monkeypatch.context() as broken:
        broken.setattr(desk.store, "advance", refuse)
        with pytest.raises(Unavailable):
            await desk.book.put(read(1))
    await desk.book.put(read(1))
    assert desk.told == [[read(1)]]


async def test_too_many_are_refused_and_closing_writes_what_waits(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_WAITING", 2)
    desk.book.add(read(1), desk.answers.append)
    desk.book.add(read(2), desk.answers.append)
    with pytest.raises(Busy):
        desk.book.add(read(3), desk.answers.append)
    await desk.book.close()
    assert (desk.told, desk.answers) == ([[read(2)]], [Done(), Done()])
    with pytest.raises(Busy):
        desk.book.add(read(3), desk.answers.append)
