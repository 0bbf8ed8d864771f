"""What is committed and not yet synced: nobody sees it, nobody is told of it (design D4, durable watermark)."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from batiyoun.chats.model import Appended, Membership, NewChat, Page, Receipt, Replayed, Role, RosterChange
from batiyoun.storage.sqlite import SqliteChatLog
from tests.contracts.chat_stores import Scene, draft, stored
from tests.unit.storage.sqlite.conftest import Disk, OpenLog


async def started(job: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    """A task that had time to do everything that does not wait for the disk."""
    task = asyncio.create_task(job)
    await asyncio.sleep(0.05)
    return task


async def test_a_row_is_invisible_until_it_is_synced(open_log: OpenLog, disk: Disk) -> None:
    async with open_log() as scene:
        chat = await scene.group("bob")
        await scene.say(chat, "ann", "old")
        disk.hold()
        sending = await started(scene.one(draft(chat, "ann", "new")))
        assert not sending.done()
        assert await scene.bodies(chat) == ["old"]
        page = await scene.store.page(chat.id, after=None, before=None, limit=10, floor=0)
        assert (page.head_seq, page.has_more) == (1, False)
        assert (await scene.store.page(chat.id, after=1, before=None, limit=10, floor=0)) == Page([], 1, False)
        found = await scene.store.get(chat.id)
        assert found is not None
        assert found.head_seq == 1
        assert await scene.store.memberships("bob") == [Membership(chat.id, "group", Role.MEMBER, 0, 1, 0, None)]
        [(listed, last, unread)] = await scene.store.list_of("bob", limit=10, before=None)
        assert last is not None
        assert (listed.head_seq, last.content, unread) == (1, "old", 1)
        assert await scene.store.summary(chat.id, found.members["bob"]) == (last, 1)
        disk.let()
        assert stored(await sending).seq == 2
        assert await scene.bodies(chat) == ["old", "new"]


async def test_the_first_message_of_a_chat(open_log: OpenLog, disk: Disk) -> None:
    async with open_log() as scene:
        chat = await scene.group("bob")
        disk.hold()
        sending = await started(scene.one(draft(chat, "ann")))
        assert await scene.bodies(chat) == []
        [(listed, last, unread)] = await scene.store.list_of("bob", limit=10, before=None)
        assert (listed.head_seq, last, unread) == (0, None, 0)
        disk.let()
        await sending


async def test_a_batch_that_follows_a_commit_waits_for_its_own_sync(open_log: OpenLog, disk: Disk) -> None:
    """The running sync began before the second commit and proves nothing about it."""
    async with open_log() as scene:
        chat = await scene.group("bob")
        disk.hold()
        before = len(disk.threads)
        first = await started(scene.one(draft(chat, "ann", "1")))
        second = await started(scene.one(draft(chat, "bob", "2")))
        assert len(disk.threads) == before + 1
        disk.let()
        assert (stored(await first).seq, stored(await second).seq) == (1, 2)
        assert len(disk.threads) == before + 2


async def test_a_retry_of_a_pending_row_waits_with_it(open_log: OpenLog, disk: Disk) -> None:
    async with open_log() as scene:
        chat = await scene.group()
        disk.hold()
        sending = await started(scene.one(draft(chat, "ann", "x", client_id="c")))
        retry = await started(scene.one(draft(chat, "ann", "x", client_id="c")))
        assert not retry.done()
        disk.let()
        assert isinstance(await sending, Appended)
        assert await retry == Replayed(stored(await sending))


async def test_a_search_for_a_pending_row_waits(open_log: OpenLog, disk: Disk) -> None:
    async with open_log() as scene:
        chat = await scene.group("bob")
        disk.hold()
        item = draft(chat, "ann", message_id=scene.clock.new_id())
        sending = await started(scene.one(item))
        search = await started(scene.store.locate("bob", item.id))
        assert not search.done()
        disk.let()
        assert await search == stored(await sending)


async def test_receipts_do_not_reach_what_nobody_could_see(open_log: OpenLog, disk: Disk) -> None:
    async with open_log() as scene:
        chat = await scene.group("bob")
        await scene.say(chat, "ann", "seen")
        disk.hold()
        sending = await started(scene.one(draft(chat, "ann", "unseen")))
        receipt = await started(scene.store.advance([Receipt(chat.id, "bob", 9, read=True)]))
        disk.let()
        assert await receipt == [Receipt(chat.id, "bob", 1, read=True)]
        await sending


class TestStructure:
    """Chats, rosters and receipts: whoever asks waits for the sync of what the answer has seen."""

    @pytest.mark.parametrize("change", ["roster", "receipt", "chat"])
    @pytest.mark.parametrize("question", ["get", "memberships", "list_of", "summary", "create"])
    async def test_an_answer_waits(self, open_log: OpenLog, disk: Disk, change: str, question: str) -> None:
        async with open_log() as scene:
            chat = await scene.group("bob")
            await scene.say(chat, "ann", "x")
            member = chat.members["bob"]
            changes: dict[str, Coroutine[Any, Any, Any]] = {
                "roster": scene.one(draft(chat, "ann", change=RosterChange(add={"cid": Role.MEMBER}))),
                "receipt": scene.store.advance([Receipt(chat.id, "bob", 1, read=True)]),
                "chat": scene.direct("ann", "bob"),
            }
            questions: dict[str, Coroutine[Any, Any, Any]] = {
                "get": scene.store.get(chat.id),
                "memberships": scene.store.memberships("bob"),
                "list_of": scene.store.list_of("bob", limit=10, before=None),
                "summary": scene.store.summary(chat.id, member),
                "create": scene.direct("ann", "bob"),
            }
            disk.hold()
            changing = await started(changes.pop(change))
            asking = await started(questions.pop(question))
            assert not changing.done()
            assert not asking.done()
            disk.let()
            await asyncio.gather(changing, asking)
            for unused in [*changes.values(), *questions.values()]:
                unused.close()

    async def test_history_does_not_wait_for_it(self, open_log: OpenLog, disk: Disk) -> None:
        async with open_log() as scene:
            chat = await scene.group("bob")
            await scene.say(chat, "ann", "x")
            disk.hold()
            changing = await started(scene.direct("ann", "bob"))
            assert await scene.bodies(chat) == ["x"]
            assert not changing.done()
            disk.let()
            await changing


async def test_what_a_killed_process_left_is_synced_before_anybody_sees_it(
    open_log: OpenLog, disk: Disk, tmp_path: Path
) -> None:
    """Its rows are in the page cache, perhaps not on the disk."""
    async with open_log() as scene:
        chat = await scene.group()
        disk.hold()
        sending = await started(scene.one(draft(chat, "ann", "x")))
        crashed = tmp_path / "crashed"
        crashed.mkdir()
        for name in ("log.db", "log.db-wal"):
            (crashed / name).write_bytes((tmp_path / name).read_bytes())
        disk.let()
        await sending
    disk.hold()
    store = SqliteChatLog(crashed / "log.db", scene.clock.runtime(), sync=disk.sync)
    opening = await started(store.open())
    assert not opening.done()
    disk.let()
    await opening
    assert await Scene(store, scene.clock).bodies(chat) == ["x"]
    await store.close()


async def test_ids_of_direct_chats_are_not_told_before_they_are_durable(open_log: OpenLog, disk: Disk) -> None:
    async with open_log() as scene:
        wish = NewChat(
            "chat", "direct", "mls", None, "ann", {"ann": Role.MEMBER}, "key", scene.clock.runtime().utcnow()
        )
        disk.hold()
        both = [await started(scene.store.create(wish)) for _ in range(2)]
        assert not any(each.done() for each in both)
        disk.let()
        assert [new for _, new in await asyncio.gather(*both)] == [True, False]
