"""A real Chromium, and a person's window in it that remembers everything that went wrong."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Error, Page, async_playwright

from scripts import browser as installed

#: Nothing but the page under test may speak to the network or draw attention.
ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: Chromium's sandbox refuses to start as root.
SANDBOX = [] if os.geteuid() else ["--no-sandbox"]
#: What Chromium itself logs when the network is cut on purpose.
OUTAGE = ("Failed to load resource", "WebSocket connection to", "net::ERR_")
#: What a server may answer to a question that has this answer, too: whose the session is (when it is over), whether
#: they have keys, whether their other device has answered, whether a device has to prove itself, and which of two
#: devices that changed a group at once was first.
ANSWERS = (
    ("401", "/api/auth/verify-me"),
    ("404", "/api/keys/identity"),
    # whoever is signed out from elsewhere may just be asking for keys
    ("401", "/api/keys/identity"),
    ("404", "/api/keys/links/"),
    # a browser that signs in again proves that it still has its keys
    ("409", "/api/keys/devices/"),
    ("409", "/commits"),
)
REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  window.reportViolation(`${event.effectiveDirective} refused ${event.blockedURI} ${event.sample}`));
"""


class Window:
    """One browser profile with one page, and its complaints: console errors, exceptions, CSP violations."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self.context = context
        self.page = page
        self.complaints: list[str] = []
        self._outage = False

    @classmethod
    async def open(
        cls, browser: Browser, base_url: str, *, width: int = 1280, height: int = 800, dark: bool = False
    ) -> Window:
        """A window of its own profile: other windows share no cookie and no database with it."""
        context = await browser.new_context(
            base_url=base_url,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            has_touch=width < 600,
            is_mobile=width < 600,
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="Asia/Kolkata",
        )
        context.set_default_timeout(15_000)
        # Whatever is not in this list is refused, though Chromium grants the last one to everybody.
        granted = ["clipboard-read", "clipboard-write", "background-sync"]
        await context.grant_permissions(granted, origin=base_url)
        window = cls(context, await context.new_page())
        await context.expose_binding("reportViolation", lambda _, what: window.complaints.append(f"CSP: {what}"))
        await context.add_init_script(REPORT_VIOLATIONS)
        window.watch(window.page)
        return window

    def watch(self, page: Page) -> None:
        """Listen to a page's console and exceptions."""
        page.on("console", self._heard)
        page.on("pageerror", self._failed)

    def _heard(self, message: ConsoleMessage) -> None:
        expected = any(status in message.text and path in message.location["url"] for status, path in ANSWERS)
        expected = expected or (self._outage and any(each in message.text for each in OUTAGE))
        if message.type in {"error", "warning"} and not expected:
            self.complaints.append(f"console {message.type}: {message.text} ({message.location['url']})")

    def _failed(self, error: Error) -> None:
        self.complaints.append(f"exception: {error.message}")

    @contextmanager
    def outage(self) -> Iterator[None]:
        """While the network or the server is gone on purpose, the browser may say so."""
        self._outage = True
        try:
            yield
        finally:
            self._outage = False

    def check(self) -> None:
        """Fails with everything that the page complained about."""
        assert not self.complaints, "\n".join(self.complaints)


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """The browser, closed at the end."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=installed.ensure(), args=[*SANDBOX, *ARGUMENTS])
        try:
            yield browser
        finally:
            await browser.close()
