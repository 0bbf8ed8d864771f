"""Many connections from two generator processes: what the scripts on idle connections and on storms share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from benchmarks.accounting import Meter
from benchmarks.load.generator import Generator
from benchmarks.load.jobs import Done, Drop, Open, Opened, Seat
from benchmarks.servers.subject import Running

GENERATORS = 2


class Crowd:
    """The connections of one server, half in each generator."""

    def __init__(self, running: Running, generators: Sequence[Generator]) -> None:
        self._running = running
        self._generators = generators

    def enter(self, seats: Sequence[Seat], concurrency: int) -> tuple[Opened, float]:
        """Connect all seats, at most `concurrency` handshakes at a time.

        Returns how it went in the slower half, and the server's CPU seconds.
        """
        meter = Meter(self._running.pids)
        before = meter.read().cpu
        for at, generator in enumerate(self._generators):
            generator.begin(Open(self._running.port, seats[at::GENERATORS], max(1, concurrency // GENERATORS)))
        halves = [generator.finish(Opened) for generator in self._generators]
        cpu = meter.read().cpu - before
        worst = Opened(*(max(values) for values in zip(*((h.seconds, h.p50, h.p99) for h in halves), strict=True)))
        return worst, cpu

    def leave(self) -> None:
        """Cut all connections at once."""
        for generator in self._generators:
            generator.begin(Drop())
        for generator in self._generators:
            generator.finish(Done)


@contextmanager
def crowd(running: Running) -> Iterator[Crowd]:
    """The generators, for as long as they are needed."""
    with ExitStack() as stack:
        yield Crowd(running, [stack.enter_context(Generator()) for _ in range(GENERATORS)])
