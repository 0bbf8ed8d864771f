"""Three people with five devices: one away for long, one lost and recovered, one taken away from its thief."""

from __future__ import annotations

import asyncio
import re
import time
from itertools import count

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.messenger import SOON, Messenger
from tests.e2e.test_offline import another_page
from tests.e2e.words import say
from tests.harness.browser import Window
from tests.harness.server import Server

#: High enough for the whole conversation: what is not on the screen is not made.
HEIGHT = 3_600


async def _open(browser: Browser, url: str, username: str, name: str) -> Messenger:
    return Messenger(await Window.open(browser, url, height=HEIGHT), username, name)


async def _recovery_code(person: Messenger) -> list[str]:
    """Make one and confirm it, as the reminder asks for; its groups."""
    await person.page.goto("/settings/keys")
    await person.page.get_by_role("main").get_by_role("button", name=say("keys.makeWay")).click()
    dialog = person.page.get_by_role("dialog", name=say("keys.wayBack"))
    await expect(dialog.get_by_role("listitem")).to_have_count(7, timeout=SOON)
    groups = await dialog.get_by_role("listitem").all_inner_texts()
    await dialog.get_by_role("button", name=say("keys.kept")).click()
    await dialog.get_by_label(re.compile("5")).fill(groups[4])
    await dialog.get_by_role("button", name=say("keys.confirm")).click()
    await person.says("keys.codeKept")
    return groups


async def _let_in(old: Messenger, new: Messenger) -> None:
    """The code of the new browser, typed on the old one."""
    await new.sign_in()
    await new.is_at("keys.lockedTitle")
    await new.page.get_by_role("button", name=say("keys.byDevice")).click()
    code = await new.page.locator("[data-secret]").inner_text()
    await old.page.goto("/settings/keys")
    await old.button("keys.letIn").click()
    dialog = old.page.get_by_role("dialog", name=say("keys.letIn"))
    await dialog.get_by_label(say("keys.code")).fill(code)
    await dialog.get_by_role("button", name=say("common.continue")).click()
    await dialog.get_by_role("button", name=say("keys.same")).click(timeout=SOON)
    await new.says("keys.opened")


async def _recover(new: Messenger, groups: list[str]) -> None:
    """By the code that was kept."""
    await new.sign_in()
    await new.is_at("keys.lockedTitle")
    await new.page.get_by_role("button", name=say("keys.byCode")).click()
    await new.field("keys.recoveryCode").fill(" ".join(groups))
    await new.button("keys.open").click()
    await new.says("keys.opened")


async def _remove_other_device(person: Messenger) -> None:
    await person.page.goto("/settings/keys")
    devices = person.page.get_by_role("list", name=say("keys.devices")).get_by_role("listitem")
    await expect(devices).to_have_count(2, timeout=SOON)
    await devices.last.get_by_role("button").click()
    question = person.page.get_by_role("alertdialog")
    await question.get_by_role("button", name=say("keys.remove"), exact=True).click()
    await expect(devices).to_have_count(1, timeout=SOON)


async def _is_archived(person: Messenger) -> None:
    """The open chat's only message is in the archive of the person's messages."""
    chat_id = person.page.url.rsplit("/", 1)[-1]
    deadline = time.monotonic() + SOON / 1_000
    while not (await (await person.page.request.get(f"/api/keys/archive/{chat_id}")).json())["batches"]:
        assert time.monotonic() < deadline, "nothing was archived"
        await asyncio.sleep(0.2)


async def _is_in_the_chat(person: Messenger) -> None:
    await person.page.goto("/")
    await person.open_chat("Family")


@pytest.mark.timeout(300)
async def test_everybody_who_is_still_there_reads_everything_once(browser: Browser, encrypting: Server) -> None:
    numbers = count(1)
    said: list[str] = []

    async def says(person: Messenger, times: int = 1) -> None:
        for _ in range(times):
            said.append(f"{next(numbers)}: {person.name}")
            await person.write(said[-1])
            await person.sees_posted(said[-1])

    async def read_by(*people: Messenger) -> None:
        for person in people:
            await person.sees(*said)
            assert await person.texts() == said

    url = encrypting.url
    asha, bala, chand = [
        await _open(browser, url, username, name)
        for username, name in (("asha", "Asha Devi"), ("bala", "Bala Kumar"), ("chand", "Chand Rani"))
    ]
    for person in (asha, bala, chand):
        await person.sign_up()
    await asha.begin_group("Family", bala, chand)
    await says(asha)
    assert len(said) == 1, "so whatever is archived then is this"
    for person in (bala, chand):
        await person.open_chat("Family")
        await read_by(person)
    await _is_archived(bala)
    code = await _recovery_code(bala)

    # Chand is away for all that follows: a device is lost, two come, one is removed.
    await chand.page.close()
    await bala.window.context.close()
    bala = await _open(browser, url, "bala", "Bala Kumar")
    await _recover(bala, code)
    await _is_in_the_chat(bala)
    await read_by(bala)
    await says(bala, 2)
    await read_by(asha)

    phone = await _open(browser, url, "asha", "Asha Devi")
    await _let_in(asha, phone)
    for person in (asha, phone):
        await _is_in_the_chat(person)
    await read_by(phone)
    await says(phone, 3)
    await says(asha, 3)
    await read_by(asha, bala, phone)
    await _remove_other_device(asha)
    await expect(phone.field("auth.identifier")).to_be_visible(timeout=SOON)
    await _is_in_the_chat(asha)
    await says(asha, 2)
    await read_by(bala)
    await says(bala, 2)

    await (await another_page(chand)).goto("/")
    await chand.open_chat("Family")
    await read_by(chand)
    await says(chand)
    await read_by(asha, bala, chand)
    for person in (asha, bala, chand):
        await person.page.reload()
        await read_by(person)
        person.window.check()
