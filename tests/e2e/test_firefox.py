"""Somebody with Firefox: they sign up, talk with somebody in Chromium, and read on after a reload."""

from __future__ import annotations

from playwright.async_api import Browser

from tests.e2e.messenger import Messenger
from tests.e2e.words import say
from tests.harness import firefox
from tests.harness.firefox import ENTER, FirefoxPage
from tests.harness.people import PASSWORD
from tests.harness.server import Server


async def _sign_up(page: FirefoxPage, username: str, name: str) -> None:
    await page.goto("/signup")
    await page.fill(say("forms.email"), f"{username}@example.org")
    await page.click("button", say("common.continue"))
    await page.fill(say("forms.displayName"), name)
    await page.fill(say("forms.username"), username)
    await page.click("button", say("common.continue"))
    await page.fill(say("forms.newPassword"), PASSWORD)
    await page.click("button", say("auth.signUp"))
    await page.find("navigation", say("chats.title"))
    # others can let this browser in from then on
    await page.holds("(await (await fetch('/api/keys/packages')).json()).left > 0")


async def _write(page: FirefoxPage, words: str) -> None:
    await page.fill(say("conversation.composer"), words)
    await page.press(ENTER)


async def test_firefox_and_chromium_talk_in_one_encrypted_group(browser: Browser, server: Server) -> None:
    asha = await Messenger.newcomer(browser, server.url, "asha", "Asha Devi")
    bala = await Messenger.newcomer(browser, server.url, "bala", "Bala Kumar")
    async with firefox.launched() as running:
        chitra = await running.page(server.url)
        await _sign_up(chitra, "chitra", "Chitra Rao")

        await asha.page.goto("/")
        other = Messenger(asha.window, "chitra", "Chitra Rao")
        await asha.begin_group("River walk", bala, other)
        await asha.write("who comes to the river?")
        await chitra.reads("River walk")
        await chitra.click_text("River walk")
        await chitra.reads("who comes to the river?")
        await _write(chitra, "I do, from Firefox")
        for each in (asha, bala):
            await each.page.goto("/")
            await each.open_chat("River walk")
            await each.sees("I do, from Firefox")

        await chitra.goto("/")
        await chitra.reads("River walk")
        await bala.write("me too")
        await chitra.click_text("River walk")
        await chitra.reads("me too")
        assert running.complaints == []
    for each in (asha, bala):
        each.window.check()
