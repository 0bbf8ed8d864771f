"""Groups on the screen: made, renamed, left."""

from __future__ import annotations

import re

from playwright.async_api import expect

from tests.e2e.conftest import Newcomer
from tests.e2e.words import say


async def test_a_group_is_made_renamed_and_left(newcomer: Newcomer) -> None:
    asha, bala, chand = (
        await newcomer("asha", "Asha Devi"),
        await newcomer("bala", "Bala Kumar"),
        await newcomer("chand", "Chand Rani"),
    )
    await asha.begin_group("Chai", bala, chand)
    await asha.write("four o'clock?")
    for person in (bala, chand):
        await person.open_chat("Chai")
        await person.sees("four o'clock?")
    await bala.write("five")
    await asha.sees("five")
    await chand.sees("five")

    await asha.button("conversation.info").click()
    await asha.button("group.rename").click()
    await asha.field("group.renameLabel").fill("Chai at five")
    await asha.field("group.renameLabel").press("Enter")
    for person in (bala, chand):
        await person.is_with("Chai at five")
        await person.says("conversation.renamed", actor="Asha Devi", name="Chai at five")

    await chand.button("conversation.info").click()
    await chand.button("group.leave").click()
    dialog = chand.page.get_by_role("alertdialog", name=say("group.leaveTitle", name="Chai at five"))
    await dialog.get_by_role("button", name=say("group.leave")).click()
    await expect(chand.row("Chai at five")).to_have_count(0)
    await bala.says("conversation.left", actor="Chand Rani")
    await bala.write("without Chand")
    await asha.page.go_back()
    await asha.sees("without Chand")
    await expect(chand.page.get_by_text("without Chand")).to_have_count(0)


async def test_who_is_removed_hears_nothing_more(newcomer: Newcomer) -> None:
    asha, bala = await newcomer("asha", "Asha Devi"), await newcomer("bala", "Bala Kumar")
    await asha.begin_group("Chai", bala)
    await bala.open_chat("Chai")
    await asha.button("conversation.info").click()
    member = asha.page.get_by_role("listitem").filter(has_text=re.compile("Bala Kumar"))
    await member.get_by_role("button").last.click()
    await asha.page.get_by_role("menuitem", name=say("group.remove")).click()
    dialog = asha.page.get_by_role("alertdialog", name=say("group.removeTitle", name="Bala Kumar"))
    await dialog.get_by_role("button", name=say("group.remove")).click()
    await bala.says("conversation.gone")
    await asha.page.go_back()
    await asha.write("behind their back")
    await asha.sees_state("behind their back", "sent")
    await expect(bala.page.get_by_text("behind their back")).to_have_count(0)
