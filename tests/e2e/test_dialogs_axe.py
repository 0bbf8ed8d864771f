"""What opens over a conversation under axe: one walk through every window, in both sizes and both themes."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, Locator, expect

from tests.e2e.axe import COLOURS, check
from tests.e2e.messenger import SOON
from tests.e2e.newcomers import Visitor
from tests.e2e.words import say
from tests.harness.server import ROOT, Server

PICTURE = ROOT / "client" / "public" / "icons" / "icon-512.png"
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
GROUP = "Roof and chai"
OTHER = "Bala Kumar"
TEA = "Who brings the tea?"


class Walk:
    """Asha's window, looked at in both themes wherever she is."""

    def __init__(self, asha: Visitor) -> None:
        self.asha = asha
        self.page = asha.page

    async def look(self, screen: str) -> None:
        """Nothing on the screen keeps anybody out, whether it is light or dark."""
        await self.page.emulate_media(color_scheme="light")
        await check(self.page, screen)
        await self.page.emulate_media(color_scheme="dark")
        await check(self.page, f"{screen}, dark", rules=COLOURS)

    async def dialog(self, title: str) -> Locator:
        """The window of that title, looked at."""
        window = self.page.get_by_role("dialog", name=title).or_(self.page.get_by_role("alertdialog", name=title))
        await expect(window).to_be_visible(timeout=SOON)
        await self.look(title)
        return window

    async def close(self) -> None:
        """What is open above everything else goes away."""
        await self.page.keyboard.press("Escape")
        await expect(self.page.locator("[role=dialog], [role=alertdialog], [role=menu]")).to_have_count(0)

    async def choose(self, menu: Locator, key: str) -> None:
        """Open the menu of that button and take one of its ways."""
        item = self.page.get_by_role("menuitem", name=say(key), exact=True)
        await menu.click()
        await item.click()

    async def choose_of(self, text: str, key: str) -> None:
        """The same with the menu of a message."""
        await self.asha.bubble(text).click(button="right")
        await self.page.get_by_role("menuitem", name=say(key), exact=True).click()

    async def way(self, title: str) -> None:
        """One of the rows of an info."""
        await self.page.get_by_role("button", name=re.compile(f"^{re.escape(title)}")).first.click()


@pytest.mark.parametrize("size", SIZES)
async def test_no_window_keeps_anybody_out(browser: Browser, server: Server, size: str) -> None:
    width, height = SIZES[size]
    bala = await Visitor.at(browser, server.url, "bala", OTHER)
    asha = await Visitor.at(browser, server.url, width=width, height=height)
    for person in (bala, asha):
        await person.sign_up()
    walk = Walk(asha)
    await _making_a_group(walk)
    await bala.open_chat(GROUP)
    await bala.write(TEA)
    for step in (_writing, _asking, _choosing, _about_the_group, _blocking, _files):
        await step(walk)
    for person in (bala, asha):
        person.window.check()


async def _making_a_group(walk: Walk) -> None:
    asha, page = walk.asha, walk.page
    await page.goto("/new/group")
    await asha.field("people.groupName").fill(GROUP)
    await asha.button("people.addPicture").press("Enter")
    window = await walk.dialog(say("pictures.group"))
    await window.locator("input[type=file]").set_input_files(PICTURE)
    await expect(window.get_by_role("slider").first).to_be_visible(timeout=SOON)
    await walk.look("a square of the picture")
    await window.get_by_role("button", name=say("common.save")).click()
    await expect(page.locator("img[src^='blob:']")).to_be_visible(timeout=SOON)
    await page.get_by_role("textbox", name=say("people.search")).fill("bala")
    await page.locator("label").filter(has=page.get_by_role("checkbox", name=OTHER)).click()
    await walk.look("a new group with a picture")
    await asha.button("people.create").click()
    await asha.is_with(GROUP)
    await asha.says("conversation.pictured", actor=say("group.you"))
    await expect(page.locator("header img[src^='data:image/']").first).to_be_visible(timeout=SOON)


