"""Chats from before encryption, and the way from them into encrypted ones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.messenger import Messenger
from tests.harness.server import Server


@pytest.fixture
async def old(tmp_path: Path) -> AsyncIterator[Server]:
    """A server that does not encrypt yet."""
    running = Server(tmp_path, ENCRYPTION="off", ALLOW_PLAINTEXT="off")
    await asyncio.to_thread(running.start)
    yield running
    await asyncio.to_thread(running.kill)


async def test_old_chats_are_read_and_lead_to_encrypted_ones(old: Server, browser: Browser) -> None:
    asha = await Messenger.newcomer(browser, old.url, "asha", "Asha Devi")
    bala = await Messenger.newcomer(browser, old.url, "bala", "Bala Kumar")
    try:
        await asha.begin_chat_with(bala)
        await asha.says("conversation.plainBanner")
        await asha.write("before")
        await bala.open_chat("Asha Devi")
        await bala.sees("before")
        await asha.begin_group("Roof", bala)
        await asha.write("before, all")
        await asha.sees_state("before, all", "delivered")

        del old.environment["BATIYOUN_ENCRYPTION"]
        with asha.window.outage(), bala.window.outage():
            await asyncio.to_thread(old.restart)
            await bala.says("conversation.before")
        await bala.sees("before")
        await expect(bala.composer).to_have_count(0)
        await bala.button("conversation.goOn").click()
        await bala.is_sealed()
        await bala.write("after")
        await bala.sees_state("after", "delivered")

        # the person is found as before, and the encrypted chat is what opens
        await asha.begin_chat_with(bala)
        await asha.is_sealed()
        await asha.sees("after")

        # whoever may not make the group is told who may
        await bala.page.goto("/")
        await bala.open_chat("Roof")
        await bala.sees("before, all")
        with bala.window.outage():
            await bala.button("conversation.goOn").click()
            await bala.says("problems.successor_missing")
        await asha.page.goto("/")
        await asha.open_chat("Roof")
        with asha.window.outage():
            await asha.button("conversation.goOn").click()
            await asha.is_sealed()
        await asha.write("after, all")
        await bala.button("conversation.goOn").click()
        await bala.is_sealed()
        await bala.sees("after, all")
        for person in (asha, bala):
            await expect(person.page.get_by_role("link", name="Roof")).to_have_count(2)
    finally:
        asha.window.check()
        bala.window.check()
