"""Encrypted chats as people meet them: tabs that close, somebody who is taken out and comes back."""

from __future__ import annotations

import re
from contextlib import suppress

from playwright.async_api import Page, expect

from tests.e2e.conftest import Newcomer
from tests.e2e.messenger import SOON, Messenger
from tests.e2e.test_offline import another_page
from tests.e2e.words import say
from tests.harness.server import Server


async def _shows(person: Messenger, *texts: str) -> None:
    """These messages and no others, each once, in this order."""
    await person.sees(*texts)
    assert await person.texts() == list(texts)


async def _take_out(admin: Messenger, other: Messenger) -> None:
    """On the page about the group."""
    member = admin.page.get_by_role("main").get_by_role("listitem").filter(has_text=re.compile(other.name))
    remove = admin.page.get_by_role("menuitem", name=say("group.remove"))
    # a menu that opens while the page still settles may close again: press once more, as a person would
    for _ in range(3):
        await member.get_by_role("button").last.click()
        with suppress(AssertionError):
            await expect(remove).to_be_visible(timeout=3_000)
            break
    await remove.click()
    dialog = admin.page.get_by_role("alertdialog", name=say("group.removeTitle", name=other.name))
    await dialog.get_by_role("button", name=say("group.remove")).click()
    await other.says("conversation.gone")


async def _take_in(admin: Messenger, other: Messenger) -> None:
    """On the page about the group."""
    await admin.page.get_by_role("button", name=say("group.add")).click()
    dialog = admin.page.get_by_role("dialog", name=say("group.add"))
    await dialog.get_by_role("textbox", name=say("group.addSearch")).fill(other.username)
    box = admin.page.get_by_role("checkbox", name=other.name)
    await dialog.locator("label").filter(has=box).click()
    await dialog.get_by_role("button", name=say("group.addConfirm", count=1)).click()
    await expect(dialog).to_have_count(0)


async def test_three_people_talk_and_only_members_read(newcomer: Newcomer, server: Server) -> None:
    asha, bala, chand = (
        await newcomer("asha", "Asha Devi"),
        await newcomer("bala", "Bala Kumar"),
        await newcomer("chand", "Chand Rani"),
    )
    await asha.begin_group("Chai", bala, chand)
    await asha.is_sealed()
    await asha.write("four o'clock?")
    for person in (bala, chand):
        await person.open_chat("Chai")
        await person.sees("four o'clock?")
        await person.write(f"{person.name} agrees")
    everything = ["four o'clock?", "Bala Kumar agrees", "Chand Rani agrees"]
    await asha.sees(*everything)

    await asha.button("conversation.info").click()
    await _take_out(asha, chand)
    await asha.page.go_back()
    await asha.write("a surprise for Chand")
    await bala.sees("a surprise for Chand")
    await asha.button("conversation.info").click()
    await _take_in(asha, chand)
    await asha.page.go_back()
    await asha.write("welcome back")
    await bala.sees("welcome back")
    await chand.page.reload()
    await chand.sees("welcome back")
    await expect(chand.bubble("a surprise for Chand")).to_have_count(0)
    await chand.write("what did I miss?")
    for person in (asha, bala):
        await person.sees("what did I miss?")

    answer = await asha.page.request.get(f"{server.url}/api/chats/{asha.page.url.rsplit('/', 1)[-1]}/messages?after=0")
    kept = await answer.text()
    assert '"kind":"message"' in kept, "what is searched has messages in it"
    assert [text for text in (*everything, "a surprise for Chand", "welcome back") if text in kept] == []


async def test_two_tabs_are_one_device(newcomer: Newcomer) -> None:
    asha, bala = await newcomer("asha", "Asha Devi"), await newcomer("bala", "Bala Kumar")
    await asha.begin_chat_with(bala)
    await asha.write("first")
    await bala.open_chat("Asha Devi")
    await bala.sees("first")
    first = asha.page
    second = await another_page(asha)
    await second.goto(first.url)
    await asha.write("from the second tab")
    await bala.sees("from the second tab")
    await bala.write("to both tabs")
    words = ["first", "from the second tab", "to both tabs"]
    for page in (first, second):
        asha.window.page = page
        await asha.sees(*words)
    await first.close()
    asha.window.page = second
    await bala.write("to the one that is left")
    await asha.sees("to the one that is left")
    await asha.write("and back")
    await bala.sees("and back")
    await _reload(second)
    await _shows(asha, *words, "to the one that is left", "and back")
    await _reload(bala.page)
    await _shows(bala, *words, "to the one that is left", "and back")


async def _reload(page: Page) -> None:
    await page.reload()
    await expect(page.get_by_role("region", name=say("conversation.messages"))).to_be_visible(timeout=SOON)
