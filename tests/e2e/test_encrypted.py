"""Encrypted chats as people meet them: tabs that close, somebody who is taken out and comes back."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from PIL import Image
from playwright.async_api import Page, expect

from tests.e2e.conftest import Newcomer
from tests.e2e.messenger import SOON, Messenger
from tests.e2e.test_background import WorkerEvents
from tests.e2e.test_offline import READY, another_page
from tests.e2e.words import say
from tests.harness.proxy import Wire
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


async def _give_picture(admin: Messenger, photo: Path) -> None:
    """On the page about the group."""
    await admin.page.get_by_role("button", name=say("pictures.group")).click()
    dialog = admin.page.get_by_role("dialog", name=say("pictures.group"))
    await dialog.locator("input[type=file]").set_input_files(photo)
    await dialog.get_by_role("button", name=say("common.save")).click()
    await expect(dialog).to_be_hidden(timeout=SOON)


async def test_three_people_talk_and_only_members_read(newcomer: Newcomer, server: Server, tmp_path: Path) -> None:
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
    # of noise, which is hard to make small
    photo = tmp_path / "photo.png"
    Image.effect_noise((640, 400), 120).save(photo)
    await _give_picture(asha, photo)
    await _take_in(asha, chand)
    await asha.page.go_back()
    await asha.write("welcome back")
    await bala.sees("welcome back")
    await chand.page.reload()
    await chand.sees("welcome back")
    await expect(chand.bubble("a surprise for Chand")).to_have_count(0)
    for person in (asha, bala, chand):
        picture = person.page.locator("main img[src^='data:image/']").first
        await expect(picture).to_be_visible(timeout=SOON)
        assert await picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
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


async def test_the_worker_encrypts_for_those_who_are_in_the_group_by_now(newcomer: Newcomer, wire: Wire) -> None:
    """Written without a network, the tab closed at once, and somebody came in meanwhile: it is not encrypted yet."""
    asha, bala = await newcomer("asha", "Asha Devi"), await newcomer("bala", "Bala Kumar")
    chand = await newcomer("chand", "Chand Rani")
    await bala.begin_group("Chai", asha)
    await bala.write("first")
    await asha.open_chat("Chai")
    await asha.is_sealed()
    await asha.write("second")
    await bala.sees("first", "second")
    await asha.page.evaluate(READY)
    events = await WorkerEvents.of(asha, wire.url)
    with asha.window.outage():
        await asha.window.context.set_offline(True)
        await asha.says("app.offline")
        await asha.write("on the run")
        await asha.write("and gone")
        await asha.sees_state("and gone", "queued")
        await asha.page.close()
        await bala.button("conversation.info").click()
        await _take_in(bala, chand)
        await bala.page.go_back()
        await bala.write("welcome")
        await chand.open_chat("Chai")
        await chand.sees("welcome")
        await asha.window.context.set_offline(False)
        await events.sync()
        await chand.sees("on the run", "and gone")
        assert await chand.texts() == ["welcome", "on the run", "and gone"]
        await bala.sees("on the run", "and gone")
        everything = ["first", "second", "welcome", "on the run", "and gone"]
        assert await bala.texts() == everything
        # and the app knows it, when it is opened again without a network
        await asha.window.context.set_offline(True)
        await (await another_page(asha)).goto("/")
        await asha.open_chat("Chai")
        await asha.sees_state("and gone", "sent")
        assert await asha.texts() == everything
        await asha.window.context.set_offline(False)
        await asha.write("back again")
        await chand.sees("back again")
