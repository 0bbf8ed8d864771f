"""A person's second browser: closed until the key comes from the first one, by a passkey or by the recovery code."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.axe import check
from tests.e2e.messenger import SOON, Messenger
from tests.e2e.newcomers import KeyRing, at_localhost
from tests.e2e.words import say
from tests.harness.browser import Window
from tests.harness.people import PASSWORD
from tests.harness.server import Server

Open = Callable[..., Awaitable[Messenger]]


@pytest.fixture
def window(browser: Browser, encrypting: Server) -> Open:
    """Opens a browser profile of somebody: `await window("asha", "Asha Devi", width=390, height=844)`."""

    async def open_one(username: str, name: str, url: str | None = None, **looks: int | bool) -> Messenger:
        return Messenger(await Window.open(browser, url or encrypting.url, **looks), username, name)  # type: ignore[arg-type]

    return open_one


async def _two_who_talked(window: Open, url: str | None = None) -> tuple[Messenger, Messenger]:
    asha, bala = await window("asha", "Asha Devi", url), await window("bala", "Bala Kumar", url)
    for each in (asha, bala):
        await each.sign_up()
        await each.page.goto("/settings/keys")
        await each.says("keys.ready")
    await asha.page.goto("/")
    await asha.begin_chat_with(bala)
    await asha.write("the tea is ready")
    await bala.page.goto("/")
    await bala.open_chat("Asha Devi")
    await bala.sees("the tea is ready")
    await bala.write("coming")
    await asha.sees("coming")
    return asha, bala


async def _code(page: Page) -> str:
    return await page.locator("[data-secret]").inner_text()


async def _writes_and_reads(
    new: Messenger, bala: Messenger, said: str = "from the new browser", answer: str = "welcome there"
) -> None:
    await new.page.goto("/")
    await new.open_chat("Bala Kumar")
    await new.composer.fill(said)
    await new.button("conversation.send").click()
    await bala.sees(said)
    await bala.write(answer)
    await new.sees(answer)


async def test_a_code_from_the_new_browser_is_typed_on_the_old_one_and_opens_the_messages(window: Open) -> None:
    asha, bala = await _two_who_talked(window)
    new = await window("asha", "Asha Devi")
    await new.sign_in()
    # What there is to do stands beside the list, which can be read all the same.
    await new.is_at("keys.lockedTitle")
    await expect(new.row("Bala Kumar")).to_be_visible(timeout=SOON)
    await check(new.page, "closed")
    await new.page.get_by_role("button", name=say("keys.byDevice")).click()
    await new.says("keys.waiting")
    await check(new.page, "a code for the other device")
    number = (
        await new.page.locator("dt", has_text=say("keys.number")).locator("xpath=following-sibling::dd").inner_text()
    )

    await asha.page.goto("/settings/keys")
    await asha.button("keys.letIn").click()
    dialog = asha.page.get_by_role("dialog", name=say("keys.letIn"))
    await dialog.get_by_label(say("keys.code")).fill("AAAA BBBB CCCC DDDD EEEE")
    await dialog.get_by_role("button", name=say("common.continue")).click()
    await expect(dialog.get_by_text(say("problems.link_unknown"))).to_be_visible(timeout=SOON)
    await check(asha.page, "a wrong code")
    await dialog.get_by_label(say("keys.code")).fill((await _code(new.page)).lower())
    await dialog.get_by_role("button", name=say("common.continue")).click()
    await expect(dialog.get_by_text(number)).to_be_visible(timeout=SOON)
    await check(asha.page, "compare")
    await dialog.get_by_role("button", name=say("keys.same")).click()

    await new.says("keys.opened")
    await _writes_and_reads(new, bala)
    await asha.page.goto("/")
    await asha.open_chat("Bala Kumar")
    await asha.sees("from the new browser", "welcome there")
    new.window.check()
    bala.window.check()

    # The old one sees the new one among the devices, and takes the key away from it again.
    await asha.page.goto("/settings/keys")
    devices = asha.page.get_by_role("list", name=say("keys.devices")).get_by_role("listitem")
    await expect(devices).to_have_count(2, timeout=SOON)
    await expect(devices.first).to_contain_text(say("keys.thisDevice"))
    await check(asha.page, "devices")
    await devices.last.get_by_role("button").click()
    question = asha.page.get_by_role("alertdialog")
    await question.get_by_role("button", name=say("keys.remove"), exact=True).click()
    await expect(devices).to_have_count(1, timeout=SOON)
    await expect(new.field("auth.identifier")).to_be_visible(timeout=SOON)


async def test_a_passkey_and_the_recovery_code_open_the_messages_and_a_wrong_code_does_not(
    window: Open, encrypting: Server
) -> None:
    by_name = at_localhost(encrypting)
    asha, bala = await _two_who_talked(window, by_name)
    ring = await KeyRing.of(asha.page)
    # The reminder comes after the first conversation.
    card = asha.page.get_by_role("complementary", name=say("keys.recoveryCard"))
    await card.get_by_role("button", name=say("keys.makeWay")).click()
    await asha.says("keys.recoveryNone")
    await asha.page.get_by_role("main").get_by_role("button", name=say("keys.makeWay")).click()
    dialog = asha.page.get_by_role("dialog", name=say("keys.wayBack"))
    await dialog.get_by_role("button", name=say("keys.savePasskey")).click()
    await expect(dialog.get_by_role("button", name=say("keys.makePasskey"))).to_be_visible(timeout=SOON)
    await check(asha.page, "save with a passkey")
    await dialog.get_by_role("button", name=say("keys.makePasskey")).click()
    await asha.says("keys.passkeyKept")
    await expect(card).to_have_count(0)
    assert len(await ring.passkeys()) == 1

    await asha.button("keys.anotherWay").click()
    await check(asha.page, "which way back")
    await dialog.get_by_role("button", name=say("keys.codeWay")).click()
    await expect(dialog.get_by_role("listitem")).to_have_count(7, timeout=SOON)
    groups = await dialog.get_by_role("listitem").all_inner_texts()
    await check(asha.page, "the recovery code")
    await dialog.get_by_role("button", name=say("keys.kept")).click()
    await dialog.get_by_label(re.compile("5")).fill(groups[0])
    await dialog.get_by_role("button", name=say("keys.confirm")).click()
    await expect(dialog.get_by_text(say("keys.groupWrong"))).to_be_visible()
    await check(asha.page, "confirm")
    await dialog.get_by_label(re.compile("5")).fill(groups[4].lower())
    await dialog.get_by_role("button", name=say("keys.confirm")).click()
    await asha.says("keys.codeKept")

    new = await window("asha", "Asha Devi", width=390, height=844)
    await new.sign_in()
    card = new.page.get_by_role("complementary", name=say("keys.lockedCard"))
    await card.get_by_role("button", name=say("keys.openThem")).click()
    await new.page.get_by_role("button", name=say("keys.byCode")).click()
    await new.field("keys.recoveryCode").fill("-".join([*groups[:6], "0000"]))
    await new.button("keys.open").click()
    await new.says("problems.wrong_recovery_code")
    await check(new.page, "a wrong recovery code")
    await new.field("keys.recoveryCode").fill(" ".join(groups))
    await new.button("keys.open").click()
    await new.says("keys.opened")
    await _writes_and_reads(new, bala)
    new.window.check()

    # Signing out takes everything along: to come back in this browser the passkey is enough, twice.
    await ring.answers(yes=False)
    await asha.sign_out()
    # On a new page Chromium's virtual owner chooses what the list under the field offers.
    await ring.answers(yes=True)
    await asha.page.goto("/login")
    await asha.is_at("keys.lockedTitle")
    await asha.page.get_by_role("button", name=say("keys.byPasskey")).click()
    await asha.says("keys.passkeyRestoreText")
    await check(asha.page, "use your passkey")
    await asha.button("keys.byPasskey").click()
    await asha.says("keys.opened")
    await _writes_and_reads(asha, bala, "I am back", "welcome back")


async def test_starting_over_is_told_to_the_other_browser_which_stops_it(window: Open) -> None:
    asha, _ = await _two_who_talked(window)
    new = await window("asha", "Asha Devi")
    await new.sign_in()
    await new.is_at("keys.lockedTitle")
    await new.page.get_by_role("button", name=say("keys.startOver")).click()
    await expect(new.button("keys.startOver")).to_be_disabled()
    await new.page.get_by_label(say("keys.overKnown")).check()
    await check(new.page, "start over")
    await new.button("keys.startOver").click()
    proof = new.page.get_by_role("dialog")
    if await proof.count():  # who has just signed in is not asked again
        await proof.get_by_label(say("forms.password"), exact=True).fill(PASSWORD)
        await proof.get_by_role("button").last.click()
    stop = new.button("keys.cancelReset")
    await expect(stop).to_be_visible(timeout=SOON)
    await check(new.page, "starting over")

    card = asha.page.get_by_role("complementary", name=say("keys.resetCard"))
    await expect(card).to_be_visible(timeout=SOON)
    await check(asha.page, "somebody starts over")
    await card.get_by_role("button", name=say("keys.cancelReset")).click()
    await expect(card).to_have_count(0, timeout=SOON)
    await expect(stop).to_have_count(0, timeout=SOON)
    await new.is_at("keys.lockedTitle")
