"""The screens of accounts, for the pictures of `screenshots.py`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from playwright.async_api import Page, expect

from tests.e2e.messenger import SOON, Messenger
from tests.e2e.newcomers import Visitor
from tests.e2e.words import say
from tests.harness.browser import Window


class Camera(Protocol):
    """Somebody's window, and what takes its pictures."""

    asha: Messenger

    async def go(self, path: str) -> None:
        """Open a page of the app."""
        ...

    async def shoot(self, screen: str) -> object:
        """Take the picture once nothing is loading any more."""
        ...


async def at_the_door(camera: Camera) -> None:
    """What somebody sees who is not signed in."""
    asha = camera.asha
    await camera.go("/login")
    await asha.button("auth.byCode").click()
    await asha.is_at("auth.codeAddressTitle")
    await camera.shoot("21-sign-in-by-code")
    await asha.field("forms.email").fill("asha@example.org")
    await asha.button("forms.sendCode").click()
    await asha.is_at("auth.codeTitle")
    await asha.field("forms.code").fill("2718")
    await camera.shoot("22-code")
    await camera.go("/forgot-password")
    await asha.field("forms.email").fill("asha@example.org")
    await asha.button("auth.sendLink").click()
    await asha.says("auth.linkSent", email="asha@example.org")
    await camera.shoot("23-link-sent")
    await camera.go("/reset-password#token")
    await asha.field("forms.newPassword").fill("password1")
    await expect(asha.page.locator("[aria-invalid]")).to_be_visible(timeout=SOON)
    await camera.shoot("24-weak-password")


async def signing_up(camera: Camera) -> None:
    """The steps of signing up, as somebody else."""
    asha = camera.asha
    await camera.go("/signup")
    await asha.is_at("auth.addressTitle")
    await asha.field("forms.email").fill("gita@example.org")
    await asha.button("common.continue").click()
    await asha.is_at("auth.nameTitle")
    await asha.field("forms.displayName").fill("Gita")
    await asha.field("forms.username").fill("gita")
    await asha.says("forms.usernameFree", username="gita")
    await camera.shoot("25-sign-up-name")
    await asha.button("common.continue").click()
    await asha.is_at("auth.secretTitle")
    await camera.shoot("26-sign-up-secret")


async def account(camera: Camera) -> None:
    """One's own account."""
    asha = camera.asha
    for number, page in enumerate(["account", "security", "sessions", "activity", "invitations"], 27):
        await camera.go(f"/settings/{page}")
        await expect(asha.page.locator("[role=status] .animate-breathe")).to_have_count(0)
        await camera.shoot(f"{number}-{page}")
    await camera.go("/settings/invitations")
    await asha.button("invites.make").click()
    await camera.shoot("32-new-invitation")
    await asha.button("invites.makeNow").click()
    link = asha.page.locator("[data-secret]")
    await expect(link).to_be_visible()
    await camera.shoot("33-invitation")
    await _follow(camera, await link.inner_text())


async def windows(camera: Camera) -> None:
    """What opens over the pages."""
    asha = camera.asha
    await camera.go("/settings")
    await asha.button("settings.changePicture").click()
    await camera.shoot("35-picture")
    await camera.go("/settings/account")
    await asha.button("account.deleteNow").click()
    await camera.shoot("36-delete-account")
    await camera.go("/settings/tokens")
    await asha.button("devices.newToken").click()
    await asha.field("devices.tokenName").fill("Weather bot")
    await camera.shoot("37-new-token")
    await camera.go("/settings/security")
    await asha.button("security.turnOn").click()
    await expect(asha.page.get_by_role("dialog", name=say("security.setupTitle"))).to_be_visible()
    await camera.shoot("38-authenticator-app")
    with asha.window.outage():
        await _recovery_codes(camera)


async def _recovery_codes(camera: Camera) -> None:
    """Turns the app on, and off again: the next steps sign in without."""
    asha = camera.asha
    person = Visitor(asha.window, asha.username, asha.name)
    await person.begin_app()
    await expect(asha.page.get_by_role("dialog", name=say("security.codesTitle"))).to_be_visible()
    await camera.shoot("39-recovery-codes")
    await asha.button("security.codesKept").click()
    await asha.button("security.turnOff").click()
    question = asha.page.get_by_role("alertdialog")
    await question.get_by_role("button", name=say("security.turnOff"), exact=True).click()
    await expect(asha.button("security.turnOn")).to_be_visible(timeout=SOON)


async def another(page: Page, url: str) -> Window:
    """A window that looks like this one, of another browser."""
    browser = page.context.browser
    size = page.viewport_size
    assert browser is not None
    assert size is not None
    dark = await page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    return await Window.open(browser, url, width=size["width"], height=size["height"], dark=dark)


async def _follow(camera: Camera, link: str) -> None:
    """As somebody who was sent the link."""
    asha = camera.asha
    window = await another(asha.page, link.split("/invite/", maxsplit=1)[0])
    guest = Messenger(window, "guest", "Guest")
    await window.page.goto(link)
    await guest.is_at("invites.invitedBy", name=asha.name)
    camera.asha = guest
    await camera.shoot("34-invited")
    camera.asha = asha
    window.check()
    await window.context.close()


async def in_hindi(camera: Camera) -> None:
    """Some of them in Hindi, which was chosen before."""
    for number, page in enumerate(["security", "sessions", "account"], 40):
        await camera.go(f"/settings/{page}")
        await expect(camera.asha.page.locator("[role=status] .animate-breathe")).to_have_count(0)
        await camera.shoot(f"{number}-hindi-{page}")


STRANGER: list[Callable[[Camera], Awaitable[None]]] = [at_the_door, signing_up]
MEMBER: list[Callable[[Camera], Awaitable[None]]] = [account, windows]
