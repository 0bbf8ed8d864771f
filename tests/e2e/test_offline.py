"""The app without a network, from the first byte on: its page, its code and everything that was said."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.e2e.conftest import Newcomer
from tests.e2e.messenger import SOON, Messenger
from tests.e2e.words import say
from tests.harness.proxy import Wire

#: Resolves when the service worker has everything that the app needs and answers this page.
READY = """
async () => {
  const registration = await navigator.serviceWorker.ready;
  const worker = registration.active;
  if (worker.state !== "activated") await new Promise((done) => worker.addEventListener("statechange", done));
  while (!navigator.serviceWorker.controller) await new Promise((done) => setTimeout(done, 20));
}
"""
CACHED = """
async () => {
  const urls = [];
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys()) urls.push(new URL(request.url).pathname);
  return urls;
}
"""
#: The first who asks for a database hears nothing.
SILENT_ONCE = """
const open = indexedDB.open.bind(indexedDB);
indexedDB.open = (...names) => {
  if (window.asked) return open(...names);
  window.asked = true;
  return new EventTarget();
};
"""
#: Notes the first row that the list ever shows, and presses it where the test wants that.
FIRST_ROW = """
window.first = null;
new MutationObserver(() => {
  const row = document.querySelector("nav li[data-index]");
  if (!row || window.first) return;
  const app = row.querySelector("[data-chat]") !== null;
  window.first = { app, text: row.innerText, online: row.querySelector("[data-now]") !== null };
  if (window.press) row.querySelector("a").click();
}).observe(document, { subtree: true, childList: true });
"""


async def pair(newcomer: Newcomer) -> tuple[Messenger, Messenger]:
    """Two people who have talked, the first one with an app that opens offline."""
    asha, bala = await newcomer("asha", "Asha Devi"), await newcomer("bala", "Bala Kumar")
    await asha.begin_chat_with(bala)
    await asha.write("first")
    await bala.open_chat("Asha Devi")
    await bala.write("second")
    await asha.sees("first", "second")
    await asha.page.evaluate(READY)
    return asha, bala


async def another_page(person: Messenger) -> Page:
    """A new tab of the person's browser, which is the person's from now on."""
    person.window.page = await person.window.context.new_page()
    person.window.watch(person.window.page)
    return person.window.page


async def test_a_cold_start_without_a_network_shows_everything(newcomer: Newcomer, wire: Wire) -> None:
    asha, bala = await pair(newcomer)
    with asha.window.outage(), bala.window.outage():
        await asha.page.close()
        wire.cut()
        await asha.window.context.set_offline(True)
        page = await another_page(asha)
        await page.goto("/")
        await asha.open_chat("Bala Kumar")
        await asha.sees("first", "second")
        await asha.says("app.offline")
        await page.goto("/settings")
        await asha.says("settings.privacy")
        await asha.window.context.set_offline(False)
        wire.mend()
        await expect(page.locator("[data-notice]")).to_have_count(0, timeout=SOON)
        await expect(bala.page.locator("[data-notice]")).to_have_count(0, timeout=SOON)


async def test_a_chat_opens_by_its_address_without_a_network(newcomer: Newcomer, wire: Wire) -> None:
    asha, bala = await pair(newcomer)
    with asha.window.outage(), bala.window.outage():
        wire.cut()
        await asha.page.reload()
        await asha.sees("first", "second")
        await asha.write("from the tunnel")
        await asha.sees_state("from the tunnel", "queued")
        await asha.page.reload()
        await asha.sees_state("from the tunnel", "queued")
        wire.mend()
        await asha.sees_state("from the tunnel", "read")


async def test_a_session_that_is_over_shows_what_is_here_and_asks_to_sign_in(newcomer: Newcomer) -> None:
    """The server is asked who we are after everything is on the screen, and its "nobody" takes nothing away."""
    asha, _ = await pair(newcomer)
    with asha.window.outage():
        await asha.window.context.clear_cookies()
        await asha.page.reload()
        await asha.sees("first", "second")
        await asha.says("app.expired")
        await asha.write("waits for me")
        await asha.sees_state("waits for me", "queued")


async def test_the_browser_finds_nothing_that_forbids_installing(newcomer: Newcomer) -> None:
    asha, _ = await pair(newcomer)
    session = await asha.window.context.new_cdp_session(asha.page)
    manifest = await session.send("Page.getAppManifest")
    assert manifest["errors"] == []
    found = await session.send("Page.getInstallabilityErrors")
    # the windows of tests are private ones, and nothing is installed from those
    assert [each["errorId"] for each in found["installabilityErrors"] if each["errorId"] != "in-incognito"] == []


async def test_a_start_shows_the_list_before_the_app_is_there(newcomer: Newcomer) -> None:
    asha, _ = await pair(newcomer)
    await expect(asha.row("Bala Kumar")).to_contain_text("second", timeout=SOON)
    await asha.page.add_init_script(FIRST_ROW)
    # it is kept a moment after the list was drawn
    for _ in range(10):
        await asha.page.goto("/")
        await expect(asha.row("Bala Kumar")).to_be_visible(timeout=SOON)
        await asha.page.wait_for_timeout(1_000)
        first = await asha.page.evaluate("() => window.first")
        now = await asha.row("Bala Kumar").locator("xpath=..").inner_text()
        now = now.replace(f"({say('chats.online')})\n", "")
        if not first["app"] and first["text"] == now:
            break
    assert (first["app"], first["text"]) == (False, now)
    assert not first["online"], "who is here now nobody knows before the app does"
    await asha.page.add_init_script("window.press = true")
    await asha.page.goto("/")
    await asha.is_with("Bala Kumar")
    assert not (await asha.page.evaluate("() => window.first"))["app"]
    await asha.sees("first", "second")
    await asha.page.go_back()
    await expect(asha.row("Bala Kumar")).to_be_visible(timeout=SOON)


async def test_a_database_that_does_not_answer_does_not_keep_the_app_from_beginning(newcomer: Newcomer) -> None:
    asha, _ = await pair(newcomer)
    await asha.page.add_init_script(SILENT_ONCE)
    await asha.page.goto("/")
    await expect(asha.row("Bala Kumar")).to_be_visible(timeout=SOON)
    assert await asha.page.evaluate("() => window.asked"), "what is asked before the app is asked first"


async def test_nothing_that_people_said_is_in_the_cache(newcomer: Newcomer) -> None:
    asha, _ = await pair(newcomer)
    cached: list[str] = await asha.page.evaluate(CACHED)
    assert "/index.html" in cached
    strangers = [path for path in cached if not path.startswith("/assets/")]
    assert sorted(strangers) == ["/favicon.svg", "/first.js", "/index.html", "/theme.js"]


async def test_the_worker_leaves_the_server_its_addresses(newcomer: Newcomer) -> None:
    asha, _ = await pair(newcomer)
    page = await asha.window.context.new_page()
    for path in ("/api/auth/verify-me", "/health/ready"):
        answer = await page.goto(path)
        assert answer is not None
        assert "json" in answer.headers["content-type"]
        assert not answer.from_service_worker
    answer = await page.goto("/no/such/page")
    assert answer is not None
    assert answer.from_service_worker
    # the page from the cache is under the policy that the server gave it
    assert "trusted-types" in answer.headers["content-security-policy"]
