"""Every screen of accounts, of searching and of one's own notes under axe: light and dark, wide windows and phones."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.axe import check
from tests.e2e.messenger import SOON
from tests.e2e.newcomers import Visitor, at_localhost
from tests.e2e.words import say
from tests.harness.server import Server

LOOKS = [("desktop", False), ("desktop", True), ("phone", False), ("phone", True)]
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
NOTE = "The key is at the neighbour's"
PAGES = ["account", "security", "sessions", "tokens", "invitations", "activity"]


@pytest.mark.parametrize(("size", "dark"), LOOKS, ids=str)
async def test_no_screen_keeps_anybody_out(browser: Browser, server: Server, size: str, *, dark: bool) -> None:
    width, height = SIZES[size]
    asha = await Visitor.at(browser, at_localhost(server), width=width, height=height, dark=dark)
    for step in (_at_the_door, _signing_up, _inside):
        await step(asha)
    # both sizes and both themes, but not each of them with each: these take as long as all the others
    if dark == (size == "phone"):
        for step in (_beginning, _talking, _searching):
            await step(asha)
    asha.window.check()


async def _at_the_door(asha: Visitor) -> None:
    page = asha.page
    await page.goto("/login")
    await expect(asha.button("auth.byPasskey")).to_be_visible()
    await check(page, "sign in")
    await asha.button("auth.signIn").click()
    await expect(page.locator("[aria-invalid]").first).to_be_visible()
    await check(page, "sign in, refused")
    await asha.ask_for_code()
    await check(page, "code")
    await page.goto("/forgot-password")
    await asha.field("forms.email").fill(asha.email)
    await check(page, "forgotten password")
    await asha.button("auth.sendLink").click()
    await asha.says("auth.linkSent", email=asha.email)
    await check(page, "link sent")
    await page.goto("/reset-password#token")
    await asha.is_at("auth.resetTitle")
    await check(page, "new password")


async def _signing_up(asha: Visitor) -> None:
    page = asha.page
    await page.goto("/signup")
    await asha.is_at("auth.addressTitle")
    await check(page, "sign up: address")
    await asha.give_address()
    await asha.is_at("auth.nameTitle")
    await check(page, "sign up: name")
    await asha.give_name()
    await asha.is_at("auth.secretTitle")
    await check(page, "sign up: password or passkey")
    await asha.give_password()
    await asha.is_in()


async def _inside(asha: Visitor) -> None:
    page = asha.page
    await page.goto("/settings")
    await expect(asha.button("settings.signOut")).to_be_attached()
    await check(page, "settings")
    await asha.button("settings.changePicture").click()
    await check(page, "picture")
    for name in PAGES:
        await asha.open_settings(name)
        # nothing is on its way any more
        await expect(page.locator("[role=status] .animate-breathe")).to_have_count(0)
        size = page.viewport_size
        assert size is not None
        await expect(page.get_by_role("heading", level=1)).to_have_count(2 if size["width"] > 900 else 1)
        await check(page, name)
    for look in WINDOWS:
        await look(asha)


async def _beginning(asha: Visitor) -> None:
    page = asha.page
    for path, title in (
        ("/new", "people.newChat"),
        ("/new/group", "people.newGroup"),
        ("/nowhere", "app.notFoundTitle"),
    ):
        await page.goto(path)
        await asha.is_at(title)
        await check(page, path)
    await page.goto("/")
    await asha.is_in()
    await check(page, "no chats yet")
    await page.keyboard.press("Control+/")
    await expect(page.get_by_role("dialog", name=say("settings.keyboard"))).to_be_visible()
    await check(page, "the keys")


async def _talking(asha: Visitor) -> None:
    page = asha.page
    await page.goto("/new")
    await page.get_by_role("button", name=say("people.notes")).click()
    await asha.is_with(say("people.notes"))
    await asha.says("conversation.emptyNotes")
    await check(page, "notes to self, empty")
    await asha.composer.fill(NOTE)
    await asha.button("conversation.send").click()
    await asha.bubble(NOTE).click(button="right")
    await expect(page.get_by_role("menu")).to_be_visible()
    # a menu stands above the page, as a dialog does, which that rule knows only of dialogs
    await check(page, "the menu of a message", without="region")
    await page.get_by_role("menuitem", name=say("conversation.select"), exact=True).click()
    await expect(page.get_by_role("checkbox", checked=True)).to_be_focused()
    await check(page, "selecting messages")
    await page.keyboard.press("Escape")
    await asha.button("conversation.info").first.click()
    await asha.is_at("group.title")
    await check(page, "about the notes")
    await page.go_back()


async def _searching(asha: Visitor) -> None:
    page = asha.page
    await page.keyboard.press("Control+f")
    field = page.get_by_role("textbox", name=say("search.inChat"))
    await field.fill("neighbour")
    await expect(page.get_by_text(say("search.place", place=1, total=1))).to_be_visible(timeout=SOON)
    await check(page, "searching a conversation")
    await page.goto("/")
    search = page.get_by_role("combobox", name=say("chats.search"))
    await search.fill("neighbour")
    found = page.get_by_role("listbox", name=say("search.results")).get_by_role("option").filter(has_text="neighbour")
    await expect(found).to_be_visible(timeout=SOON)
    await check(page, "what is found")
    await search.fill("nobody said this")
    await expect(found).to_have_count(0, timeout=SOON)
    await check(page, "nothing is found")


async def _invitation(asha: Visitor) -> None:
    await asha.open_settings("invitations")
    await asha.button("invites.make").click()
    await check(asha.page, "new invitation")
    await asha.button("invites.makeNow").click()
    await expect(asha.page.locator("[data-secret]")).to_be_visible()
    await check(asha.page, "invitation")


async def _token(asha: Visitor) -> None:
    await asha.open_settings("tokens")
    await asha.button("devices.newToken").click()
    await check(asha.page, "new token")


async def _names(asha: Visitor) -> None:
    await asha.open_settings("account")
    await asha.button("account.changeAddress").click()
    await check(asha.page, "new address")
    await asha.page.keyboard.press("Escape")
    await asha.button("account.deleteNow").click()
    await check(asha.page, "delete account")


async def _app(asha: Visitor) -> None:
    await asha.open_settings("security")
    await asha.button("security.changePassword").click()
    await check(asha.page, "change password")
    await asha.page.keyboard.press("Escape")
    await asha.button("security.turnOn").click()
    await expect(asha.page.get_by_role("dialog", name=say("security.setupTitle"))).to_be_visible()
    await check(asha.page, "set up the app")


WINDOWS: list[Callable[[Visitor], Awaitable[None]]] = [_invitation, _token, _names, _app]
