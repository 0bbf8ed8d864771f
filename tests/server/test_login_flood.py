"""Security check 7: strangers who try passwords as fast as they are answered do not hold up messages.

What messages notice is logged (`--log-cli-level=info`); `benchmarks.login_flood` measures it with care.
"""

from __future__ import annotations

import asyncio
import logging
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.people import Live, Town
from tests.harness.server import Server

log = logging.getLogger(__name__)

STRANGERS = 80
MESSAGES = 100


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """One hash takes about a tenth of a second, as in production; the queue is what limits sign-ins."""
    with Server(tmp_path, PASSWORD_COST="10") as running:
        yield running


async def say_much(live: Live, chat_id: str, name: str) -> list[float]:
    """The time of each acknowledgement, in seconds."""
    taken = []
    for number in range(MESSAGES):
        began = time.perf_counter()
        assert (await live.send(chat_id, f"{name} {number}", f"{name}-{number}"))["ok"] is True
        taken.append(time.perf_counter() - began)
        await asyncio.sleep(0.01)
    return taken


async def attack(town: Town, number: int, answers: Counter[int], full: asyncio.Event) -> None:
    """Wrong passwords, one after the other, until somebody stops it; `full`: somebody was told to come back."""
    async with town.visitor() as stranger:
        while True:
            guess = {"identifier": "asha" if number % 2 else f"nobody{number}", "password": f"guess {number}"}
            status = (await stranger.post("/api/auth/login", json=guess)).status_code
            answers[status] += 1
            if status == 503:
                full.set()
                await asyncio.sleep(0.2)  # the strangers share a processor with whoever measures


async def test_07_messages_flow_while_passwords_are_tried(town: Town) -> None:
    asha, bala = await town.sign_up("asha"), await town.sign_up("bala")
    chat_id = await asha.create_chat(bala)
    answers: Counter[int] = Counter()
    full = asyncio.Event()
    async with asha.online() as live:
        quiet = await say_much(live, chat_id, "quiet")
        strangers = [asyncio.create_task(attack(town, number, answers, full)) for number in range(STRANGERS)]
        try:
            await asyncio.wait_for(full.wait(), 30)
            before = answers[401]
            flooded = await say_much(live, chat_id, "flooded")
        finally:
            for stranger in strangers:
                stranger.cancel()
            ended = await asyncio.gather(*strangers, return_exceptions=True)
    assert {type(each) for each in ended} == {asyncio.CancelledError}
    assert answers.keys() == {401, 503}, "who is not checked is told to come back, and nobody is let in"
    assert answers[401] > before, "passwords were checked all the while"
    assert len(await bala.history(chat_id)) == 2 * MESSAGES
    for name, taken in (("nobody", quiet), (f"{STRANGERS} strangers", flooded)):
        log.info("%s signing in: p50 %.1f ms, p99 %.1f ms", name, _ms(taken, 50), _ms(taken, 99))


def _ms(taken: list[float], percent: int) -> float:
    return 1000 * statistics.quantiles(taken, n=100)[percent - 1]
