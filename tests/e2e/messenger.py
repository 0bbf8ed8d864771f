"""The app as a person uses it: found by role and name, as a screen reader finds it."""

from __future__ import annotations

import asyncio
import re
import time
from urllib.parse import urlsplit

from playwright.async_api import Browser, Locator, Page, expect

from tests.e2e.words import say
from tests.harness.browser import Window
from tests.harness.people import PASSWORD

#: From key press to the other screen, with everything cold and a machine that does other things, in milliseconds.
SOON = 20_000
#: What one's own message says as soon as the server has it; somebody may have it from there already.
POSTED = re.compile("sent|delivered|read")


#: What the form leaves in the browser (`core/session.ts`): whose it is. Else the app takes what is missing for lost.
KNOWN_HERE = """
(user) => new Promise((resolve, reject) => {
  const opening = indexedDB.open("batiyoun", 10);
  opening.onerror = () => reject(opening.error);
  opening.onupgradeneeded = () => opening.result.createObjectStore("sessions", { keyPath: "key" });
  opening.onsuccess = () => {
    const writing = opening.result.transaction("sessions", "readwrite");
    const me = { ...user, createdAt: Date.parse(user.createdAt) };
    writing.objectStore("sessions").put({ key: "session", me, expired: false, reason: "none", busyUntil: 0 });
    writing.oncomplete = () => {
      opening.result.close();
      resolve();
    };
  };
})
"""


