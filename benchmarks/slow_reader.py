"""Slow readers: what others notice, and what the server's memory does, when some stop reading.

A room of 50; one member sends at a steady rate. Measured twice: with everybody reading, and with ten who stop
reading without closing, as phones in a tunnel do. Latency is that of the others.
"""

from __future__ import annotations

from typing import NamedTuple

from benchmarks import script
from benchmarks.accounting import Meter
from benchmarks.load.generator import Generator
from benchmarks.load.jobs import Done, Open, Opened, Pace, Paced, Sender, Stall
from benchmarks.scene import rooms
from benchmarks.script import Options, Result, present
from benchmarks.servers.batiyoun import Batiyoun
from benchmarks.servers.node import Node
from benchmarks.servers.subject import Subject
from benchmarks.tables import Table, kibibytes, millis, ratio

ROOM = 50
SLOW = 10
RATE = 600.0
#: characters: long messages fill what the operating system buffers for a slow reader
CONTENT = 4_000
SECONDS, SHORT_SECONDS = 20.0, 4.0


class Seen(NamedTuple):
    """What the others saw, and by how many bytes the server grew."""

    pace: Pace
    growth: int


def _measure(subject: Subject, slow: int, seconds: float) -> Seen:
    scene = rooms(1, ROOM)
    with subject.start(scene) as running, Generator() as generator:
        generator.do(Open(running.port, running.seats), Opened)
        if slow:
            generator.do(Stall(list(range(ROOM - slow, ROOM))), Done)
        meter = Meter(running.pids)
        talking = [Sender(0, running.chat_ids[0], ROOM - slow)]
        generator.do(Paced(talking, running.pids, RATE, CONTENT, 0, 1), Pace)
        before = meter.read().memory
        pace = generator.do(Paced(talking, running.pids, RATE, CONTENT, 0, seconds), Pace)
        return Seen(pace, meter.read().memory - before)


def run(options: Options) -> Result:
    """One table."""
    result = Result()
    here, missing = present([Batiyoun(), Node()], result)
    seconds = SHORT_SECONDS if options.short else SECONDS
    table = Table(
        "Slow readers",
        f"A room of {ROOM}, {RATE:.0f} messages/s of {CONTENT:,} characters for {seconds:.0f} s. Ratio: p99 with slow "
        "readers to p99 without.",
        [
            "stopped reading",
            "server",
            "stored before the ack",
            "delivery p50",
            "delivery p99",
            "server memory grew by",
            "ratio",
        ],
    )
    for subject in here:
        plain = _measure(subject, 0, seconds)
        slowed = _measure(subject, SLOW, seconds)
        for slow, seen in ((0, plain), (SLOW, slowed)):
            cells = [str(slow) if slow else "nobody", subject.name, subject.stored, millis(seen.pace.delivery_p50)]
            cells += [millis(seen.pace.delivery_p99), kibibytes(seen.growth)]
            table.add(*cells, *([ratio(seen.pace.delivery_p99, plain.pace.delivery_p99)] if slow else []))
    table.notes += [f"{subject.name}: {why}" for subject, why in missing]
    result.tables.append(table)
    return result


if __name__ == "__main__":
    script.main(__doc__, run)
