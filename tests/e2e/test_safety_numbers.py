"""Two people make sure that nobody stands between them, and what happens when something does not fit."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, expect

from tests.e2e import axe
from tests.e2e.messenger import SOON, Messenger
from tests.e2e.words import say
from tests.harness.server import Server


@pytest.fixture
def sealed(tmp_path: Path) -> Iterator[Server]:
    """A server that offers encrypted chats."""
    with Server(tmp_path, ENCRYPTION="on") as running:
        yield running


async def _people(browser: Browser, server: Server) -> tuple[Messenger, Messenger]:
    asha = await Messenger.newcomer(browser, server.url, "asha", "Asha Devi")
    return asha, await Messenger.newcomer(browser, server.url, "ravi", "Ravi Kumar")


async def _compare(person: Messenger, other: str) -> tuple[Locator, str]:
    """Open the number in the chat's info; (the window, its digits)."""
    await person.button("conversation.info").click()
    await person.page.get_by_role("button", name=re.compile(say("trust.way"))).click()
    window = person.page.get_by_role("dialog", name=say("trust.title", name=other))
    digits = window.get_by_role("list")
    await expect(digits.get_by_role("listitem")).to_have_count(12, timeout=SOON)
    return window, " ".join(await digits.get_by_role("listitem").all_inner_texts())


def _mark(place: Locator) -> Locator:
    return place.get_by_role("img", name=say("trust.verified"), exact=True)


async def test_48_two_people_compare_their_numbers_and_mark_each_other(browser: Browser, sealed: Server) -> None:
    asha, ravi = await _people(browser, sealed)
    await asha.begin_chat_with(ravi)
    await asha.write("it is me, on the phone in a minute")
    await ravi.open_chat("Asha Devi")
    await ravi.sees("it is me, on the phone in a minute")
    await ravi.says("trust.lineFirst", people="Asha Devi")
    await ravi.write("I call you")
    await asha.sees("I call you")

    window, hers = await _compare(asha, "Ravi Kumar")
    _, his = await _compare(ravi, "Asha Devi")
    assert re.fullmatch(r"(\d{5} ){11}\d{5}", hers)
    assert hers == his
    await expect(window.get_by_role("img", name=say("trust.qr", name="Ravi Kumar"))).to_be_visible()
    await axe.check(asha.page, "safety number")
    await window.get_by_role("button", name=say("trust.mark")).click()
    await expect(window.get_by_role("status")).to_contain_text("You know that it is Ravi Kumar")
    await window.get_by_role("button", name=say("common.close")).click()
    await expect(_mark(asha.page.get_by_role("heading", level=1, name="Ravi Kumar").locator(".."))).to_be_visible()
    await expect(_mark(asha.row("Ravi Kumar"))).to_be_visible()
    for person in (asha, ravi):
        person.window.check()


async def _follow(guest: Messenger, link: str) -> None:
    await guest.page.goto(link)
    await guest.button("invites.openChat").click()
    await guest.is_with("Ravi Kumar")


async def _invitation(ravi: Messenger) -> str:
    await ravi.page.goto("/settings/invitations")
    await ravi.button("invites.make").click()
    await ravi.button("invites.makeNow").click()
    await ravi.says("invites.provesBoth")
    return str(await ravi.page.locator("[data-secret]").first.inner_text())


async def test_48_an_invitation_for_one_person_makes_both_known(browser: Browser, sealed: Server) -> None:
    asha, ravi = await _people(browser, sealed)
    link = await _invitation(ravi)
    assert re.search(r"/invite/[\w-]+#k2\.[\w-]{86}$", link)
    await _follow(asha, link)
    await asha.write("thank you for the link")
    await ravi.page.goto("/")
    await ravi.open_chat("Asha Devi")
    await ravi.sees("thank you for the link")
    await expect(_mark(asha.row("Ravi Kumar"))).to_be_visible(timeout=SOON)
    await expect(_mark(ravi.row("Asha Devi"))).to_be_visible(timeout=SOON)
    await expect(ravi.bubbles).to_have_count(1)
    for person in (asha, ravi):
        person.window.check()


async def test_48_other_keys_than_the_link_names_hold_what_is_written(browser: Browser, sealed: Server) -> None:
    asha, ravi = await _people(browser, sealed)
    code = (await _invitation(ravi)).split("#", maxsplit=1)[0]
    other = base64.urlsafe_b64encode(bytes(range(32))).decode().rstrip("=")
    await _follow(asha, f"{code}#k1.{other}")
    await asha.write("is it you?")
    banner = asha.page.get_by_role("alert").filter(has_text=say("trust.heldVerified", name="Ravi Kumar"))
    await expect(banner).to_be_visible(timeout=SOON)
    await asha.sees_state("is it you?", "queued")
    await axe.check(asha.page, "held")

    await banner.get_by_role("button", name=say("trust.accept")).click()
    question = asha.page.get_by_role("alertdialog")
    await question.get_by_role("button", name=say("trust.accept")).click()
    await expect(banner).to_have_count(0)
    await ravi.page.goto("/")
    await ravi.open_chat("Asha Devi")
    await ravi.sees("is it you?")
    await expect(_mark(asha.row("Ravi Kumar"))).to_have_count(0)
    for person in (asha, ravi):
        person.window.check()
