"""A newcomer gets in: address, code from a real letter, name, and a password or a passkey."""

from __future__ import annotations

import re

from playwright.async_api import Browser, expect

from tests.e2e.newcomers import KeyRing, Visitor, at_localhost
from tests.e2e.test_keyboard import tab_to
from tests.e2e.words import say
from tests.harness.mail import MailServer
from tests.harness.people import PASSWORD
from tests.harness.server import Server


async def test_a_newcomer_proves_their_address_and_chooses_a_password(
    browser: Browser, mailing: Server, mail_server: MailServer
) -> None:
    asha = await Visitor.at(browser, mailing.url)
    await asha.page.goto("/sign-up")
    await expect(asha.page.get_by_text(say("auth.step", at=1, of=4))).to_be_visible()
    await asha.give_address()
    await asha.is_at("auth.codeTitle")
    await mail_server.wait_for(1)
    code = mail_server.code()
    with asha.window.outage():  # the browser logs every answer of 400
        await asha.give_code(f"{(int(code) + 1) % 1_000_000:06d}")
        await asha.says("problems.invalid_code")
    await asha.give_code(code)
    await asha.give_name()
    await asha.give_password()
    await asha.is_in()
    await asha.open_settings("account")
    await expect(asha.page.get_by_text(say("account.verified"))).to_be_visible()
    asha.window.check()


async def test_somebody_who_has_an_account_learns_it_from_the_letter_only(
    browser: Browser, mailing: Server, mail_server: MailServer
) -> None:
    asha = await Visitor.at(browser, mailing.url)
    await asha.sign_up_with(mail_server)
    again = await Visitor.at(browser, mailing.url)
    await again.page.goto("/signup")
    await again.give_address()
    await again.is_at("auth.codeTitle")
    await mail_server.wait_for(2)
    assert "already" in str(mail_server.letters[1]["Subject"])
    again.window.check()


async def test_without_a_mail_server_the_page_says_where_the_code_is(browser: Browser, console: Server) -> None:
    asha = await Visitor.at(browser, console.url)
    await asha.page.goto("/signup")
    await asha.give_address()
    await asha.is_at("auth.codeTitle")
    await asha.says("forms.onConsole")
    printed = re.search(r"^ +(\d{6})$", console.output, re.MULTILINE)
    assert printed, console.output
    await asha.give_code(printed[1])
    await asha.give_name()
    await asha.give_password()
    await asha.is_in()
    asha.window.check()


async def test_a_passkey_takes_the_place_of_a_password(browser: Browser, server: Server) -> None:
    asha = await Visitor.at(browser, at_localhost(server))
    ring = await KeyRing.of(asha.page)
    await asha.page.goto("/signup")
    await asha.give_address()
    await asha.give_name()
    await asha.button("auth.signUpWithPasskey").click()
    await asha.is_in()
    assert len(await ring.passkeys()) == 1
    asha.window.check()


async def test_signing_up_needs_no_mouse(browser: Browser, mailing: Server, mail_server: MailServer) -> None:
    asha = await Visitor.at(browser, mailing.url)
    keyboard = asha.page.keyboard
    await asha.page.goto("/signup")
    # With a mouse at hand each step begins in its first field; the keyboard needs nothing else.
    await expect(asha.field("forms.email")).to_be_focused()
    await keyboard.type(asha.email)
    await keyboard.press("Enter")
    await expect(asha.field("forms.code")).to_be_focused()
    await mail_server.wait_for(1)
    await keyboard.type(mail_server.code())
    await expect(asha.field("forms.displayName")).to_be_focused()
    await keyboard.type(asha.name)
    await tab_to(asha.page, say("forms.username"))
    await keyboard.type("a")
    await keyboard.press("Enter")
    # what is wrong has the focus
    await expect(asha.field("forms.username")).to_be_focused()
    await expect(asha.field("forms.username")).to_have_attribute("aria-invalid", "true")
    await keyboard.type("sha")
    await keyboard.press("Enter")
    await expect(asha.field("forms.newPassword")).to_be_focused()
    await keyboard.type(PASSWORD)
    await keyboard.press("Enter")
    await asha.is_in()
    asha.window.check()


async def test_the_browsers_own_back_button_goes_one_step_back(browser: Browser, server: Server) -> None:
    asha = await Visitor.at(browser, server.url)
    await asha.page.goto("/signup")
    await asha.give_address()
    await asha.give_name()
    await asha.is_at("auth.secretTitle")
    await asha.page.go_back()
    await asha.is_at("auth.nameTitle")
    await expect(asha.field("forms.username")).to_have_value(asha.username)
    await asha.page.go_back()
    await asha.is_at("auth.addressTitle")
    await expect(asha.field("forms.email")).to_have_value(asha.email)
    await asha.page.go_forward()
    await asha.is_at("auth.nameTitle")
    asha.window.check()


async def test_an_invitation_brings_somebody_in_and_opens_the_chat(browser: Browser, inviting: Server) -> None:
    asha = await Visitor.at(browser, inviting.url)
    await asha.sign_up()  # the first needs no invitation
    await asha.open_settings("invitations")
    await asha.button("invites.make").click()
    await asha.button("invites.makeNow").click()
    link = await asha.page.locator("[data-secret]").inner_text()

    bala = await Visitor.at(browser, inviting.url, "bala", "Bala Kumar")
    await bala.page.goto("/signup")
    await bala.is_at("auth.inviteOnlyTitle")
    await bala.page.goto(f"{link}#for-the-keys")
    await bala.is_at("invites.invitedBy", name="Asha Devi")
    await bala.page.get_by_role("link", name=say("auth.signUp")).click()
    await bala.give_address()
    assert bala.page.url.endswith("#for-the-keys")
    await bala.give_name()
    await bala.give_password()
    await bala.is_with("Asha Devi")
    await bala.write("here I am")
    await asha.page.goto("/")
    await asha.open_chat("Bala Kumar")
    await asha.sees("here I am")

    chand = await Visitor.at(browser, inviting.url, "chand", "Chand Rani")
    with chand.window.outage():  # the browser logs the answer of 404
        await chand.page.goto(link)
        await chand.says("problems.invite_invalid")
    for person in (asha, bala, chand):
        person.window.check()


async def test_whoever_is_signed_in_opens_the_chat_by_an_invitation(browser: Browser, server: Server) -> None:
    asha = await Visitor.at(browser, server.url)
    await asha.sign_up()
    await asha.open_settings("invitations")
    await asha.button("invites.make").click()
    await asha.button("invites.makeNow").click()
    link = await asha.page.locator("[data-secret]").inner_text()
    bala = await Visitor.at(browser, server.url, "bala", "Bala Kumar")
    await bala.sign_up_by_form()
    await bala.page.goto(link)
    await bala.button("invites.openChat").click()
    await bala.is_with("Asha Devi")
    for person in (asha, bala):
        person.window.check()
