"""What two people say about each other's messages: answers, reactions, changes, deletions, pins, forwards."""

from __future__ import annotations

import asyncio

from playwright.async_api import Locator, expect

from tests.e2e import axe
from tests.e2e.conftest import Newcomer
from tests.e2e.messenger import SOON, Messenger
from tests.e2e.words import say


async def menu_of(person: Messenger, text: str) -> Locator:
    """Open the menu of a message as a mouse does."""
    await person.bubble(text).first.click(button="right")
    menu = person.page.get_by_role("menu")
    await expect(menu).to_be_visible()
    return menu


async def choose(person: Messenger, text: str, key: str) -> None:
    """Choose something from the menu of a message."""
    await (await menu_of(person, text)).get_by_role("menuitem", name=say(key), exact=True).click()


async def wish(person: Messenger, chat: str, key: str) -> None:
    """Choose something from the menu of a chat in the list, whose code comes after the list."""
    item = person.page.get_by_role("menuitem", name=say(key), exact=True)
    async with asyncio.timeout(SOON / 1000):
        while not await item.is_visible():
            await person.row(chat).click(button="right")
            await asyncio.sleep(0.1)
    await item.click()


async def test_what_is_said_about_messages_reaches_the_other_person(newcomer: Newcomer) -> None:
    asha, bala = await newcomer("asha", "Asha Devi"), await newcomer("bala", "Bala Kumar")
    await asha.begin_chat_with(bala)
    await asha.write("Shall we meet at 5?")
    await bala.open_chat("Asha Devi")
    await bala.sees("Shall we meet at 5?")

    await choose(bala, "Shall we meet at 5?", "conversation.reply")
    await expect(bala.composer).to_be_focused()
    await bala.write("Yes, at the ghat")
    quote = asha.page.get_by_role("button", name=say("conversation.toQuoted"))
    await expect(quote).to_be_visible(timeout=SOON)

    menu = await menu_of(bala, "Shall we meet at 5?")
    await menu.get_by_role("menuitem", name=say("conversation.reactWith", emoji="👍")).click()
    thumb = asha.page.get_by_role("button", name=say("conversation.reactedBy", emoji="👍", people="Bala Kumar"))
    await expect(thumb).to_be_visible(timeout=SOON)
    await thumb.click()
    await expect(bala.page.get_by_role("button", name="👍 2", pressed=True)).to_be_visible(timeout=SOON)
    await axe.check(asha.page, "a conversation with answers and reactions")

    await choose(asha, "Shall we meet at 5?", "conversation.edit")
    await asha.write("Shall we meet at 6?")
    await expect(bala.bubble("Shall we meet at 6?").first).to_be_visible(timeout=SOON)
    await expect(bala.page.get_by_text(say("conversation.edited"), exact=True)).to_be_visible(timeout=SOON)

    await choose(asha, "Yes, at the ghat", "conversation.pin")
    pinned = bala.page.get_by_role("button", name=say("conversation.pinned")).filter(has_text="Yes, at the ghat")
    await expect(pinned).to_be_visible(timeout=SOON)

    await choose(asha, "Yes, at the ghat", "conversation.select")
    bar = asha.page.get_by_role("group", name=say("conversation.selection"))
    await expect(asha.page.get_by_role("checkbox", checked=True)).to_be_focused()
    await asha.page.keyboard.press("Shift+ArrowUp")
    await expect(bar.get_by_text(say("conversation.selected", count=2)).last).to_be_visible()
    await axe.check(asha.page, "selecting messages")
    await asha.page.keyboard.press("Escape")
    await expect(bar).to_have_count(0)

    await choose(asha, "Shall we meet at 6?", "conversation.delete")
    await asha.page.get_by_role("alertdialog").get_by_role("button", name=say("conversation.delete")).click()
    for person in (asha, bala):
        await expect(person.bubbles.get_by_text(say("conversation.deleted")).first).to_be_visible(timeout=SOON)
        await expect(person.page.get_by_text("Shall we meet at 6?", exact=True)).to_have_count(0, timeout=SOON)


async def test_a_message_is_forwarded_to_another_chat(newcomer: Newcomer) -> None:
    asha, bala = await newcomer("asha", "Asha Devi"), await newcomer("bala", "Bala Kumar")
    chitra = await newcomer("chitra", "Chitra Rao")
    await asha.begin_chat_with(chitra)
    await asha.write("hello")
    await asha.begin_chat_with(bala)
    await asha.write("The train leaves at 7:40")
    await asha.sees_state("The train leaves at 7:40", "delivered")
    await choose(asha, "The train leaves at 7:40", "conversation.forward")
    window = asha.page.get_by_role("dialog", name=say("conversation.forwardTitle"))
    await window.get_by_role("checkbox", name="Chitra Rao").check()
    await axe.check(asha.page, "choosing where to forward")
    await window.get_by_role("button", name=say("conversation.forward"), exact=True).click()
    await chitra.open_chat("Asha Devi")
    await chitra.sees("The train leaves at 7:40")
    await expect(chitra.bubbles.get_by_text(say("conversation.forwarded"), exact=True)).to_be_visible()

    # She has two chats now: one goes to the top, the other out of the way until somebody writes.
    await wish(asha, "Bala Kumar", "wishes.pin")
    await expect(asha.row("Bala Kumar").get_by_role("img", name=say("wishes.pinned"))).to_be_visible()
    await wish(asha, "Chitra Rao", "wishes.archive")
    archived = asha.page.get_by_role("button", name=say("wishes.archived", count=1))
    await expect(archived).to_be_visible()
    await expect(asha.row("Chitra Rao")).to_have_count(0)
    await axe.check(asha.page, "a list with pinned and archived chats")
    await chitra.write("Which platform?")
    await expect(asha.row("Chitra Rao")).to_be_visible(timeout=SOON)
    await expect(archived).to_have_count(0)


async def test_answering_and_changing_needs_no_mouse(newcomer: Newcomer) -> None:
    asha, bala = await newcomer("asha", "Asha Devi"), await newcomer("bala", "Bala Kumar")
    await asha.begin_chat_with(bala)
    await asha.write("first")
    await asha.sees_state("first", "delivered")
    await asha.page.keyboard.press("ArrowUp")
    await asha.composer.fill("first of all")
    await asha.page.keyboard.press("Enter")
    await bala.open_chat("Asha Devi")
    await bala.sees("first of all")

    more = asha.page.get_by_role("button", name=say("conversation.more"))
    await more.focus()
    await asha.page.keyboard.press("r")
    await expect(asha.composer).to_be_focused()
    await asha.page.keyboard.type("and then")
    await asha.page.keyboard.press("Enter")
    await bala.sees("and then")
    await more.first.focus()
    await asha.page.keyboard.press("+")
    window = asha.page.get_by_role("dialog", name=say("conversation.reactTitle"))
    await axe.check(asha.page, "choosing a reaction")
    await window.get_by_role("button", name=say("conversation.reactWith", emoji="🎉")).press("Enter")
    given = bala.page.get_by_role("button", name=say("conversation.reactedBy", emoji="🎉", people="Asha Devi"))
    await expect(given).to_be_visible(timeout=SOON)
