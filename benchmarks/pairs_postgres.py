"""Pairs with everything stored: ours on SQLite beside Node socket.io with one PostgreSQL insert per message.

Both are durable on the same disk before they acknowledge. CPU seconds are those of the server and of the database
together, on the same core.
"""

from __future__ import annotations

from benchmarks import script
from benchmarks.scene import rooms
from benchmarks.script import Options, Result, present
from benchmarks.servers.batiyoun import STORES
from benchmarks.servers.node import NodePostgres
from benchmarks.tables import Table, count, ratio, verdict
from benchmarks.throughput import CELLS, Part, measure

PAIRS = (20, 200)
TARGET = 4.0


def run(options: Options) -> Result:
    """One table."""
    result = Result()
    ours, theirs = STORES[options.store](), NodePostgres()
    here, missing = present([ours, theirs], result)
    numbers = PAIRS[-1:] if options.short else PAIRS
    parts = {number: Part(f"{number} pairs", 0, number) for number in numbers}
    found = measure(here, rooms(max(PAIRS), 2), list(parts.values()), options)
    table = Table(
        "Pairs, stored by both",
        f"One of each pair sends, {options.window} messages in flight. CPU: server and database.",
        ["chats", "server", "stored before the ack", *CELLS, "messages per CPU-s", "ratio", "target"],
    )
    for part in parts.values():
        for subject in here:
            measured = found[part.name, subject.name]
            cells = [part.name, subject.name, subject.stored, *measured.cells(), count(measured.messages_per_cpu)]
            peer = found.get((part.name, theirs.name))
            if subject is ours and peer is not None:
                times = measured.messages_per_cpu / peer.messages_per_cpu
                cells += [ratio(measured.messages_per_cpu, peer.messages_per_cpu), verdict(times, TARGET)]
            table.add(*cells)
    table.notes += [f"{subject.name}: {why}" for subject, why in missing]
    result.tables.append(table)
    return result


if __name__ == "__main__":
    script.main(__doc__, run)
