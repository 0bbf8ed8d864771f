"""One's own account, from the settings: what is changed there is true everywhere at once."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, expect

from tests.e2e.messenger import SOON
from tests.e2e.newcomers import Visitor, let_proofs_grow_old
from tests.e2e.test_offline import READY
from tests.e2e.words import say
from tests.harness.mail import MailServer
from tests.harness.people import PASSWORD
from tests.harness.server import Server

NEW_PASSWORD = "papaya-boats-in-the-rain"


async def test_a_password_is_changed_after_proving_who_one_is_and_ends_other_sessions(
    browser: Browser, server: Server
) -> None:
    asha = await Visitor.at(browser, server.url)
    await asha.sign_up()
    phone = await Visitor.at(browser, server.url, width=390, height=844)
    with asha.window.outage(), phone.window.outage():  # the server is restarted, and refuses until one has proved it
        await _grow_old(asha, server)
        await phone.sign_in()
        await asha.open_settings("security")
        await asha.button("security.changePassword").click()
        await asha.field("forms.newPassword").fill(NEW_PASSWORD)
        await asha.button("security.savePassword").click()
        window = asha.page.get_by_role("dialog", name=say("stepUp.title"))
        await window.get_by_label(say("forms.password"), exact=True).fill("not this one")
        await window.get_by_role("button", name=say("common.continue")).click()
        await expect(window.get_by_text(say("problems.invalid_password"))).to_be_visible()
        await window.get_by_label(say("forms.password"), exact=True).fill(PASSWORD)
        await window.get_by_role("button", name=say("common.continue")).click()
        # the request goes on by itself
        await asha.notices("security.passwordChanged")
        await expect(phone.field("auth.identifier")).to_be_visible(timeout=SOON)
    asha.window.check()


async def test_who_changes_their_mind_changes_nothing(browser: Browser, server: Server) -> None:
    asha = await Visitor.at(browser, server.url)
    await asha.sign_up()
    with asha.window.outage():
        await _grow_old(asha, server)
        await asha.open_settings("security")
        await asha.button("security.turnOn").click()
        await expect(asha.page.get_by_role("dialog", name=say("stepUp.title"))).to_be_visible()
        await asha.page.keyboard.press("Escape")
        await expect(asha.page.get_by_role("dialog")).to_have_count(0)
        await expect(asha.page.get_by_role("alert")).to_have_count(0)
        # the focus is back where it was
        await expect(asha.button("security.turnOn")).to_be_focused()
    asha.window.check()


async def test_a_browser_is_signed_out_from_another_one(browser: Browser, server: Server) -> None:
    asha = await Visitor.at(browser, server.url)
    await asha.sign_up()
    phone = await Visitor.at(browser, server.url, width=390, height=844)
    await phone.sign_in()
    await phone.says("chats.emptyText")
    await asha.open_settings("sessions")
    rows = asha.page.get_by_role("list", name=say("devices.sessions")).get_by_role("listitem")
    await expect(rows).to_have_count(2)
    await expect(rows.first).to_contain_text(say("devices.thisBrowser"))
    with phone.window.outage():
        await rows.nth(1).get_by_role("button").click()
        question = asha.page.get_by_role("alertdialog")
        await question.get_by_role("button", name=say("devices.end"), exact=True).click()
        await expect(rows).to_have_count(1)
        await phone.says("auth.revoked")
    await asha.open_settings("activity")
    await asha.says("devices.sessionRevoked")
    for person in (asha, phone):
        person.window.check()


async def test_a_browser_that_was_away_is_wiped_when_it_comes_back(browser: Browser, server: Server) -> None:
    asha = await Visitor.at(browser, server.url)
    await asha.sign_up()
    phone = await Visitor.at(browser, server.url, width=390, height=844)
    await phone.sign_in()
    await phone.says("chats.emptyText")
    await phone.page.evaluate(READY)
    with phone.window.outage():
        await phone.page.context.set_offline(True)
        await asha.open_settings("sessions")
        rows = asha.page.get_by_role("list", name=say("devices.sessions")).get_by_role("listitem")
        await rows.nth(1).get_by_role("button").click()
        question = asha.page.get_by_role("alertdialog")
        await question.get_by_role("button", name=say("devices.end"), exact=True).click()
        await expect(rows).to_have_count(1)
        await phone.page.context.set_offline(False)
        await phone.says("auth.revoked")
    kept = await phone.page.evaluate("indexedDB.databases().then((all) => all.map((each) => each.name))")
    assert kept == ["batiyoun"], kept
    for person in (asha, phone):
        person.window.check()


async def test_a_username_and_an_address_are_changed(
    browser: Browser, mailing: Server, mail_server: MailServer
) -> None:
    asha = await Visitor.at(browser, mailing.url)
    await asha.sign_up_with(mail_server)
    await asha.open_settings("account")
    await asha.button("account.changeUsername").click()
    await asha.page.get_by_role("textbox", name=say("forms.username")).fill("asha.devi")
    await asha.button("common.save").click()
    await asha.notices("account.usernameChanged", username="asha.devi")
    await expect(asha.page.get_by_text("@asha.devi", exact=True)).to_be_visible()

    await asha.button("account.changeAddress").click()
    await asha.field("account.newAddress").fill("devi@example.org")
    await asha.button("forms.sendCode").click()
    await mail_server.wait_for(2)
    assert mail_server.recipients[1] == "devi@example.org"
    await asha.field("forms.code").fill(mail_server.code())
    await asha.notices("account.addressChanged")
    await mail_server.wait_for(3)
    assert mail_server.recipients[2] == asha.email
    asha.window.check()


async def test_a_picture_is_cut_and_seen_by_others(browser: Browser, server: Server, tmp_path: Path) -> None:
    asha, bala = await Visitor.at(browser, server.url), await Visitor.at(browser, server.url, "bala", "Bala Kumar")
    await asha.sign_up()
    await bala.sign_up()
    photo = tmp_path / "photo.png"
    Image.new("RGB", (640, 400), "teal").save(photo)
    await asha.page.goto("/settings")
    await asha.button("settings.changePicture").click()
    dialog = asha.page.get_by_role("dialog", name=say("settings.picture"))
    await dialog.locator("input[type=file]").set_input_files(photo)
    square = dialog.get_by_role("button", name=say("pictures.crop"))
    await square.focus()
    for _ in range(4):
        await asha.page.keyboard.press("ArrowRight")
    await dialog.get_by_role("button", name=say("common.save")).click()
    await asha.notices("settings.pictureSaved")

    await bala.begin_chat_with(asha)
    picture = bala.page.locator("main img[src*='/api/avatars/']").first
    await expect(picture).to_be_visible(timeout=SOON)
    assert await picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    for person in (asha, bala):
        person.window.check()


async def test_a_program_gets_a_token_that_is_shown_once(browser: Browser, server: Server) -> None:
    asha = await Visitor.at(browser, server.url)
    await asha.sign_up()
    await asha.open_settings("tokens")
    await asha.button("devices.newToken").click()
    await asha.field("devices.tokenName").fill("Weather bot")
    await asha.button("devices.makeToken").click()
    token = await asha.page.locator("[data-secret]").inner_text()
    assert token.startswith("bty_")
    await asha.button("common.done").click()
    await expect(asha.page.get_by_text("Weather bot")).to_be_visible()
    await expect(asha.page.get_by_text(token)).to_have_count(0)
    await asha.page.get_by_role("button", name=say("devices.revokeOf", name="Weather bot")).click()
    question = asha.page.get_by_role("alertdialog")
    await question.get_by_role("button", name=say("devices.revoke"), exact=True).click()
    await asha.notices("devices.revoked")
    await expect(asha.page.get_by_text("Weather bot")).to_have_count(0)
    asha.window.check()


async def _grow_old(person: Visitor, server: Server) -> None:
    """Ten minutes later, once the person's page has everything that it fetches in its first moments."""
    await person.page.wait_for_load_state("networkidle")
    await asyncio.to_thread(let_proofs_grow_old, server)


