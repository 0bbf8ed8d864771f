"""threads.py: beside the loop, and never an endless queue."""

from __future__ import annotations

import asyncio
import os
import sys
import threading

import pytest

from batiyoun.errors import Busy
from batiyoun.threads import Threads


async def test_07_work_runs_beside_the_loop_with_low_priority() -> None:
    threads = Threads("test", busy="busy", threads=1, max_waiting=4)
    try:
        assert await threads.run(threading.get_ident) != threading.get_ident()
        if sys.platform == "linux":
            assert await threads.run(os.getpriority, os.PRIO_PROCESS, 0) >= 10
    finally:
        threads.close()


async def test_07_beyond_the_limit_work_is_refused_at_once() -> None:
    threads = Threads("test", busy="Too many. Try again.", threads=1, max_waiting=2)
    gate = threading.Event()
    try:
        running = [asyncio.create_task(threads.run(gate.wait, 10)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Busy, match="Too many") as refused:
            await threads.run(gate.wait, 10)
        assert refused.value.retry_after
        gate.set()
        assert await asyncio.gather(*running) == [True, True]
        assert await threads.run(int, "7") == 7
    finally:
        gate.set()
        threads.close()


async def test_what_fails_is_raised_and_frees_the_place() -> None:
    threads = Threads("test", busy="busy", threads=1, max_waiting=1)
    try:
        for _ in range(3):
            with pytest.raises(ValueError, match="invalid literal"):
                await threads.run(int, "x")
    finally:
        threads.close()
