"""What the disk alone takes: nothing that is durable before it is acknowledged can be answered faster."""

from __future__ import annotations

import os
import tempfile
import time
from typing import NamedTuple

from benchmarks.load.runs import quantile
from benchmarks.machine import disk

#: what one small commit writes: four pages
WRITE = 4 * 4096
#: the file is rewritten in a circle, as a write-ahead log is: after the first round its size does not change any more
FILE = 4 << 20


class Floor(NamedTuple):
    """Seconds of one `fdatasync` after a small write."""

    p50: float
    p99: float


def measure_floor(rounds: int = 500) -> Floor:
    """Sync so often, one after the other, on the disk that the databases are on."""
    times: list[float] = []
    page = os.urandom(WRITE)
    with tempfile.NamedTemporaryFile(prefix="bench-floor-", dir=disk()) as file:
        number = file.fileno()
        os.posix_fallocate(number, 0, FILE)
        os.pwrite(number, b"\0" * FILE, 0)
        os.fsync(number)
        for at in range(rounds):
            os.pwrite(number, page, at * WRITE % FILE)
            began = time.perf_counter()
            os.fdatasync(number)
            times.append(time.perf_counter() - began)
    times.sort()
    return Floor(quantile(times, 0.5), quantile(times, 0.99))
