"""A process that stands still."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path


def freeze(pid: int, within: float = 10) -> None:
    """Stop a process where it is; returns when no thread of it runs any more, which the signal does not wait for."""
    os.kill(pid, signal.SIGSTOP)
    deadline = time.monotonic() + within
    while any(_state(task) != "T" for task in Path(f"/proc/{pid}/task").iterdir()):
        assert time.monotonic() < deadline, f"process {pid} does not stop"
        time.sleep(0.005)


def _state(task: Path) -> str:
    """proc(5): the state stands behind the name, which may hold anything in parentheses."""
    return (task / "stat").read_text().rpartition(") ")[2][0]
