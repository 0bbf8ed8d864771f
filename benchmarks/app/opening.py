"""How long a cold start without a network takes: a new browser, from the navigation to the first picture of a thing."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.async_api import Playwright

from benchmarks.app.scene import CHAT, LIVE_CHAT, MESSAGE, Scene

#: Notes when the first chat, the app's own and the first message were drawn, in milliseconds from the navigation.
WATCH = f"""
window.drawn = {{}};
const wanted = {{ chat: {CHAT!r}, live: {LIVE_CHAT!r}, message: {MESSAGE!r} }};
new MutationObserver(() => {{
  for (const [name, selector] of Object.entries(wanted)) {{
    if (!document.querySelector(selector)) continue;
    delete wanted[name];
    requestAnimationFrame(() => setTimeout(() => {{ window.drawn[name] = performance.now(); }}));
  }}
}}).observe(document, {{ subtree: true, childList: true }});
"""
DRAWN = """async name => {
  while (!window.drawn[name]) await new Promise(done => setTimeout(done, 10));
  return window.drawn[name];
}"""
#: Resolves with the milliseconds from the next press to the message of the chat that it opens.
PRESSED = f"""() => new Promise(resolve => {{
  let began = 0;
  addEventListener("pointerdown", () => {{ began = performance.now(); }}, {{ capture: true, once: true }});
  const look = () => {{
    if (!document.querySelector({MESSAGE!r})) return;
    watch.disconnect();
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)));
  }};
  const watch = new MutationObserver(look);
  watch.observe(document.body, {{ subtree: true, childList: true }});
}})"""


@dataclass(slots=True)
class Openings:
    """Seconds of each start: to the list, to the list as the app has it, from a press to messages, by address."""

    chats: list[float] = field(default_factory=list)
    live: list[float] = field(default_factory=list)
    pressed: list[float] = field(default_factory=list)
    address: list[float] = field(default_factory=list)


async def open_cold(playwright: Playwright, scene: Scene, times: int) -> Openings:
    """Start the browser so many times for each."""
    openings = Openings()
    async with scene.opened(playwright) as context:
        # what the list shows first at the next start is written a second after it was drawn
        page = context.pages[0]
        await page.goto("/")
        await page.locator(LIVE_CHAT).first.wait_for()
        await page.wait_for_timeout(3_000)
    for _ in range(times):
        async with scene.opened(playwright) as context:
            page = context.pages[0]
            await page.add_init_script(WATCH)
            await page.goto("/", wait_until="commit")
            openings.chats.append(await page.evaluate(DRAWN, "chat") / 1000)
            openings.live.append(await page.evaluate(DRAWN, "live") / 1000)
            await page.wait_for_load_state("networkidle")
            await page.evaluate(f"() => {{ window.pressed = ({PRESSED})(); }}")
            await page.locator(CHAT).first.click()
            openings.pressed.append(await page.evaluate("() => window.pressed") / 1000)
        async with scene.opened(playwright) as context:
            page = context.pages[0]
            await page.add_init_script(WATCH)
            await page.goto(f"/c/{scene.chat_id}", wait_until="commit")
            openings.address.append(await page.evaluate(DRAWN, "message") / 1000)
    return openings
