"""Pairs and fan-out on each message store: SQLite, PostgreSQL and MongoDB side by side.

Everything is durable on the same disk before it is acknowledged. CPU seconds are those of the server and of its
database together, on the same core. Node with one PostgreSQL insert per message stands beside them.
"""

from __future__ import annotations

from benchmarks import script
from benchmarks.scene import rooms
from benchmarks.script import Options, Result, present
from benchmarks.servers.batiyoun import STORES
from benchmarks.servers.node import NodePostgres
from benchmarks.servers.subject import Subject
from benchmarks.tables import Table, count, ratio
from benchmarks.throughput import CELLS, Part, measure

PAIRS = (20, 200)
#: rooms, and people in each
ROOMS, SIZE = 10, 100


def run(options: Options) -> Result:
    """Both tables."""
    result = Result()
    subjects: list[Subject] = [*(store() for store in STORES.values()), NodePostgres()]
    here, missing = present(subjects, result)
    numbers = PAIRS[-1:] if options.short else PAIRS
    parts = {number: Part(f"{number} pairs", 0, number) for number in numbers}
    fanout = Part(f"{ROOMS} rooms of {SIZE}", max(PAIRS), ROOMS)
    scene = rooms(max(PAIRS), 2).beside(rooms(ROOMS, SIZE))
    found = measure(here, scene, [*parts.values(), fanout], options)
    first = Table(
        "Pairs, on each store",
        f"One of each pair sends, {options.window} messages in flight. CPU: server and database. Ratio: to SQLite.",
        ["chats", "server", "stored before the ack", *CELLS, "messages per CPU-s", "ratio"],
    )
    second = Table(
        "Fan-out, on each store",
        f"One sender per room, {options.window} in flight. CPU: server and database. Ratio: to SQLite.",
        ["rooms", "server", "stored before the ack", *CELLS, "deliveries per CPU-s", "ratio"],
    )
    base = here[0].name
    for part in parts.values():
        for subject in here:
            cpu = found[part.name, subject.name].messages_per_cpu
            cells = [part.name, subject.name, subject.stored, *found[part.name, subject.name].cells(), count(cpu)]
            first.add(*cells, ratio(cpu, found[part.name, base].messages_per_cpu))
    for subject in here:
        measured = found[fanout.name, subject.name]
        cells = [fanout.name, subject.name, subject.stored, *measured.cells(), count(measured.deliveries_per_cpu)]
        second.add(*cells, ratio(measured.deliveries_per_cpu, found[fanout.name, base].deliveries_per_cpu))
    for table in (first, second):
        table.notes += [f"{subject.name}: {why}" for subject, why in missing]
    result.tables = [first, second]
    return result


if __name__ == "__main__":
    script.main(__doc__, run)