async def _writing(walk: Walk) -> None:
    asha, page = walk.asha, walk.page
    await asha.sees(TEA)
    names = page.get_by_role("listbox")
    await asha.composer.press_sequentially("Ask @Bal")
    await expect(names.get_by_role("option", name=OTHER)).to_be_visible(timeout=SOON)
    await walk.look("names to mention")
    await page.keyboard.press("Enter")
    await asha.composer.press_sequentially(":smil")
    await expect(names.get_by_role("option").first).to_be_visible(timeout=SOON)
    await walk.look("emoji by name")
    await page.keyboard.press("Enter")
    # On a phone the key begins a new line.
    await asha.button("conversation.send").click()
    await page.get_by_role("button", name=re.compile(OTHER)).filter(has_text="@").click()
    await walk.dialog(OTHER)
    await walk.close()


async def _asking(walk: Walk) -> None:
    asha, page = walk.asha, walk.page
    await walk.choose(asha.button("polls.more"), "polls.new")
    window = await walk.dialog(say("polls.new"))
    await window.get_by_role("button", name=say("polls.ask")).click()
    await expect(window.locator("[aria-invalid=true]").first).to_be_visible()
    await walk.look("a poll without anything")
    await window.get_by_label(say("polls.question")).fill("Who goes?")
    for number, answer in enumerate(["Asha", "Bala"], 1):
        await window.get_by_label(say("polls.option", number=number), exact=True).fill(answer)
    await window.get_by_role("button", name=say("polls.ask")).click()
    await page.get_by_role("radio", name="Bala").check()
    await asha.button("polls.vote").click()
    voted = page.get_by_role("button", name=say("polls.people", count=1))
    await expect(voted).to_be_visible(timeout=SOON)
    await walk.look("a conversation with a poll")
    await voted.click()
    await walk.dialog(say("polls.who"))
    await walk.close()


async def _choosing(walk: Walk) -> None:
    asha, page = walk.asha, walk.page
    await page.get_by_title(say("conversation.toDay")).first.click()
    await walk.dialog(say("conversation.toDay"))
    await walk.close()
    await walk.choose_of(TEA, "conversation.select")
    bar = page.get_by_role("group", name=say("conversation.selection"))
    await expect(page.get_by_role("checkbox", checked=True)).to_be_focused()
    await walk.look("selecting messages")
    await bar.get_by_role("button", name=say("blocks.report")).click()
    window = await walk.dialog(say("blocks.reportTitle", name=OTHER))
    await window.get_by_role("radio", name=say("blocks.danger")).check()
    await walk.look("a report of a danger")
    await window.get_by_role("button", name=say("blocks.send")).click()
    await walk.dialog(say("blocks.sentTitle"))
    await walk.close()
    await asha.is_with(GROUP)


async def _about_the_group(walk: Walk) -> None:
    asha = walk.asha
    await asha.button("conversation.info").click()
    await asha.is_at("group.groupTitle")
    for title in (say("group.timer"), say("pictures.group"), say("group.rename"), say("group.add")):
        await walk.way(title)
        await walk.dialog(title)
        await walk.close()
    await walk.way(say("group.export"))
    await walk.dialog(say("files.exportTitle", name=GROUP))
    await walk.close()
    await walk.way(OTHER)
    await walk.dialog(OTHER)


async def _blocking(walk: Walk) -> None:
    asha, page = walk.asha, walk.page
    await page.get_by_role("dialog").get_by_role("button", name=re.compile(say("blocks.block"))).click()
    question = await walk.dialog(say("blocks.askTitle", name=OTHER))
    await question.get_by_role("button", name=say("blocks.block"), exact=True).click()
    await asha.says("blocks.mark")
    await walk.look("about a group with somebody blocked")
    await page.goto("/settings/blocked")
    await expect(page.get_by_role("button", name=say("blocks.unblockName", name=OTHER))).to_be_visible(timeout=SOON)
    await walk.look("blocked people")


async def _files(walk: Walk) -> None:
    page = walk.page
    await page.goto("/settings/storage")
    menu = page.get_by_role("button", name=say("files.menu", name=GROUP))
    await expect(menu).to_be_visible(timeout=SOON)
    await walk.look("chats in this browser")
    await walk.choose(menu, "files.clear")
    window = page.get_by_role("dialog", name=say("files.clearTitle", name=GROUP))
    await expect(window.get_by_text(say("files.asking"))).to_have_count(0, timeout=SOON)
    await walk.dialog(say("files.clearTitle", name=GROUP))
    await walk.close()