async def test_one_takes_ones_data_along_and_leaves_nothing_behind(browser: Browser, server: Server) -> None:
    asha, bala = await Visitor.at(browser, server.url), await Visitor.at(browser, server.url, "bala", "Bala Kumar")
    await asha.sign_up()
    await bala.sign_up()
    await asha.begin_chat_with(bala)
    await asha.write("goodbye, and thanks")
    await asha.sees_state("goodbye, and thanks", "delivered")

    await asha.open_settings("account")
    async with asha.page.expect_download() as saving:
        await asha.button("account.exportNow").click()
    saved = await saving.value
    assert saved.suggested_filename == "batiyoun-asha.json"
    copy = json.dumps(json.loads(await asyncio.to_thread(Path(await saved.path()).read_text)))
    # what the server has of the message: where it is, and not what it says
    assert "Bala Kumar" in copy
    assert '"encrypted": true' in copy
    assert "goodbye, and thanks" not in copy

    await asha.button("account.deleteNow").click()
    dialog = asha.page.get_by_role("dialog", name=say("account.deleteTitle"))
    await dialog.get_by_role("textbox").fill("asha")
    await dialog.get_by_role("button", name=say("account.deleteForEver")).click()
    await asha.says("auth.deleted")
    kept = await asha.page.evaluate("indexedDB.databases().then((all) => all.map((each) => each.name))")
    assert kept == ["batiyoun"], kept
    with asha.window.outage():  # the browser logs the answer of 401
        await asha.field("auth.identifier").fill("asha")
        await asha.field("forms.password").fill(PASSWORD)
        await asha.button("auth.signIn").click()
        await asha.says("problems.invalid_login")
    for person in (asha, bala):
        person.window.check()
