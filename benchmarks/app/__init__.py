"""The app in a browser: a cold start without a network, scrolling, memory, and what Lighthouse says.

Chromium on a profile that holds 40 chats, one of them of 100,000 messages, as the app itself stores them. The server is
gone for all but Lighthouse: what is measured is the device's part. A start is that of a new browser each time.
"""

from __future__ import annotations

import asyncio
import statistics

from playwright.async_api import async_playwright

from benchmarks.app.heap import heap_after
from benchmarks.app.lighthouse import CATEGORIES, Judgement, judged
from benchmarks.app.opening import Openings, open_cold
from benchmarks.app.scene import CHATS, laid
from benchmarks.app.scrolling import THROTTLE, Scrolling, scroll
from benchmarks.script import Options, Result
from benchmarks.tables import ABSENT, Table, count, millis, percent

MESSAGES = 100_000
ACTIONS = 1_000
STARTS = 7
MEBIBYTE = 1 << 20


def run(options: Options) -> Result:
    """The tables of this script. `short`: a tenth of the messages and actions, three starts."""
    return asyncio.run(_run(options))


async def _run(options: Options) -> Result:
    messages, actions, starts = MESSAGES, ACTIONS, STARTS
    if options.short:
        messages, actions, starts = MESSAGES // 10, ACTIONS // 10, 3
    async with async_playwright() as playwright:
        async with laid(playwright, messages) as scene:
            async with scene.opened(playwright) as context:
                name = f"Chromium {context.browser.version}" if context.browser else "Chromium"
            openings = await open_cold(playwright, scene, starts)
            plain, slow = await scroll(playwright, scene, throttle=1), await scroll(playwright, scene)
            heaps = await heap_after(playwright, scene, actions)
        judgements = await judged(playwright)
    result = Result(versions=[name])
    result.tables.append(_opening(openings, messages))
    result.tables.append(_scrolling(plain, slow))
    result.tables.append(_heap(heaps, actions))
    result.tables.append(_judgement(judgements))
    return result


def _opening(openings: Openings, messages: int) -> Table:
    table = Table(
        "Cold start without a network",
        f"{CHATS} chats, one of {messages:,} messages. From the navigation, or the press, to the picture after it.",
        ("What", "Target", "median", "worst"),
    )
    for what, target, taken in (
        ("the list of chats", "300 ms", openings.chats),
        ("the list, the app behind it", ABSENT, openings.live),
        ("the chat, pressed in the list", "500 ms", openings.pressed),
        ("the chat, by its address", ABSENT, openings.address),
    ):
        table.add(what, target, millis(statistics.median(taken)), millis(max(taken)))
    return table


def _scrolling(plain: Scrolling, slow: Scrolling) -> Table:
    table = Table(
        "Scrolling",
        "Towards older messages by wheel, 3,000 pixels a second, over what the app fetches on the way.",
        ("Processor", "Target", "pictures a second", "late", "longest gap"),
    )
    for name, measured in (("as it is", plain), (f"slowed {THROTTLE}×", slow)):
        rate = count(measured.rate)
        table.add(name, "60", rate, percent(measured.late), millis(measured.longest))
    return table


def _heap(heaps: dict[str, int], actions: int) -> Table:
    table = Table(
        "Memory",
        f"JavaScript heap after {actions:,} actions, garbage collected; the target is under 150 MB for all together.",
        ("Context", "MB"),
    )
    for name, size in (*heaps.items(), ("all", sum(heaps.values()))):
        table.add(name, f"{size / MEBIBYTE:.1f}")
    return table


def _judgement(judgements: dict[str, Judgement]) -> Table:
    table = Table(
        "Lighthouse",
        "As on a phone, of 100; the targets are 95, 100 and 100.",
        ("Screen", *CATEGORIES),
    )
    for screen, judgement in judgements.items():
        table.add(screen, *(str(judgement.points[each]) for each in CATEGORIES))
        table.notes += [f"{screen}, {each}: {'; '.join(lost)}" for each, lost in judgement.lost.items() if lost]
    return table
