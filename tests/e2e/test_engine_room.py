"""Encryption beside the screen: in a thread of the tab that leads, which may fail, and moves with the lead."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Worker, expect

from tests.e2e.messenger import SOON, Messenger
from tests.harness.server import Server


@pytest.fixture
async def sealed(tmp_path: Path) -> AsyncIterator[Server]:
    """A server whose chats are encrypted."""
    running = Server(tmp_path, ENCRYPTION="on")
    await asyncio.to_thread(running.start)
    yield running
    await asyncio.to_thread(running.kill)


def rooms(page: Page) -> list[Worker]:
    """The threads of encryption that the tab has."""
    return [worker for worker in page.workers if "/assets/engine-" in worker.url]


async def room_of(page: Page, *, but: Worker | None = None) -> Worker:
    """The tab's one thread of encryption, as soon as it is there."""
    for room in rooms(page):
        if room is not but:
            return room
    new: Worker = await page.wait_for_event("worker", lambda worker: "/assets/engine-" in worker.url, timeout=SOON)
    return new


async def test_encryption_survives_its_thread_and_moves_with_the_lead(sealed: Server, browser: Browser) -> None:
    asha = await Messenger.newcomer(browser, sealed.url, "asha", "Asha Devi")
    bala = await Messenger.newcomer(browser, sealed.url, "bala", "Bala Kumar")
    await asha.begin_chat_with(bala)
    await asha.is_sealed()
    await asha.write("first")
    await asha.sees_posted("first")
    room = await room_of(asha.page)

    # it fails in the middle of its work: another one does that work
    await asha.write("second")
    await room.evaluate("() => void setTimeout(() => { throw new Error('a crash on purpose') })")
    await asha.sees_posted("second")
    await bala.open_chat("Asha Devi")
    await bala.write("third")
    await asha.sees("first", "second", "third")
    await room_of(asha.page, but=room)
    assert [each for each in asha.window.complaints if "on purpose" not in each] == []
    asha.window.complaints.clear()

    # a second tab has none as long as it follows, and gets one with the lead
    leader, second = asha.page, await asha.window.context.new_page()
    asha.window.watch(second)
    await second.goto(leader.url)
    asha.window.page = second
    await asha.write("from a tab that follows")
    await asha.sees_posted("from a tab that follows")
    assert rooms(second) == []
    await leader.close()
    await asha.write("from a tab that leads")
    await asha.sees_posted("from a tab that leads")
    await room_of(second)
    await bala.sees("from a tab that follows", "from a tab that leads")
    await expect(bala.page.get_by_text("second", exact=True)).to_have_count(1)
    asha.window.check()
    bala.window.check()
