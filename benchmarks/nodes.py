"""What a second node costs: one process and two, over the same Redis and PostgreSQL, with the same people.

Both nodes of the pair share the server's core, so a rate says nothing; what counts is the work done in a CPU second of
the nodes, Redis and PostgreSQL together. Connections are spread over the nodes by the kernel: of a pair's two people
one is on the other node half of the time, and a room of a hundred is on both.
"""

from __future__ import annotations

from benchmarks import script
from benchmarks.scene import rooms
from benchmarks.script import Options, Result, present
from benchmarks.servers.batiyoun import BatiyounNodes
from benchmarks.tables import Table, count, ratio, verdict
from benchmarks.throughput import CELLS, Part, measure

PAIRS = 200
ROOMS, SIZE = 10, 100
#: of one node's work in a CPU second (design, section 5)
FAN_OUT_TARGET, PAIRS_TARGET = 0.85, 0.6


def run(options: Options) -> Result:
    """One table."""
    result = Result()
    subjects = [BatiyounNodes(1), BatiyounNodes(2)]
    here, missing = present(subjects, result)
    parts = [Part(f"{PAIRS} pairs", 0, PAIRS), Part(f"{ROOMS} rooms of {SIZE}", PAIRS, ROOMS)]
    found = measure(here, rooms(PAIRS, 2).beside(rooms(ROOMS, SIZE)), parts, options)
    table = Table(
        "A second node",
        f"{options.window} messages in flight of each sender. CPU: nodes, Redis and PostgreSQL. Ratio: to one node.",
        ["chats", "server", *CELLS, "deliveries per CPU-s", "ratio", "target"],
    )
    for part, target in zip(parts, (PAIRS_TARGET, FAN_OUT_TARGET), strict=True):
        base = found.get((part.name, subjects[0].name))
        for subject in here:
            measured = found[part.name, subject.name]
            cells = [part.name, subject.name, *measured.cells(), count(measured.deliveries_per_cpu)]
            if subject is not subjects[0] and base is not None:
                times = measured.deliveries_per_cpu / base.deliveries_per_cpu
                cells += [ratio(measured.deliveries_per_cpu, base.deliveries_per_cpu), verdict(times, target)]
            table.add(*cells)
    table.notes += [f"{subject.name}: {why}" for subject, why in missing]
    result.tables.append(table)
    return result


if __name__ == "__main__":
    script.main(__doc__, run)
