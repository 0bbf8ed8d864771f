"""What Lighthouse says, as on a phone: of the first screen that anybody sees, and of the list of chats.

The profile is that of somebody who comes back; for the first screen nothing is kept. Lighthouse slows the network and
the processor down by itself.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Playwright

from benchmarks.app.scene import ARGUMENTS, CHAT, ENVIRONMENT, READY, Scene, peopled, sign_in
from benchmarks.machine import disk
from benchmarks.servers.process import free_port, process
from scripts import browser, client

HERE = Path(__file__).parent
CATEGORIES = ("performance", "accessibility", "best-practices")
#: Resolves when the first start is over: the browser has made its keys.
HAS_KEYS = """async () => {
  const left = async () => (await (await fetch("/api/keys/packages")).json()).left;
  while (!(await left())) await new Promise(done => setTimeout(done, 200));
}"""
#: kinds of audits that give points
SCORED = {"binary", "numeric", "metricSavings"}


@dataclass(frozen=True, slots=True)
class Judgement:
    """Points of a hundred by category, and of each category what cost points."""

    points: dict[str, int]
    lost: dict[str, list[str]]


async def judged(playwright: Playwright) -> dict[str, Judgement]:
    """The judgement on each screen."""
    with tempfile.TemporaryDirectory(prefix="bench-light-", dir=disk()) as folder:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        environment = {**ENVIRONMENT, "BATIYOUN_DATA_DIR": f"{folder}/data", "BATIYOUN_PORT": str(port)}
        with process([sys.executable, "-m", "batiyoun", "serve"], port, environment):
            me, _, chats = await peopled(url)
            scene = Scene(Path(folder, "profile"), url, chats[0], chats[1:])
            first = _judge(f"{url}/login", [], Path(folder, "first.json"))
            async with scene.opened(playwright, offline=False) as context:
                page = context.pages[0]
                await sign_in(page, me)
                await page.locator(CHAT).first.wait_for()
                await page.evaluate(READY)
                await page.evaluate(HAS_KEYS)
                await page.wait_for_load_state("networkidle")
            kept = ["--disable-storage-reset", f"--user-data-dir={scene.profile}"]
            return {"sign in": first, "chats": _judge(f"{url}/", kept, Path(folder, "chats.json"))}


def _judge(url: str, kept: list[str], report: Path) -> Judgement:
    node = client.ensure_node()
    client.install(node, HERE)
    flags = [*ARGUMENTS, "--headless=new", *(each for each in kept if each.startswith("--user-data-dir"))]
    command = [
        *(node.executable, str(HERE / "node_modules" / "lighthouse" / "cli" / "index.js"), url),
        *("--output=json", f"--output-path={report}", "--quiet", "--no-enable-error-reporting"),
        *(f"--only-categories={','.join(CATEGORIES)}", f"--chrome-flags={' '.join(flags)}"),
        *(each for each in kept if not each.startswith("--user-data-dir")),
    ]
    environment = {**node.environment(), "CHROME_PATH": browser.ensure(), "HOME": os.environ.get("HOME", "/")}
    subprocess.run(command, check=True, env=environment, cwd=report.parent)
    told = json.loads(report.read_text())
    points, lost = {}, {}
    for name, category in told["categories"].items():
        points[name] = round(100 * category["score"])
        audits = (told["audits"][each["id"]] for each in category["auditRefs"] if each["weight"])
        lost[name] = [
            audit["title"] for audit in audits if (audit["score"] or 0) < 1 and audit["scoreDisplayMode"] in SCORED
        ]
    return Judgement(points, lost)
