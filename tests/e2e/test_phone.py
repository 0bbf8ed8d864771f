"""On a phone there is one page at a time, and fingers."""

from __future__ import annotations

from playwright.async_api import expect

from tests.e2e.conftest import Newcomer
from tests.e2e.messenger import Messenger
from tests.e2e.unencrypted import server
from tests.e2e.words import say
from tests.harness.browser import Window

__all__ = ["server"]


async def test_one_page_at_a_time(newcomer: Newcomer) -> None:
    asha, bala = await newcomer("asha", "Asha Devi"), await newcomer("bala", "Bala Kumar")
    await asha.begin_chat_with(bala)
    await asha.write("are you on the train?")

    browser = bala.window.context.browser
    assert browser is not None
    origin = asha.page.url.split("/c/", maxsplit=1)[0]
    phone = Messenger(await Window.open(browser, origin, width=390, height=844), "bala", "Bala Kumar")
    await phone.sign_in()
    await phone.has_unread("Asha Devi", 1)
    await phone.row("Asha Devi").tap()
    await phone.is_with("Asha Devi")
    await phone.sees("are you on the train?")
    await expect(phone.page.get_by_role("navigation", name=say("chats.title"))).to_have_count(0)

    await phone.composer.fill("yes, two stations")
    await phone.button("conversation.send").tap()
    await asha.sees("yes, two stations")
    await phone.button("conversation.back").tap()
    await phone.is_in()
    # both of Bala's devices know that it was read
    await phone.has_unread("Asha Devi", 0)
    await bala.has_unread("Asha Devi", 0)
    wide = await phone.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide == 0, "the page can be moved sideways"
    phone.window.check()