class Messenger:
    """One person in one window."""

    def __init__(self, window: Window, username: str, name: str) -> None:
        self.window = window
        self.username = username
        self.name = name

    @classmethod
    async def newcomer(cls, browser: Browser, url: str, username: str, name: str) -> Messenger:
        """Somebody who has just signed up."""
        person = cls(await Window.open(browser, url), username, name)
        await person.sign_up()
        return person

    @property
    def email(self) -> str:
        """Where the person's letters go."""
        return f"{self.username}@example.org"

    @property
    def page(self) -> Page:
        """The page of the window."""
        return self.window.page

    # ── in and out ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def sign_up(self) -> None:
        """Have a new account, as the form makes one, without its steps; ends in the list of chats."""
        wish = {"email": self.email, "username": self.username, "displayName": self.name, "password": PASSWORD}
        server = urlsplit((await self.page.request.get("/health/live")).url)
        origin = f"{server.scheme}://{server.netloc}"
        answer = await self.page.request.post("/api/auth/signup", data=wish, headers={"Origin": origin})
        assert answer.ok, await answer.text()
        await self._leave_behind((await answer.json())["user"])
        await self.page.goto("/")
        await self.is_in()
        await self._has_keys()

    async def _has_keys(self) -> None:
        """Wait until others can let this browser into encrypted chats: what they say before is not for it."""
        options = await (await self.page.request.get("/api/auth/options")).json()
        deadline = time.monotonic() + SOON / 1_000
        while options["encryption"] == "mls":
            answer = await self.page.request.get("/api/keys/packages")
            if answer.ok and (await answer.json())["left"] > 0:
                break
            assert time.monotonic() < deadline, "the browser has made no keys"
            await asyncio.sleep(0.1)

    async def _leave_behind(self, user: dict[str, object]) -> None:
        """Tell the browser whose it is, on a page of that origin that is not the app's: that would look itself."""
        empty = "<!doctype html><link rel=icon href=data:,>"
        await self.page.route("**/empty", lambda route: route.fulfill(content_type="text/html", body=empty))
        await self.page.goto("/empty")
        await self.page.evaluate(KNOWN_HERE, user)
        await self.page.unroute("**/empty")

    async def sign_up_by_form(self) -> None:
        """Walk through the steps for a new account, where no address needs to be proved; ends in the list of chats."""
        await self.page.goto("/signup")
        await self.give_address()
        await self.give_name()
        await self.give_password()
        await self.is_in()

    async def give_address(self) -> None:
        """The first step of signing up."""
        await self.is_at("auth.addressTitle")
        await self.field("forms.email").fill(self.email)
        await self.button("common.continue").click()

    async def give_name(self) -> None:
        """The step with the names."""
        await self.is_at("auth.nameTitle")
        await self.field("forms.displayName").fill(self.name)
        await self.field("forms.username").fill(self.username)
        await self.button("common.continue").click()

    async def give_password(self) -> None:
        """The last step."""
        await self.is_at("auth.secretTitle")
        await self.field("forms.newPassword").fill(PASSWORD)
        await self.button("auth.signUp").click()

    async def is_at(self, key: str, **values: str | int) -> None:
        """Wait until the page of that title is there."""
        title = self.page.get_by_role("heading", name=say(key, **values), exact=True)
        await expect(title).to_be_visible(timeout=SOON)

    async def sign_in(self) -> None:
        """Fill in the form of an existing account; ends in the list of chats."""
        await self.page.goto("/login")
        await self.field("auth.identifier").fill(self.username)
        await self.field("forms.password").fill(PASSWORD)
        await self.button("auth.signIn").click()
        await self.is_in()

    async def sign_out(self) -> None:
        """Leave through the settings; ends in the form to sign in."""
        await self.page.goto("/settings")
        await self.button("settings.signOut").click()
        dialog = self.page.get_by_role("alertdialog", name=say("settings.signOutTitle"))
        await dialog.get_by_role("button", name=say("settings.signOut")).click()
        await expect(self.field("auth.identifier")).to_be_visible()

    async def is_in(self) -> None:
        """Wait until the list of chats is there."""
        await expect(self.page.get_by_role("navigation", name=say("chats.title"))).to_be_visible(timeout=SOON)

    # ── chats ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def begin_chat_with(self, other: Messenger) -> None:
        """Search the person by username and open the chat."""
        await self.page.goto("/new")
        await self.page.get_by_role("textbox", name=say("people.search")).fill(other.username)
        await self.page.get_by_role("button", name=other.name).first.click()
        await self.is_with(other.name)

    async def begin_group(self, name: str, *others: Messenger) -> None:
        """Make a group of these people and open it."""
        await self.page.goto("/new/group")
        await self.field("people.groupName").fill(name)
        for other in others:
            await self.page.get_by_role("textbox", name=say("people.search")).fill(other.username)
            box = self.page.get_by_role("checkbox", name=other.name)
            await self.page.locator("label").filter(has=box).click()
        await self.button("people.create").click()
        await self.is_with(name)

    async def open_chat(self, name: str) -> None:
        """Choose a chat in the list."""
        await self.row(name).click()
        await self.is_with(name)

    async def is_with(self, name: str) -> None:
        """Wait until the conversation of that name is open."""
        await expect(self.page.get_by_role("heading", level=1, name=name)).to_be_visible(timeout=SOON)

    def row(self, name: str) -> Locator:
        """The chat's row in the list."""
        rows = self.page.get_by_role("list", name=say("chats.list"))
        return rows.get_by_role("link", name=name)

    async def has_unread(self, name: str, count: int) -> None:
        """Wait until the chat's row says that many unread messages; 0: none."""
        badge = self.row(name).get_by_text(say("chats.unread", count=count), exact=True)
        if count:
            await expect(badge).to_be_attached(timeout=SOON)
        else:
            await expect(self.row(name).get_by_text(re.compile("unread"))).to_have_count(0, timeout=SOON)

    # ── the open conversation ─────────────────────────────────────────────────────────────────────────────────────────

    @property
    def composer(self) -> Locator:
        """Where one writes."""
        return self.page.get_by_role("textbox", name=say("conversation.composer"), exact=True)

    @property
    def bubbles(self) -> Locator:
        """The messages on the screen, in order."""
        return self.page.get_by_role("region", name=say("conversation.messages")).locator("[data-bubble]")

    def bubble(self, text: str) -> Locator:
        """The message with exactly this text."""
        return self.bubbles.filter(has=self.page.get_by_text(text, exact=True))

    async def write(self, text: str) -> None:
        """Send a message with the Enter key; it is kept once the field is empty."""
        await self.composer.fill(text)
        await self.composer.press("Enter")
        await expect(self.composer).to_have_value("", timeout=SOON)

    async def sees(self, *texts: str) -> None:
        """Wait until each text is on the screen, once."""
        for text in texts:
            await expect(self.bubble(text)).to_have_count(1, timeout=SOON)

    async def sees_state(self, text: str, state: str) -> None:
        """Wait until one's own message is marked `queued`, `sent`, `delivered` or `read`, in words too."""
        mark = self.bubble(text).locator("[data-message-state]")
        await expect(mark).to_have_attribute("data-message-state", state, timeout=SOON)
        await expect(mark).to_have_text(say(f"conversation.{state}"))

    async def sees_posted(self, text: str) -> None:
        """Wait until the server has one's own message, whether somebody has it from there by now or not."""
        mark = self.bubble(text).locator("[data-message-state]")
        await expect(mark).to_have_attribute("data-message-state", POSTED, timeout=SOON)

    async def sees_status(self, text: str) -> None:
        """Wait until the header of the conversation says so (typing, online)."""
        await expect(self.page.get_by_role("main").get_by_text(text, exact=True).first).to_be_visible(timeout=SOON)

    async def texts(self) -> list[str]:
        """What the messages on the screen say, in order: what stands before the time of each."""
        texts: list[str] = await self.bubbles.evaluate_all(
            "all => all.map((one) => one.querySelector('time').parentElement.previousElementSibling.innerText)"
        )
        return texts

    # ── parts ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def field(self, key: str) -> Locator:
        """The field with that label."""
        return self.page.get_by_label(say(key), exact=True)

    def button(self, key: str) -> Locator:
        """The button with that name."""
        return self.page.get_by_role("button", name=say(key), exact=True)

    async def is_sealed(self) -> None:
        """Wait until the open chat says that only its people can read it."""
        await expect(self.page.get_by_role("img", name=say("conversation.locked")).first).to_be_visible(timeout=SOON)

    async def says(self, key: str, **values: str | int) -> None:
        """Wait until the sentence is on the screen."""
        await expect(self.page.get_by_text(say(key, **values)).first).to_be_visible(timeout=SOON)
