"""What the browser keeps: thrown away by the browser, cleared by the person, fetched anew from the server."""

from __future__ import annotations

from playwright.async_api import expect

from tests.e2e.conftest import Newcomer
from tests.e2e.messenger import SOON, Messenger
from tests.e2e.test_offline import another_page, pair
from tests.e2e.unencrypted import server
from tests.e2e.words import say
from tests.harness.proxy import Wire

__all__ = ["server"]

#: What a browser throws away when it needs the room: everything of the address but its cookies.
EVICTED = "indexeddb,local_storage,cache_storage,service_workers,websql,file_systems"


async def _evict(person: Messenger, origin: str) -> None:
    page = await person.window.context.new_page()
    session = await person.window.context.new_cdp_session(page)
    await session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": EVICTED})
    await page.close()


async def test_an_eviction_is_explained_and_the_chats_come_back(newcomer: Newcomer, wire: Wire) -> None:
    asha, _ = await pair(newcomer)
    await asha.page.close()
    await _evict(asha, wire.url)
    page = await another_page(asha)
    await page.goto("/")
    await asha.is_in()
    notice = page.get_by_role("status", name=say("pwa.recoveredTitle"))
    await expect(notice).to_be_visible(timeout=SOON)
    await asha.open_chat("Bala Kumar")
    await asha.sees("first", "second")
    await notice.get_by_role("button", name=say("pwa.understood")).click()
    await expect(notice).to_have_count(0)
    # said once
    await page.reload()
    await asha.sees("first", "second")
    await expect(notice).to_have_count(0)


async def test_clearing_warns_of_what_would_be_lost_and_begins_anew_in_every_tab(
    newcomer: Newcomer, wire: Wire
) -> None:
    asha, bala = await pair(newcomer)
    first, chat = asha.page, asha.page.url
    second = await another_page(asha)
    await second.goto("/settings")
    await asha.says("settings.storage")
    with asha.window.outage(), bala.window.outage():
        wire.cut()
        asha.window.page = first
        await asha.write("never sent")
        await asha.sees_state("never sent", "queued")
        asha.window.page = second
        await asha.button("settings.clear").click()
        dialog = second.get_by_role("alertdialog", name=say("settings.clearTitle"))
        await expect(dialog).to_contain_text(say("settings.clearUnsent", count=1))
        await dialog.get_by_role("button", name=say("settings.clear")).click()
        await asha.says("settings.cleared")
        asha.window.page = first
        await expect(asha.bubble("never sent")).to_have_count(0, timeout=SOON)
        wire.mend()
        for page in (first, second):
            asha.window.page = page
            await asha.window.context.set_offline(True)
            await asha.window.context.set_offline(False)
            await page.goto(chat)
            await asha.sees("first", "second")
        assert await bala.texts() == ["first", "second"]
        await expect(bala.page.locator("[data-notice]")).to_have_count(0, timeout=SOON)
