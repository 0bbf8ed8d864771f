"""A browser profile of somebody with many chats, one of them of many messages, whose network is gone.

The profile is made once, with a real server: the app signs in, fetches its chats, and its service worker keeps the app.
Then the server ends, and the messages are put into the local database by the app's own code (`page/main.ts`). Every
measurement starts a browser of its own on that profile.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import BrowserContext, Page, Playwright

from benchmarks.machine import disk
from benchmarks.servers.process import free_port, process
from scripts import browser, client

CHATS = 40
PASSWORD = "mango-lassi-at-the-ghat"
ENVIRONMENT = {
    "BATIYOUN_HOST": "127.0.0.1",
    "BATIYOUN_RATE_LIMITS": "off",
    "BATIYOUN_PASSWORD_COST": "4",
    "BATIYOUN_ALLOW_PLAINTEXT": "on",
    "BATIYOUN_LOG_LEVEL": "warning",
}
#: Chromium's sandbox refuses to start as root
ARGUMENTS = ["--disable-gpu", "--no-first-run", *([] if os.geteuid() else ["--no-sandbox"])]
#: a chat in the list, one that the app has drawn and not what comes before it, and a message of the open one
CHAT = "nav li[data-index]"
LIVE_CHAT = f"{CHAT} [data-chat]"
MESSAGE = "[data-bubble]"
#: Resolves when the service worker keeps the app and answers this page.
READY = """async () => {
  await navigator.serviceWorker.ready;
  while (navigator.serviceWorker.controller?.state !== "activated") await new Promise(done => setTimeout(done, 50));
}"""


@dataclass(frozen=True, slots=True)
class Scene:
    """Where the profile is, where the app was, and its chats: the one of many messages, and the others."""

    profile: Path
    url: str
    chat_id: str
    others: list[str]

    @asynccontextmanager
    async def opened(
        self, playwright: Playwright, *arguments: str, offline: bool = True
    ) -> AsyncIterator[BrowserContext]:
        """A browser that has just been started."""
        context = await playwright.chromium.launch_persistent_context(
            self.profile,
            executable_path=browser.ensure(),
            args=[*ARGUMENTS, *arguments],
            base_url=self.url,
            locale="en-GB",
            viewport={"width": 1280, "height": 800},
            offline=offline,
        )
        try:
            yield context
        finally:
            await context.close()


@asynccontextmanager
async def laid(playwright: Playwright, messages: int) -> AsyncIterator[Scene]:
    """The profile, with so many messages in one chat; the server is gone."""
    client.ensure_built()
    with tempfile.TemporaryDirectory(prefix="bench-app-", dir=disk()) as folder, _filler() as filler:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        environment = {**ENVIRONMENT, "BATIYOUN_DATA_DIR": f"{folder}/data", "BATIYOUN_PORT": str(port)}
        with process([sys.executable, "-m", "batiyoun", "serve"], port, environment):
            me, other, chats = await peopled(url)
            scene = Scene(Path(folder, "profile"), url, chats[0], chats[1:])
            async with scene.opened(playwright, offline=False) as context:
                page = context.pages[0]
                await sign_in(page, me)
                await page.locator(CHAT).first.wait_for()
                await page.evaluate(READY)
                await page.goto(f"/c/{scene.chat_id}")
                await page.locator(MESSAGE).first.wait_for()
                await context.set_offline(True)
                await page.evaluate(filler)
                wish = {"me": me.id, "other": other.id, "chatId": scene.chat_id, "messages": messages}
                there = await page.evaluate("wish => bench.fill(wish)", wish)
                if there < messages:
                    raise RuntimeError(f"only {there} of {messages} messages are in the database")
        yield scene


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account."""

    id: str
    username: str


async def sign_in(page: Page, person: Person) -> None:
    """By the form, so that the browser knows whose it is."""
    await page.goto("/login")
    await page.get_by_label("Username or e-mail").fill(person.username)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()


async def peopled(url: str) -> tuple[Person, Person, list[str]]:
    """Somebody, somebody else, and their chats, the first a direct one, each with a message."""
    people: list[Person] = []
    chats: list[str] = []
    async with httpx.AsyncClient(base_url=url, headers={"Origin": url}, trust_env=False) as http:

        async def asked(path: str, body: dict[str, Any], method: str = "POST") -> dict[str, Any]:
            answer = await http.request(method, path, json=body)
            answer.raise_for_status()
            read: dict[str, Any] = answer.json()
            return read

        for username, name in (("asha", "Asha Devi"), ("bala", "Bala Kumar")):
            http.cookies.clear()
            wish = {"email": f"{username}@example.org", "username": username, "displayName": name}
            user = (await asked("/api/auth/signup", {**wish, "password": PASSWORD}))["user"]
            people.append(Person(user["id"], username))
        me, other = people
        for number in range(CHATS):
            kind = {"type": "group", "name": f"Group {number}"} if number else {"type": "direct"}
            chat = await asked("/api/chats", {**kind, "participants": [me.id], "encryption": "none"})
            chats.append(chat["id"])
            said = {"content": f"The first in chat {number}", "encrypted": False, "type": "text"}
            await asked(f"/api/chats/{chat['id']}/messages/first", said, "PUT")
    return me, other, chats


@contextmanager
def _filler() -> Iterator[str]:
    """The script that fills the database, built from the client's sources as they are."""
    with tempfile.TemporaryDirectory(prefix="app-page-") as folder:
        node = client.ensure_node()
        client.install(node)
        command = [node.executable, "scripts/bench.mjs", "app", folder]
        subprocess.run(command, cwd=client.CLIENT, env=node.environment(), check=True, stderr=subprocess.DEVNULL)
        yield Path(folder, "bench.js").read_text()
