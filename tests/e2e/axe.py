"""What keeps people out of a screen, as axe-core finds it: contrast, names, roles, order."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from playwright.async_api import Page

from tests.harness.server import ROOT

SOURCE = ROOT / "client" / "node_modules" / "axe-core" / "axe.min.js"
#: WCAG 2.2 at levels A and AA, and what its authors call good practice
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TAGGED = {"type": "tag", "values": TAGS}
#: what another theme may change about a screen
COLOURS = {"type": "rule", "values": ["color-contrast"]}
RUN = """async (runOnly) => {
  const found = await axe.run(document, { runOnly, resultTypes: ["violations"] });
  return found.violations.map(({ id, help, nodes }) => ({
    id, help, where: nodes.map(({ html, failureSummary }) => `${html.slice(0, 200)} -- ${failureSummary}`),
  }));
}"""


@cache
def _source() -> str:
    return SOURCE.read_text()


async def violations(page: Page, rules: dict[str, Any] = TAGGED) -> list[dict[str, Any]]:
    """Everything that is wrong on the screen as it is now."""
    # through the debugger, because the page's own CSP lets no foreign script in
    await page.evaluate(f"{_source()}; null")
    found: list[dict[str, Any]] = await page.evaluate(RUN, rules)
    return found


async def check(page: Page, screen: str, *, without: str | None = None, rules: dict[str, Any] = TAGGED) -> None:
    """Fails with what is wrong on the screen; `without` names a rule that does not hold for it."""
    found = [each for each in await violations(page, rules) if each["id"] != without]
    assert not found, f"{screen}: {json.dumps(found, indent=2, ensure_ascii=False)}"
