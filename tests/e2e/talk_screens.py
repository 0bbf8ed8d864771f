"""The screens of groups' pictures, polls, reports and blocking, for the pictures of `screenshots.py`."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from playwright.async_api import Locator, expect

from tests.e2e.identity_screens import Camera, another
from tests.e2e.messenger import SOON, Messenger
from tests.e2e.newcomers import KeyRing
from tests.e2e.words import say, speaking, spoken
from tests.harness.server import ROOT

PICTURE = ROOT / "client" / "public" / "icons" / "icon-512.png"
LANGUAGES = {"en": "English", "hi": "हिन्दी"}
TRIP = {"en": "Boat trip on the second Sunday of December", "hi": "दिसंबर के दूसरे रविवार को नाव की सैर"}
QUESTION = {"en": "When do we meet on the roof this week?", "hi": "इस हफ़्ते छत पर कब मिलें?"}
ANSWERS = {
    "en": ["Friday at four", "Saturday morning, with breakfast from the bakery", "Sunday"],
    "hi": ["शुक्रवार चार बजे", "शनिवार सुबह, बेकरी के नाश्ते के साथ", "रविवार"],
}
NOTE = {"en": "They wrote to all of us, again and again.", "hi": "उन्होंने हम सबको बार-बार लिखा।"}
#: whom Asha reports, and whom she blocks; both have said something in the group
REPORTED, BLOCKED = "Chand Rani", "Esha Mishra"
SAID = "Who has the key of the roof?"


async def speak(person: Messenger) -> None:
    """Make the app speak as `say` does."""
    await person.page.goto("/settings")
    await person.page.get_by_role("radio", name=LANGUAGES[spoken()]).click()
    await person.is_at("settings.title")


async def picture(camera: Camera) -> None:
    """A new group with a picture, and another one for it."""
    asha, page = camera.asha, camera.asha.page
    name = TRIP[spoken()]
    await camera.go("/new/group")
    await asha.field("people.groupName").fill(name)
    await asha.button("people.addPicture").click()
    await _window(camera)
    await camera.shoot("50-new-picture")
    await page.locator("input[type=file]").set_input_files(PICTURE)
    await expect(asha.button("common.save")).to_be_visible(timeout=SOON)
    await camera.shoot("51-square-of-picture")
    await asha.button("common.save").click()
    await expect(page.locator("img[src^='blob:']")).to_be_visible(timeout=SOON)
    people = page.locator("label").filter(has=page.get_by_role("checkbox"))
    for place in range(3):
        await people.nth(place).click()
    await camera.shoot("52-new-group-with-picture")
    await asha.button("people.create").click()
    await asha.is_with(name)
    await asha.says("conversation.pictured", actor=say("group.you"))
    await camera.shoot("53-group-with-picture")
    await asha.button("conversation.info").click()
    await camera.shoot("54-group-info-with-picture")
    await _way(camera, say("pictures.group")).click()
    await _window(camera)
    await camera.shoot("55-group-picture")


async def poll(camera: Camera) -> None:
    """Asking people and answering."""
    asha, page = camera.asha, camera.asha.page
    await _to_the_group(camera)
    await asha.button("polls.more").click()
    await page.get_by_role("menuitem", name=say("polls.new")).click()
    await asha.field("polls.question").fill(QUESTION[spoken()])
    for number, answer in enumerate(ANSWERS[spoken()], 1):
        await page.get_by_label(say("polls.option", number=number), exact=True).fill(answer)
    await camera.shoot("56-new-poll")
    await asha.button("polls.ask").click()
    await page.get_by_role("radio", name=ANSWERS[spoken()][1]).last.check()
    await asha.button("polls.vote").click()
    people = page.get_by_role("button", name=say("polls.people", count=1))
    await expect(people).to_be_visible(timeout=SOON)
    await camera.shoot("57-poll")
    await people.click()
    await _window(camera)
    await camera.shoot("58-who-chose-what")
    await page.keyboard.press("Escape")
    await asha.bubbles.last.click(button="right", position={"x": 12, "y": 12})
    await page.get_by_role("menuitem", name=say("polls.end")).click()
    question = await _window(camera)
    await camera.shoot("59-end-poll")
    await question.get_by_role("button", name=say("polls.end")).click()
    await asha.says("polls.closed")
    await camera.shoot("60-ended-poll")


async def report(camera: Camera) -> None:
    """Telling those who run the server."""
    asha, page = camera.asha, camera.asha.page
    await _to_the_group(camera)
    await asha.bubble(SAID).click(button="right")
    await camera.shoot("61-menu-of-a-message")
    await page.get_by_role("menuitem", name=say("blocks.report")).click()
    await _window(camera)
    await camera.shoot("62-report")
    await page.get_by_role("radio", name=say("blocks.danger")).click()
    await asha.field("blocks.note").fill(NOTE[spoken()])
    await page.get_by_role("checkbox").last.evaluate("box => box.form.scrollIntoView({ block: 'end' })")
    await camera.shoot("63-report-of-danger")
    await asha.button("blocks.send").click()
    await asha.says("blocks.sentTitle")
    await camera.shoot("64-report-sent")


async def block(camera: Camera) -> None:
    """Not hearing of somebody any more."""
    asha, page = camera.asha, camera.asha.page
    await camera.go("/")
    await asha.open_chat(BLOCKED)
    await asha.button("conversation.info").click()
    way = _way(camera, say("blocks.blockWay", name=BLOCKED))
    await way.scroll_into_view_if_needed()
    await camera.shoot("65-person-ways")
    await way.click()
    question = await _window(camera)
    await camera.shoot("66-block")
    await question.get_by_role("button", name=say("blocks.block"), exact=True).click()
    await asha.says("blocks.unblockText")
    await camera.shoot("67-blocked-person")
    await asha.button("common.dismiss").click()
    await page.go_back()
    await asha.says("blocks.bar", name=BLOCKED)
    await camera.shoot("68-blocked-chat")
    await _to_the_group(camera)
    await asha.says("chats.hushed")
    await camera.shoot("69-hushed")
    await asha.button("conversation.info").click()
    await _way(camera, BLOCKED).click()
    await _window(camera)
    await camera.shoot("70-blocked-member")
    await camera.go("/settings")
    settings = page.get_by_role("button", name=re.compile(say("settings.blockedPage")))
    await settings.scroll_into_view_if_needed()
    await camera.shoot("71-privacy")
    await settings.click()
    await asha.says("blocks.text")
    await camera.shoot("72-blocked-people")
    await page.get_by_role("button", name=say("blocks.unblockName", name=BLOCKED)).click()
    await asha.says("blocks.none")
    await asha.button("common.dismiss").click()
    await camera.shoot("73-nobody-blocked")


async def passkeys(camera: Camera) -> None:
    """Passkeys, to keep the key to one's messages and to sign in with."""
    asha, page = camera.asha, camera.asha.page
    await KeyRing.of(page)
    await camera.go("/settings/keys")
    # Where the list is beside it, a card there offers the same.
    await asha.button("keys.makeWay").last.click()
    await _window(camera)
    await camera.shoot("74-ways-back")
    await _way(camera, say("keys.savePasskey")).click()
    await camera.shoot("75-save-with-passkey")
    await asha.button("keys.makePasskey").click()
    await asha.says("keys.passkeyKept")
    await asha.button("common.dismiss").click()
    await page.get_by_role("list", name=say("keys.waysBack")).scroll_into_view_if_needed()
    await camera.shoot("76-saved-with-passkey")
    await camera.go("/settings/security")
    await expect(page.get_by_role("list", name=say("security.passkeys"))).to_be_visible(timeout=SOON)
    await camera.shoot("77-passkeys")
    await asha.button("security.addPasskey").click()
    await _window(camera)
    await camera.shoot("78-new-passkey")
    await _another_browser(camera)


async def _another_browser(camera: Camera) -> None:
    """Where the key is not yet."""
    asha = camera.asha
    window = await another(asha.page, await asha.page.evaluate("location.origin"))
    there = Messenger(window, asha.username, asha.name)
    with speaking("en"):
        await there.sign_in()
    await speak(there)
    await window.page.goto("/settings/keys")
    camera.asha = there
    await expect(_way(camera, say("keys.byPasskey"))).to_be_visible(timeout=SOON)
    await camera.shoot("79-other-browser")
    camera.asha = asha
    window.check()
    await window.context.close()


async def _to_the_group(camera: Camera) -> None:
    await camera.go("/")
    await camera.asha.open_chat("Roof and chai")


async def _window(camera: Camera) -> Locator:
    """What has opened over the page; its code may have had to come first."""
    window = camera.asha.page.locator("[role=dialog], [role=alertdialog]")
    await expect(window).to_be_visible(timeout=SOON)
    return window


def _way(camera: Camera, title: str) -> Locator:
    """One of the rows of an info."""
    return camera.asha.page.get_by_role("button", name=re.compile(f"^{re.escape(title)}")).first


STEPS: list[Callable[[Camera], Awaitable[None]]] = [picture, poll, report, block, passkeys]
