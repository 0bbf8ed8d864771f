"""Idle connections: what one costs in memory, and what its handshake costs in CPU time.

Thousands of people connect, one connection each, and then do nothing but answer heartbeats. Bare: in no chat. Joined:
everybody has 20 direct chats and is in 3 groups. Ours authenticates every handshake by its session cookie and finds
the person's chats in the database; the peer believes the rooms that the client names.
"""

from __future__ import annotations

import time
from typing import NamedTuple

from benchmarks import script
from benchmarks.accounting import Meter
from benchmarks.crowd import crowd
from benchmarks.machine import raise_file_limit
from benchmarks.scene import Scene, neighbours
from benchmarks.script import Options, Result, present
from benchmarks.servers.batiyoun import Batiyoun
from benchmarks.servers.node import Node
from benchmarks.servers.subject import Running, Subject
from benchmarks.tables import Table, count, kibibytes, millis, percent, ratio

#: connections that come and go before the first reading, so that what is loaded on first use is not charged to anybody
FIRST = 64
#: seconds in which a server comes to rest: what it writes or tells a little later is done
REST, SHORT_REST = 8.0, 1.5
#: seconds over which an idle server's CPU time is taken: one heartbeat of every connection
HEARTBEAT, SHORT_HEARTBEAT = 25.0, 1.0
#: handshakes at the same time
CONCURRENCY = 100
#: descriptors a server needs besides its connections
SPARE = 200
TARGET_BARE, TARGET_JOINED, TARGET_SHARE, TARGET_HANDSHAKES = 10 * 1024, 16 * 1024, 0.6, 2_500


class Cost(NamedTuple):
    """Bytes of one connection, handshakes per CPU second, their 99th percentile in seconds, and the idle CPU share."""

    memory: float
    handshakes: float
    p99: float
    idle: float


def _measure(subject: Subject, scene: Scene, *, short: bool) -> Cost:
    with subject.start(scene) as running, crowd(running) as people:
        people.enter(running.seats[:FIRST], CONCURRENCY)
        people.leave()
        time.sleep(SHORT_REST if short else REST)
        return _hold(running, short=short)


def _hold(running: Running, *, short: bool) -> Cost:
    meter = Meter(running.pids)
    with crowd(running) as people:
        before = meter.read()
        opened, cpu = people.enter(running.seats, CONCURRENCY)
        time.sleep(SHORT_REST if short else REST)
        full = meter.read()
        held = SHORT_HEARTBEAT if short else HEARTBEAT
        time.sleep(held)
        idle = (meter.read().cpu - full.cpu) / held
        number = len(running.seats)
        return Cost((full.memory - before.memory) / number, number / cpu, opened.p99, idle)


def run(options: Options) -> Result:
    """One table: every crowd that the limit of open files allows, on every server."""
    result = Result()
    here, missing = present([Batiyoun(), Node()], result)
    table = Table(
        "Idle connections",
        "Resident memory and CPU seconds of the server process. Ratio: our memory to Node's.",
        [
            "connections", "chats of each", "server", "memory of one", "handshakes per CPU-s", "handshake p99",
            "core when idle", "ratio", "target",
        ],
    )  # fmt: skip
    wanted = (1_000,) if options.short else (8_000, 19_000)
    limit = raise_file_limit() - SPARE
    for number in wanted:
        if number > limit:
            table.notes.append(
                f"{number:,} connections need more open files than this machine allows ({limit + SPARE:,})."
            )
            continue
        for joined in (False, True):
            scene = neighbours(number) if joined else Scene(number)
            costs = {subject.name: _measure(subject, scene, short=options.short) for subject in here}
            for subject in here:
                cost = costs[subject.name]
                cells = [
                    f"{number:,}",
                    "20 direct, 3 groups" if joined else "none",
                    subject.name,
                    kibibytes(cost.memory),
                ]
                cells += [count(cost.handshakes), millis(cost.p99), percent(cost.idle)]
                if isinstance(subject, Batiyoun):
                    theirs = costs[Node.name].memory if Node.name in costs else 0.0
                    cells += [ratio(cost.memory, theirs), _verdict(cost, theirs, joined=joined)]
                table.add(*cells)
    table.notes.append("Nothing is sent, so nothing is stored; ours reads sessions and chats from SQLite.")
    table.notes += [f"{subject.name}: {why}" for subject, why in missing]
    result.tables.append(table)
    return result


def _verdict(cost: Cost, theirs: float, *, joined: bool) -> str:
    limit = TARGET_JOINED if joined else TARGET_BARE
    met = cost.memory <= limit
    said = f"≤ {kibibytes(limit)}"
    if joined:
        met = met and cost.handshakes >= TARGET_HANDSHAKES
        said += f", ≥ {TARGET_HANDSHAKES:,} handshakes"
    elif theirs:
        met = met and cost.memory <= TARGET_SHARE * theirs
        said += f", ≤ {TARGET_SHARE}×"
    return f"{said} {'met' if met else 'missed'}"


if __name__ == "__main__":
    script.main(__doc__, run)
