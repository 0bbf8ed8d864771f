"""Without a mouse: sign in, find a chat, write, leave."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.e2e.conftest import Newcomer
from tests.e2e.messenger import SOON
from tests.e2e.unencrypted import server
from tests.e2e.words import say
from tests.harness.people import PASSWORD

__all__ = ["server"]

FOCUSED = """() => {
  const at = document.activeElement;
  return at.labels?.[0]?.textContent ?? at.getAttribute("aria-label") ?? at.textContent;
}"""


async def tab_to(page: Page, name: str, limit: int = 40) -> None:
    """Press Tab until the element of that name has the focus, as a person would."""
    for _ in range(limit):
        if str(await page.evaluate(FOCUSED)).strip() == name:
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {name!r}; the focus is on {await page.evaluate(FOCUSED)!r}")


async def test_signing_in_and_writing_needs_no_mouse(newcomer: Newcomer) -> None:
    asha, bala = await newcomer("asha", "Asha Devi"), await newcomer("bala", "Bala Kumar")
    await asha.begin_chat_with(bala)
    await asha.sign_out()

    keyboard = asha.page.keyboard
    await asha.page.goto("/login")
    # The form's code comes after the page: a Tab before it is there goes nowhere.
    await expect(asha.field("auth.identifier")).to_be_visible()
    await tab_to(asha.page, say("auth.identifier"))
    await keyboard.type(asha.username)
    await tab_to(asha.page, say("forms.password"))
    await keyboard.type(PASSWORD)
    await keyboard.press("Enter")
    await asha.is_in()

    await expect(asha.row("Bala Kumar")).to_be_visible()
    await tab_to(asha.page, say("chats.search"))
    await keyboard.type("bal")
    await keyboard.press("Enter")
    await asha.is_with("Bala Kumar")
    await expect(asha.composer).to_be_focused()
    await keyboard.type("no mouse")
    await keyboard.press("Enter")
    await asha.sees_state("no mouse", "delivered")

    # what was said is found again, from anywhere, also without a network, and in the conversation
    await keyboard.type("न चूहा")
    await keyboard.press("Enter")
    await asha.sees("न चूहा")
    await asha.page.goto("/")
    await expect(asha.row("Bala Kumar")).to_be_visible()
    with asha.window.outage():
        await asha.page.context.set_offline(True)
        await keyboard.press("Control+k")
        await keyboard.type("MOUS")
        found = asha.page.get_by_role("listbox", name=say("search.results")).get_by_role("option", name="no mouse")
        await expect(found).to_have_attribute("aria-selected", "true", timeout=SOON)
        await keyboard.press("Enter")
        await asha.is_with("Bala Kumar")
        await expect(asha.bubble("no mouse")).to_be_in_viewport()
        await expect(asha.composer).to_be_focused()
        await keyboard.press("Control+f")
        await expect(asha.page.get_by_role("textbox", name=say("search.inChat"))).to_be_focused()
        await keyboard.type("चू")
        await expect(asha.page.get_by_text(say("search.place", place=1, total=1))).to_be_visible(timeout=SOON)
        await asha.page.context.set_offline(False)


async def test_a_wrong_password_is_told_where_the_eyes_are(newcomer: Newcomer) -> None:
    asha = await newcomer("asha", "Asha Devi")
    await asha.sign_out()
    await asha.field("auth.identifier").fill("asha")
    await asha.field("forms.password").fill("not this one")
    with asha.window.outage():  # the browser logs every answer of 401
        await asha.page.keyboard.press("Enter")
        await asha.says("problems.invalid_login")


async def test_the_keys_are_listed_wherever_one_is(newcomer: Newcomer) -> None:
    asha, bala = await newcomer("asha", "Asha Devi"), await newcomer("bala", "Bala Kumar")
    await asha.begin_chat_with(bala)
    await asha.composer.fill("half a sentence")
    await asha.page.keyboard.press("Control+/")
    sheet = asha.page.get_by_role("dialog", name=say("settings.keyboard"))
    await expect(sheet).to_contain_text(say("settings.keySend"))
    await asha.page.keyboard.press("Escape")
    await expect(sheet).to_have_count(0)
    await expect(asha.composer).to_be_focused()
    await expect(asha.composer).to_have_value("half a sentence")
