"""From the key that sends to the mark that says the server has it: two people, a real server, a chat of one's own app.

The other person's app is open, too, and opens what comes, on the same machine. The clock is the page's: it starts when
the page hears the key and ends when the message's mark changes, so the browser's own drawing counts.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from dataclasses import dataclass

from playwright.async_api import Browser, Page

from benchmarks.machine import disk
from benchmarks.servers.process import free_port, process
from scripts import client

MESSAGES = 60
#: what a page has to do once before it is as quick as it stays
WARM_UP = 10
PASSWORD = "mango-lassi-at-the-ghat"
ENVIRONMENT = {
    "BATIYOUN_HOST": "127.0.0.1",
    "BATIYOUN_RATE_LIMITS": "off",
    "BATIYOUN_PASSWORD_COST": "4",
    "BATIYOUN_ALLOW_PLAINTEXT": "on",
    "BATIYOUN_LOG_LEVEL": "warning",
}
#: Resolves with how many milliseconds pass between the next Enter and that message being on the server.
TAP = """text => new Promise(resolve => {
  let began = 0;
  addEventListener("keydown", () => { began = performance.now(); }, { capture: true, once: true });
  const look = () => {
    const bubble = [...document.querySelectorAll("[data-bubble]")].find(each => each.textContent.includes(text));
    const state = bubble?.querySelector("[data-message-state]")?.getAttribute("data-message-state");
    if (!state || state === "queued") return;
    watch.disconnect();
    resolve(performance.now() - began);
  };
  const watch = new MutationObserver(look);
  watch.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
})"""


@dataclass(frozen=True, slots=True)
class Posting:
    """Seconds from tap to posted: the middle, nineteen of twenty, and the worst."""

    median: float
    p95: float
    worst: float


async def tap_to_posted(browser: Browser, *, encrypted: bool) -> Posting:
    """What it takes in a direct chat. The client is built first when its sources have changed."""
    client.ensure_built()
    with tempfile.TemporaryDirectory(prefix="bench-posting-", dir=disk()) as folder:
        port = free_port()
        encryption = "on" if encrypted else "off"
        environment = {
            **ENVIRONMENT,
            "BATIYOUN_DATA_DIR": folder,
            "BATIYOUN_PORT": str(port),
            "BATIYOUN_ENCRYPTION": encryption,
        }
        with process([sys.executable, "-m", "batiyoun", "serve"], port, environment):
            url = f"http://127.0.0.1:{port}"
            asha = await _newcomer(browser, url, "asha", "Asha Devi")
            bala = await _newcomer(browser, url, "bala", "Bala Kumar")
            taken = await _talk(asha)
            for page in (asha, bala):
                await page.context.close()
    ordered = sorted(taken)
    return Posting(statistics.median(ordered), ordered[round(len(ordered) * 0.95) - 1], ordered[-1])


async def _newcomer(browser: Browser, url: str, username: str, name: str) -> Page:
    """The list of chats of somebody who has just signed up."""
    context = await browser.new_context(base_url=url, locale="en-GB")
    page = await context.new_page()
    wish = {"email": f"{username}@example.org", "username": username, "displayName": name, "password": PASSWORD}
    answer = await page.request.post("/api/auth/signup", data=wish, headers={"Origin": url})
    if not answer.ok:
        raise RuntimeError(await answer.text())
    await page.goto("/")
    await page.get_by_role("navigation", name="Chats", exact=True).wait_for()
    return page


async def _talk(page: Page) -> list[float]:
    """Seconds of each message to the other person, once all is warm."""
    await page.goto("/new")
    await page.get_by_role("textbox", name="Search people by name or username").fill("bala")
    await page.get_by_role("button", name="Bala Kumar").first.click()
    composer = page.locator("textarea")
    taken = []
    for count in range(WARM_UP + MESSAGES):
        text = f"number {count:03} of them"
        await composer.fill(text)
        await page.evaluate(f"text => {{ window.taken = ({TAP})(text); }}", text)
        await composer.press("Enter")
        milliseconds = await page.evaluate("() => window.taken")
        if count >= WARM_UP:
            taken.append(milliseconds / 1000)
    return taken
