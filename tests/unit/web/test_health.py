"""web/health.py: dependencies are asked at the same time, and none for longer than patience allows."""

from __future__ import annotations

import asyncio
import time

import pytest

from batiyoun.web import health
from batiyoun.web.health import Answered, all_answered


async def after(seconds: float, good: bool) -> bool:
    await asyncio.sleep(seconds)
    return good


async def test_each_is_measured_and_none_waits_for_another() -> None:
    started = time.perf_counter()
    found = await all_answered({"slow": after(0.1, True), "also slow": after(0.1, True), "bad": after(0, False)})
    assert time.perf_counter() - started < 0.19
    assert {name: state.good for name, state in found.items() if isinstance(state, Answered)} == {
        "slow": True,
        "also slow": True,
        "bad": False,
    }
    slow = found["slow"]
    assert isinstance(slow, Answered)
    assert 95 < slow.milliseconds < 190


async def test_50_what_does_not_answer_is_not_good(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "PATIENCE", 0.05)
    found = await all_answered({"hangs": after(60, True)})
    hangs = found["hangs"]
    assert isinstance(hangs, Answered)
    assert not hangs.good
