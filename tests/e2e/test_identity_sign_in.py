"""Whoever has an account gets in again by each way, and nobody else does."""

from __future__ import annotations

import time

import pyotp
from playwright.async_api import Browser, expect

from tests.e2e.messenger import SOON
from tests.e2e.newcomers import KeyRing, Visitor, at_localhost, link_in
from tests.e2e.words import say
from tests.harness.mail import MailServer
from tests.harness.people import PASSWORD
from tests.harness.server import Server

NEW_PASSWORD = "papaya-boats-in-the-rain"


async def test_a_code_by_mail_signs_in(browser: Browser, mailing: Server, mail_server: MailServer) -> None:
    asha = await Visitor.at(browser, mailing.url)
    await asha.sign_up_with(mail_server)
    elsewhere = await Visitor.at(browser, mailing.url)
    await elsewhere.ask_for_code()
    await mail_server.wait_for(2)
    await elsewhere.give_code(mail_server.code())
    await elsewhere.is_in()
    for window in (asha, elsewhere):
        window.window.check()


async def test_a_forgotten_password_is_replaced_by_a_link(
    browser: Browser, mailing: Server, mail_server: MailServer
) -> None:
    asha = await Visitor.at(browser, mailing.url)
    await asha.sign_up_with(mail_server)
    elsewhere = await Visitor.at(browser, mailing.url)
    await elsewhere.page.goto("/login")
    await elsewhere.page.get_by_role("link", name=say("auth.forgot")).click()
    await elsewhere.field("forms.email").fill(asha.email)
    await elsewhere.button("auth.sendLink").click()
    await elsewhere.says("auth.linkSent", email=asha.email)
    await mail_server.wait_for(2)
    link = link_in(mail_server)

    await elsewhere.page.goto(link)
    await elsewhere.field("forms.newPassword").fill(NEW_PASSWORD)
    with asha.window.outage():  # her session ends, and the browser logs that the server says so
        await elsewhere.button("auth.savePassword").click()
        await elsewhere.is_at("auth.resetDoneTitle")
        # every session is over, this second
        await expect(asha.field("auth.identifier")).to_be_visible(timeout=SOON)
    await elsewhere.page.get_by_role("link", name=say("auth.signIn")).click()
    await elsewhere.field("auth.identifier").fill(asha.username)
    await elsewhere.field("forms.password").fill(NEW_PASSWORD)
    await elsewhere.button("auth.signIn").click()
    await elsewhere.is_in()

    with elsewhere.window.outage():  # the browser logs the answer of 400
        await elsewhere.page.goto(link)
        await elsewhere.field("forms.newPassword").fill("mangoes-and-more-mangoes")
        await elsewhere.button("auth.savePassword").click()
        await elsewhere.says("problems.invalid_link")
    elsewhere.window.check()


async def test_a_passkey_signs_in_by_its_button_and_from_the_list_under_the_name(
    browser: Browser, server: Server
) -> None:
    asha = await Visitor.at(browser, at_localhost(server))
    ring = await KeyRing.of(asha.page)
    await asha.sign_up()
    await asha.open_settings("security")
    await asha.button("security.addPasskey").click()
    await asha.button("common.continue").click()
    await expect(asha.page.get_by_role("list", name=say("security.passkeys"))).to_be_visible(timeout=SOON)
    assert len(await ring.passkeys()) == 1

    await ring.answers(yes=False)
    await asha.sign_out()
    # What waits already is not asked again. On a new page Chromium's virtual owner chooses what the list under the
    # field offers: nobody presses anything.
    await ring.answers(yes=True)
    await asha.page.goto("/login")
    await asha.is_in()

    await ring.answers(yes=False)
    await asha.sign_out()
    # Where the browser offers nothing under the field, there is the button; else the list may be faster than the press.
    await asha.page.add_init_script("PublicKeyCredential.isConditionalMediationAvailable = async () => false")
    await ring.answers(yes=True)
    await asha.page.goto("/login")
    await asha.button("auth.byPasskey").click()
    await asha.is_in()
    asha.window.check()


async def test_a_second_factor_is_asked_for_and_a_recovery_code_stands_in(browser: Browser, server: Server) -> None:
    asha = await Visitor.at(browser, server.url)
    await asha.sign_up()
    app, codes = await asha.turn_app_on()
    assert len(codes) == 10
    await asha.sign_out()

    with asha.window.outage():  # the browser logs every answer of 401
        await asha.field("auth.identifier").fill(asha.username)
        await asha.field("forms.password").fill(PASSWORD)
        await asha.button("auth.signIn").click()
        await asha.is_at("auth.secondFactorTitle")
        await asha.field("auth.codeOfApp").fill("000000")
        await asha.button("auth.signIn").click()
        await asha.says("problems.invalid_code")
        await asha.field("auth.codeOfApp").fill(_next(app))
        await asha.button("auth.signIn").click()
        await asha.is_in()
        await asha.sign_out()

        await asha.field("auth.identifier").fill(asha.username)
        await asha.field("forms.password").fill(PASSWORD)
        await asha.button("auth.signIn").click()
        await asha.button("auth.useRecoveryCode").click()
        await asha.field("auth.recoveryCode").fill(codes[3])
        await asha.button("auth.signIn").click()
        await asha.is_in()
    await asha.open_settings("security")
    await asha.says("security.codesLeft", count=9)
    asha.window.check()


def _next(app: pyotp.TOTP) -> str:
    """A code that was not used yet: the one of the next half minute is taken, too, because clocks differ."""
    return app.at(int(time.time()), counter_offset=1)
