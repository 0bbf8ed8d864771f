"""People at the door: what they read in their mail, hold in their hand and have on their key ring."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import Any, Self
from urllib.parse import urlsplit

import pyotp
from playwright.async_api import Browser, CDPSession, Locator, Page, expect

from tests.e2e.messenger import SOON, Messenger
from tests.e2e.words import say
from tests.harness.browser import Window
from tests.harness.mail import MailServer, text_of
from tests.harness.server import Server

#: What the virtual authenticator is: built in, it knows its owner, and answers without being touched.
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "hasPrf": True,
    "automaticPresenceSimulation": True,
}
#: in milliseconds, as the store keeps moments
OLD_PROOF = "UPDATE sessions SET proved_at = proved_at - 3600000"


def at_localhost(server: Server) -> str:
    """The server's address by name: passkeys work at names only."""
    return f"http://localhost:{server.port}"


class Visitor(Messenger):
    """Somebody who signs up and in by every way there is."""

    @classmethod
    async def at(
        cls, browser: Browser, url: str, username: str = "asha", name: str = "Asha Devi", **window: Any
    ) -> Self:
        """A window of their own, nobody signed in."""
        return cls(await Window.open(browser, url, **window), username, name)

    async def sign_up_with(self, mail: MailServer) -> None:
        """All steps where an address must be proved; ends in the list of chats."""
        before = len(mail.letters)
        await self.page.goto("/signup")
        await self.give_address()
        await self.is_at("auth.codeTitle")
        await mail.wait_for(before + 1)
        await self.give_code(mail.code())
        await self.give_name()
        await self.give_password()
        await self.is_in()

    async def give_code(self, code: str) -> None:
        """Write the six digits; they are sent by themselves."""
        await self.field("forms.code").fill(code)

    async def ask_for_code(self) -> None:
        """On the sign-in page: ask for a code by mail."""
        await self.page.goto("/login")
        await self.button("auth.byCode").click()
        await self.field("forms.email").fill(self.email)
        await self.button("forms.sendCode").click()
        await self.is_at("auth.codeTitle")

    async def open_settings(self, page: str) -> None:
        """One of the pages below the settings."""
        await self.page.goto(f"/settings/{page}")

    async def turn_app_on(self) -> tuple[pyotp.TOTP, list[str]]:
        """Set up an authenticator app; returns it and the recovery codes."""
        await self.open_settings("security")
        await self.button("security.turnOn").click()
        app = await self.begin_app()
        codes = self.page.get_by_role("dialog", name=say("security.codesTitle"))
        await expect(codes.get_by_role("listitem")).to_have_count(10, timeout=SOON)
        shown = await codes.get_by_role("listitem").all_inner_texts()
        await self.button("security.codesKept").click()
        await expect(self.button("security.turnOff")).to_be_visible(timeout=SOON)
        return app, [code.strip() for code in shown]

    async def begin_app(self) -> pyotp.TOTP:
        """In the open window: teach the app its key and show its first code."""
        dialog = self.page.get_by_role("dialog", name=say("security.setupTitle"))
        secret = re.sub(r"\s", "", await dialog.locator("[data-secret]").inner_text())
        app = pyotp.TOTP(secret)
        await dialog.get_by_label(say("security.codeOfApp")).fill(app.now())
        await dialog.get_by_role("button", name=say("security.turnOn")).click()
        return app

    def button_named(self, name: str) -> Locator:
        """The button with exactly that name, where the words have holes."""
        return self.page.get_by_role("button", name=name, exact=True)

    async def notices(self, key: str, **values: str | int) -> None:
        """Wait for a notice that something was done."""
        await expect(self.page.get_by_text(say(key, **values), exact=True).first).to_be_visible(timeout=SOON)


class KeyRing:
    """A virtual authenticator of Chromium, in one page."""

    def __init__(self, cdp: CDPSession, name: str) -> None:
        self._cdp = cdp
        self._name = name

    @classmethod
    async def of(cls, page: Page) -> Self:
        """Put one into the page's browser."""
        cdp = await page.context.new_cdp_session(page)
        await cdp.send("WebAuthn.enable", {"enableUI": False})
        made = await cdp.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        return cls(cdp, made["authenticatorId"])

    async def passkeys(self) -> list[dict[str, Any]]:
        """What it holds."""
        held = await self._cdp.send("WebAuthn.getCredentials", {"authenticatorId": self._name})
        found: list[dict[str, Any]] = held["credentials"]
        return found

    async def answers(self, *, yes: bool) -> None:
        """Whether its owner touches it when it is asked."""
        options = {"authenticatorId": self._name, "enabled": yes}
        await self._cdp.send("WebAuthn.setAutomaticPresenceSimulation", options)


def link_in(mail: MailServer) -> str:
    """The path and fragment of the link in the last letter."""
    found = re.search(r"https?://\S+#\S+", text_of(mail.letters[-1]))
    assert found, text_of(mail.letters[-1])
    parts = urlsplit(found[0])
    return f"{parts.path}#{parts.fragment}"


def let_proofs_grow_old(server: Server) -> None:
    """As if ten minutes had gone by since everybody proved who they are; restarts the server."""
    server.stop()
    with closing(sqlite3.connect(server.data_dir / "accounts.db")) as database:
        database.execute(OLD_PROOF)
        database.commit()
    server.start()
