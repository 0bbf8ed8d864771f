"""Reading a long conversation: nothing jumps, nothing is skipped, nothing counts as read that was not on the screen."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.conftest import Newcomer
from tests.e2e.messenger import SOON, Messenger
from tests.e2e.words import say
from tests.harness.browser import Window
from tests.harness.people import Person, Town
from tests.harness.proxy import Wire

MANY = 240
#: A browser rounds to whole pixels, twice.
STILL = 2.0

#: Scrolls, then follows one message near the middle of the list for some frames; returns how far it moved, in pixels.
FOLLOW = """
async ({ by, frames }) => {
  const list = document.querySelector("[role=region]");
  const frame = () => new Promise(requestAnimationFrame);
  list.scrollTop += by;
  await frame();
  await frame();
  const middle = list.getBoundingClientRect().top + list.clientHeight / 3;
  const rows = () => [...list.querySelectorAll("[role=listitem]")].filter((row) => row.querySelector("[data-bubble]"));
  const chosen = rows().find((row) => row.getBoundingClientRect().bottom > middle);
  const words = chosen.innerText;
  const start = chosen.getBoundingClientRect().top;
  let moved = 0;
  for (; frames > 0; frames--) {
    const now = rows().find((row) => row.innerText === words);
    moved = Math.max(moved, now ? Math.abs(now.getBoundingClientRect().top - start) : Infinity);
    await frame();
  }
  return moved;
}
"""
#: Pixels from the end.
BELOW = "(list) => list.scrollHeight - list.clientHeight - list.scrollTop"


@pytest.fixture
async def bala(wire: Wire) -> AsyncIterator[Person]:
    """Somebody who has much to say."""
    town = Town(wire.url)
    yield await town.sign_up("bala", "Bala")
    await town.close()


async def _tell(bala: Person, asha: Messenger, count: int) -> str:
    """Bala writes many messages of all lengths to Asha; returns the chat's id."""
    chance = random.Random(1)  # noqa: S311 -- lengths, not secrets
    user = (await bala.http.get("/api/users/search", params={"q": asha.username})).json()["users"][0]
    wish = {"type": "direct", "participants": [user["id"]], "encryption": "none"}
    chat_id = str((await bala.http.post("/api/chats", json=wish)).json()["id"])
    for number in range(count):
        answer = await bala.put(chat_id, f"number {number}: " + "and so on " * chance.choice((0, 1, 2, 5, 40)))
        assert answer.is_success, answer.text
    return chat_id


async def _follow(page: Page, by: int, frames: int) -> float:
    """Scroll by so many pixels; how far the page then moves by itself."""
    moved: float = await page.evaluate(FOLLOW, {"by": by, "frames": frames})
    return moved


async def _seen_by_others(person: Person) -> int:
    """How far anybody else has read in the person's only chat."""
    chat = (await person.http.get("/api/chats")).json()["chats"][0]
    return max(int(member.get("sharedReadSeq", 0)) for member in chat["participants"])


async def test_opens_at_the_first_unread_message_and_reads_what_is_seen(newcomer: Newcomer, bala: Person) -> None:
    asha = await newcomer("asha", "Asha")
    await _tell(bala, asha, MANY)
    await asha.has_unread("Bala", MANY)
    await asha.open_chat("Bala")

    line = asha.page.get_by_text(say("conversation.unread"), exact=True)
    await expect(line).to_be_in_viewport(timeout=SOON)
    await expect(asha.bubbles.filter(has_text="number 0:")).to_be_in_viewport()
    await expect(asha.bubbles.filter(has_text=f"number {MANY - 1}:")).to_have_count(0)
    seen = 0
    async with asyncio.timeout(SOON / 1_000):
        while not seen:
            await asyncio.sleep(0.5)
            seen = await _seen_by_others(bala)
    assert seen < MANY / 2, "what has not been on the screen was marked as read"

    await asha.page.get_by_role("button", name="new messages").click()
    await expect(asha.bubbles.filter(has_text=f"number {MANY - 1}:")).to_be_in_viewport()
    await asha.has_unread("Bala", 0)


async def test_older_messages_load_without_a_jump(
    newcomer: Newcomer, browser: Browser, wire: Wire, bala: Person
) -> None:
    asha = await newcomer("asha", "Asha")
    await _tell(bala, asha, MANY)
    await asha.open_chat("Bala")
    await asha.page.get_by_role("button", name="new messages").click()
    await asha.has_unread("Bala", 0)

    # Another browser of hers begins with the newest messages; the others come from the server on the way up.
    again = Messenger(await Window.open(browser, wire.url), "asha", "Asha")
    await again.sign_in()
    await again.open_chat("Bala")
    await expect(again.bubbles.filter(has_text=f"number {MANY - 1}:")).to_be_in_viewport(timeout=SOON)
    first = again.bubbles.filter(has_text="number 0:")
    for _ in range(200):
        assert await _follow(again.page, -900, 12) <= STILL
        if await first.count():
            break
    await expect(first).to_be_attached()
    again.window.check()


async def test_news_below_does_not_move_what_is_being_read(newcomer: Newcomer, bala: Person) -> None:
    asha = await newcomer("asha", "Asha")
    chat_id = await _tell(bala, asha, 40)
    await asha.open_chat("Bala")
    to_end = asha.page.get_by_role("button", name="new message")
    await to_end.click()
    await asha.has_unread("Bala", 0)

    # At the end: it is followed.
    await bala.put(chat_id, "do you see this?")
    await expect(asha.bubbles.filter(has_text="do you see this?")).to_be_in_viewport(timeout=SOON)
    # Further up: it waits, and the button counts it.
    following = asyncio.create_task(_follow(asha.page, -1_200, 90))
    await asyncio.sleep(0.3)
    await bala.put(chat_id, "and this? " + "it is long " * 60)
    await expect(asha.page.get_by_role("button", name=say("conversation.toEndNew", count=1))).to_be_visible(
        timeout=SOON
    )
    assert await following <= STILL
    await to_end.click()
    await expect(asha.bubbles.filter(has_text="and this?")).to_be_in_viewport()
    # One's own message is always gone to.
    await _follow(asha.page, -1_200, 1)
    await asha.write("yes!")
    await expect(asha.bubble("yes!")).to_be_in_viewport(timeout=SOON)
    await asha.sees_state("yes!", "sent")

    # The screen keyboard opens and closes, the field grows: the end stays in sight.
    for height in (420, 800):
        await asha.page.set_viewport_size({"width": 1280, "height": height})
        await expect(asha.bubble("yes!")).to_be_in_viewport()
        assert await _settles(asha.page) <= STILL
    await asha.composer.fill("\n".join("abcdefgh"))
    assert await _settles(asha.page) <= STILL


async def _settles(page: Page) -> float:
    """How far from the end the list is after a moment."""
    await page.wait_for_timeout(300)
    below: float = await page.get_by_role("region", name=say("conversation.messages")).evaluate(BELOW)
    return below
