"""What the operating system says a server used: CPU seconds and memory of its processes, from /proc by psutil."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import psutil


class Usage(NamedTuple):
    """CPU seconds (user and system) since each process began, and resident bytes, at one instant."""

    cpu: float
    memory: int


class Meter:
    """Reads processes and all of their children: a database server forks one for each connection.

    The kernel's counters tick in hundredths of a second, so windows are seconds long. What the kernel does for a
    process later (writing pages back) is charged to nobody, on either side.
    """

    def __init__(self, pids: Sequence[int]) -> None:
        self._roots = [psutil.Process(pid) for pid in pids]

    def read(self) -> Usage:
        """The sum over the processes and their children, also of those children that have ended since."""
        cpu = 0.0
        memory = 0
        for root in self._roots:
            ended = root.cpu_times()
            cpu += ended.children_user + ended.children_system
            for process in (root, *root.children(recursive=True)):
                try:
                    times = process.cpu_times()
                    memory += process.memory_info().rss
                except psutil.NoSuchProcess:
                    continue  # it ended between the listing and the reading; its parent has its time from now on
                cpu += times.user + times.system
        return Usage(cpu, memory)
