"""What was written leaves the browser whatever becomes of its tabs: closed, killed, or two of them at once."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any

from playwright.async_api import CDPSession, Error, async_playwright, expect

from scripts import browser as installed
from tests.e2e.conftest import Newcomer
from tests.e2e.messenger import SOON, Messenger
from tests.e2e.test_offline import READY, another_page, pair
from tests.e2e.unencrypted import server
from tests.harness.browser import ARGUMENTS, SANDBOX, Window
from tests.harness.proxy import Wire
from tests.harness.server import Server

__all__ = ["server"]

#: The wishes that the browser keeps for the worker.
TAGS = "async () => (await navigator.serviceWorker.ready).sync.getTags()"


class WorkerEvents:
    """Sends events to the service worker as the browser does, through its debugging port."""

    def __init__(self, session: CDPSession, registration: str, origin: str) -> None:
        self._session = session
        self._where = {"registrationId": registration, "origin": origin}

    @classmethod
    async def of(cls, person: Messenger, origin: str) -> WorkerEvents:
        """The worker of the person's browser; keeps an empty page open, which is nobody's tab."""
        page = await person.window.context.new_page()
        session = await person.window.context.new_cdp_session(page)
        found: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        def updated(event: dict[str, Any]) -> None:
            for each in event["registrations"]:
                if not each["isDeleted"] and each["scopeURL"].startswith(origin) and not found.done():
                    found.set_result(each["registrationId"])

        session.on("ServiceWorker.workerRegistrationUpdated", updated)
        await session.send("ServiceWorker.enable")
        return cls(session, await asyncio.wait_for(found, SOON / 1000), origin)

    async def sync(self) -> None:
        """There is a network: the browser would say so within seconds or minutes."""
        await self._session.send(
            "ServiceWorker.dispatchSyncEvent", {**self._where, "tag": "outbox", "lastChance": False}
        )


async def test_the_worker_sends_when_every_tab_is_closed(newcomer: Newcomer, wire: Wire) -> None:
    asha, bala = await pair(newcomer)
    events = await WorkerEvents.of(asha, wire.url)
    with asha.window.outage(), bala.window.outage():
        await asha.window.context.set_offline(True)
        await asha.says("app.offline")
        for text in ("one for the road", "two for the road"):
            await asha.write(text)
            await asha.sees_state(text, "queued")
        assert await asha.page.evaluate(TAGS) == ["outbox"]
        await asha.page.close()
        await asha.window.context.set_offline(False)
        await events.sync()
        await bala.sees("one for the road", "two for the road")
        # and the app knows it, when it is opened again without a network
        await asha.window.context.set_offline(True)
        await (await another_page(asha)).goto("/")
        await asha.open_chat("Bala Kumar")
        await asha.sees_state("two for the road", "sent")
        assert await asha.texts() == await bala.texts()
        await asha.window.context.set_offline(False)
        await asha.sees_state("two for the road", "read")


async def test_the_worker_leaves_the_sending_to_a_tab_that_leads(newcomer: Newcomer, wire: Wire) -> None:
    """Two tabs and the worker, all at once: every message is there once, in the order of writing."""
    asha, bala = await pair(newcomer)
    events = await WorkerEvents.of(asha, wire.url)
    second = await asha.window.context.new_page()
    asha.window.watch(second)
    await second.goto(asha.page.url)
    first = asha.page
    with asha.window.outage(), bala.window.outage():
        wire.cut()
        texts = []
        for number in range(6):
            asha.window.page = (first, second)[number % 2]
            texts.append(f"from tab {number}")
            await asha.write(texts[-1])
            await asha.sees_state(texts[-1], "queued")
        wire.mend()
        await asyncio.gather(events.sync(), events.sync())
        for page in (first, second):
            asha.window.page = page
            await asha.sees_state(texts[-1], "read")
            assert await asha.texts() == ["first", "second", *texts]
        assert await bala.texts() == ["first", "second", *texts]


async def test_a_browser_that_is_killed_with_a_full_outbox_loses_nothing(
    newcomer: Newcomer, wire: Wire, server: Server, tmp_path: Path
) -> None:
    bala = await newcomer("bala", "Bala Kumar")
    texts = [f"before the crash {number}" for number in range(12)]
    async with async_playwright() as playwright:

        async def started() -> Messenger:
            context = await playwright.chromium.launch_persistent_context(
                tmp_path / "profile",
                executable_path=installed.ensure(),
                args=[*SANDBOX, *ARGUMENTS],
                base_url=wire.url,
                locale="en-GB",
                reduced_motion="reduce",
            )
            return Messenger(Window(context, context.pages[0]), "asha", "Asha Devi")

        asha = await started()
        await asha.sign_up()
        await asha.begin_chat_with(bala)
        await asha.write("first")
        await asha.sees_state("first", "sent")
        await asha.page.evaluate(READY)
        with bala.window.outage():
            wire.cut()
            for text in texts:
                await asha.write(text)
            await asha.sees_state(texts[-1], "queued")
            # Chromium writes its cookies every half a minute; this one is younger, which is not what is tried here
            cookies = await asha.window.context.cookies()
            session = await asha.window.context.new_cdp_session(asha.page)
            ended = asyncio.Event()
            asha.window.context.on("close", lambda _: ended.set())
            with contextlib.suppress(Error):  # nobody is left to answer
                await session.send("Browser.crash")
            await asyncio.wait_for(ended.wait(), SOON / 1000)

            asha = await started()
            await asha.window.context.add_cookies([{**cookie} for cookie in cookies])  # type: ignore[typeddict-item]
            await asha.page.goto("/")
            await asha.open_chat("Bala Kumar")
            await asha.sees_state(texts[-1], "queued")
            wire.mend()
            await asha.window.context.set_offline(True)
            await asha.window.context.set_offline(False)  # the browser tells the app that there is a network
            await asha.sees_state(texts[-1], "sent")
            await asha.sees("first", *texts[-3:])
            await bala.open_chat("Asha Devi")
            await bala.sees("first", *texts)
            assert await bala.texts() == ["first", *texts]
            await expect(bala.page.locator("[data-notice]")).to_have_count(0, timeout=SOON)
        await asha.window.context.close()
