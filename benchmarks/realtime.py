"""Fan-out and pairs: what one core delivers, ours storing everything, the peers nothing.

A thousand people have one connection each. In rooms of 10, 100 and 1,000 one member of each room sends; in pairs one of
the two. Every sender keeps 8 messages of 200 characters in flight (`--window`). A delivery is one `new_message` at one
connection, the sender's own included; both sides put the same envelope on the wire.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks import script
from benchmarks.scene import Scene
from benchmarks.script import Options, Result, present
from benchmarks.servers.batiyoun import STORES, Batiyoun
from benchmarks.servers.node import Node
from benchmarks.servers.python import PythonSocketio
from benchmarks.servers.subject import Subject
from benchmarks.tables import Table, count, ratio, verdict
from benchmarks.throughput import CELLS, Measured, Part, measure

PEOPLE = 1000
#: size of a room → how many times Node's deliveries per CPU second ours should be
FANOUT_TARGETS = {10: 2.0, 100: 2.6, 1000: 3.0}
#: pairs → the same for messages
PAIRS_TARGETS = {1: None, 20: None, 200: 1.2}


def _scene() -> tuple[Scene, dict[int, Part], dict[int, Part]]:
    """Everybody is in one room of each size, and the first 400 are in pairs too."""
    chats: list[tuple[int, ...]] = []
    fanout: dict[int, Part] = {}
    for size in FANOUT_TARGETS:
        fanout[size] = Part(f"{size:,}", len(chats), PEOPLE // size)
        chats += [tuple(range(at, at + size)) for at in range(0, PEOPLE, size)]
    pairs = {number: Part(f"{number} pairs", len(chats), number) for number in PAIRS_TARGETS}
    chats += [(2 * at, 2 * at + 1) for at in range(max(PAIRS_TARGETS))]
    return Scene(PEOPLE, chats), fanout, pairs


def run(options: Options) -> Result:
    """Both tables."""
    result = Result()
    here, missing = present([STORES[options.store](), Node(), PythonSocketio()], result)
    scene, fanout, pairs = _scene()
    if options.short:
        pairs = {200: pairs[200]}
    found = measure(here, scene, [*fanout.values(), *pairs.values()], options)
    first = Table(
        "Fan-out",
        f"One sender per room, {options.window} in flight, {PEOPLE:,} connections. Ratio: ours to Node socket.io.",
        ["room of", "server", "stored before the ack", *CELLS, "deliveries per CPU-s", "ratio", "target"],
    )
    second = Table(
        "Pairs",
        f"One of each pair sends, {options.window} messages in flight. Ratio: ours to Node socket.io.",
        ["chats", "server", "stored before the ack", *CELLS, "messages per CPU-s", "ratio", "target"],
    )
    for size, part in fanout.items():
        per_cpu = {name: each.deliveries_per_cpu for name, each in _of(part, found).items()}
        _rows(first, part, found, per_cpu, FANOUT_TARGETS[size], here)
    for number, part in pairs.items():
        per_cpu = {name: each.messages_per_cpu for name, each in _of(part, found).items()}
        _rows(second, part, found, per_cpu, PAIRS_TARGETS[number], here)
    for table in (first, second):
        table.notes += [f"{subject.name}: {why}" for subject, why in missing]
    result.tables = [first, second]
    return result


def _of(part: Part, found: Mapping[tuple[str, str], Measured]) -> dict[str, Measured]:
    return {server: measured for (name, server), measured in found.items() if name == part.name}


def _rows(
    table: Table,
    part: Part,
    found: Mapping[tuple[str, str], Measured],
    per_cpu: Mapping[str, float],
    target: float | None,
    subjects: Sequence[Subject],
) -> None:
    for subject in subjects:
        cells = [part.name, subject.name, subject.stored, *found[part.name, subject.name].cells()]
        cells.append(count(per_cpu[subject.name]))
        if isinstance(subject, Batiyoun) and Node.name in per_cpu:
            times = per_cpu[subject.name] / per_cpu[Node.name]
            cells += [ratio(per_cpu[subject.name], per_cpu[Node.name])]
            cells += [verdict(times, target)] if target is not None else []
        table.add(*cells)


if __name__ == "__main__":
    script.main(__doc__, run)
