"""Whether a long conversation scrolls at the screen's pace on a slow machine: the gaps between its pictures."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from playwright.async_api import Playwright

from benchmarks.app.scene import MESSAGE, Scene

#: as slow as this many times what the machine is (Chromium's own throttle)
THROTTLE = 4
#: pixels, and pixels a second: a determined hand on the wheel
DISTANCE = 24_000
SPEED = 3_000
#: Collects the gaps between pictures from now on.
FRAMES = """() => {
  window.gaps = [];
  let before = performance.now();
  const frame = now => { window.gaps.push(now - before); before = now; requestAnimationFrame(frame); };
  requestAnimationFrame(now => { before = now; requestAnimationFrame(frame); });
}"""


@dataclass(frozen=True, slots=True)
class Scrolling:
    """Pictures a second in the middle, the share of gaps of more than one picture, and the longest gap in seconds."""

    rate: float
    late: float
    longest: float


async def scroll(playwright: Playwright, scene: Scene, *, throttle: int = THROTTLE) -> Scrolling:
    """Scroll towards older messages, which the app fetches from its database on the way.

    Raises `RuntimeError` when the list did not move.
    """
    async with scene.opened(playwright) as context:
        page = context.pages[0]
        await page.goto(f"/c/{scene.chat_id}")
        await page.locator(MESSAGE).last.wait_for()
        await page.wait_for_load_state("networkidle")
        box = await page.locator(MESSAGE).last.bounding_box()
        if box is None:
            raise RuntimeError("the newest message is not on the screen")
        devtools = await context.new_cdp_session(page)
        await devtools.send("Emulation.setCPUThrottlingRate", {"rate": throttle})
        before = await page.locator(MESSAGE).first.inner_text()
        await page.evaluate(FRAMES)
        gesture = {"x": box["x"] + 20, "y": 400, "yDistance": DISTANCE, "speed": SPEED, "gestureSourceType": "mouse"}
        await devtools.send("Input.synthesizeScrollGesture", gesture)
        if await page.locator(MESSAGE).first.inner_text() == before:
            raise RuntimeError("nothing was scrolled")
        gaps = sorted(gap / 1000 for gap in await page.evaluate("() => window.gaps"))
    late = sum(gap > 1.5 / 60 for gap in gaps) / len(gaps)
    return Scrolling(1 / statistics.median(gaps), late, gaps[-1])
