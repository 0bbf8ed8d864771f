"""A new version of the app: it is fetched beside the one that runs, waits for the person, and takes all tabs along."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from scripts import client
from tests.e2e.messenger import SOON, Messenger
from tests.e2e.test_offline import READY
from tests.harness.server import ROOT, Server

#: `batiyoun serve` with a web app that the test can replace, as an installation of a new version does.
SERVE = """
import sys
from pathlib import Path
sys.path[0] = {root!r}
from batiyoun.web import app
app.create_web.__kwdefaults__["client_dir"] = Path({static!r})
from batiyoun.cli import main
main()
"""
LOOK = "async () => { await (await navigator.serviceWorker.ready).update(); }"
VERSION = "document.querySelector('meta[name=version]')?.content ?? 'first'"


class Deployment:
    """A server whose web app can be replaced by that of another version."""

    def __init__(self, folder: Path) -> None:
        self.static = folder / "static"
        shutil.copytree(client.STATIC, self.static)
        self.server = Server(
            folder, [sys.executable, "-c", SERVE.format(root=str(ROOT), static=str(self.static)), "serve"]
        )

    def build(self, version: str) -> None:
        """Replace the app by one whose page names this version; the steps behind `vite build` are the real ones."""
        page = self.static / "index.html"
        page.write_text(page.read_text().replace("<head>", f'<head><meta name="version" content="{version}">', 1))
        node = client.ensure_node()
        for step in ("worker", "precompress"):
            command = [node.executable, f"scripts/{step}.mjs", str(self.static)]
            subprocess.run(command, cwd=ROOT / "client", check=True, capture_output=True)


@pytest.fixture
async def deployment(tmp_path: Path) -> AsyncIterator[Deployment]:
    made = Deployment(tmp_path)
    made.server.start()
    try:
        yield made
    finally:
        made.server.kill()


async def _offers_the_update(page: Page) -> None:
    await expect(page.locator("[data-notice=update]")).to_be_visible(timeout=SOON)


async def test_every_tab_keeps_its_draft_and_gets_the_new_version(browser: Browser, deployment: Deployment) -> None:
    asha = await Messenger.newcomer(browser, deployment.server.url, "asha", "Asha Devi")
    bala = await Messenger.newcomer(browser, deployment.server.url, "bala", "Bala Kumar")
    await asha.begin_chat_with(bala)
    await asha.write("hello")
    await asha.page.evaluate(READY)
    first = asha.page
    second = await asha.window.context.new_page()
    asha.window.watch(second)
    await second.goto(first.url)
    await expect(second.locator("[data-bubble]")).to_have_count(1, timeout=SOON)
    assert await second.evaluate(VERSION) == "first"

    deployment.build("second")
    await first.evaluate(LOOK)
    await _offers_the_update(first)
    await _offers_the_update(second)
    # until somebody says so, both run what they were loaded with, a reload included
    await second.reload()
    await _offers_the_update(second)
    assert await second.evaluate(VERSION) == "first"

    asha.window.page = second
    await asha.composer.fill("half a sentence")
    asha.window.page = first
    await asha.button("common.reload").click()
    for page in (first, second):
        await page.wait_for_function(f"() => ({VERSION}) === 'second'", timeout=SOON)
        asha.window.page = page
        await expect(asha.composer).to_have_value("half a sentence", timeout=SOON)
        await expect(page.locator("[data-notice=update]")).to_have_count(0)
        await asha.sees("hello")
    asha.window.check()


async def test_a_version_that_cannot_be_fetched_whole_changes_nothing(browser: Browser, deployment: Deployment) -> None:
    asha = await Messenger.newcomer(browser, deployment.server.url, "asha", "Asha Devi")
    await asha.page.evaluate(READY)
    (deployment.static / "theme.js").write_text("// another one, which is then gone")
    deployment.build("broken")
    (deployment.static / "theme.js").unlink()
    with asha.window.outage():
        await asha.page.evaluate(LOOK)
        await asha.page.wait_for_function("async () => !(await navigator.serviceWorker.ready).installing", timeout=SOON)
        await asha.page.reload()
        await asha.is_in()
    assert await asha.page.evaluate(VERSION) == "first"
    assert await asha.page.locator("[data-notice=update]").count() == 0
