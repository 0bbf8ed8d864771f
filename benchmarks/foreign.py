"""Servers that speak another protocol: their generator is another process, their table is the same."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence

import msgspec

from benchmarks.load.generator import GeneratorFailed
from benchmarks.load.jobs import Answer, Throughput
from benchmarks.machine import generator_core, pinned
from benchmarks.scene import rooms
from benchmarks.script import Options
from benchmarks.servers.batiyoun import Batiyoun
from benchmarks.tables import Table, count, ratio, verdict
from benchmarks.throughput import CELLS, Measured, Part, measure


def generate(module: str, job: msgspec.Struct) -> Throughput:
    """Run `benchmarks.load.<module>` on the generator's core with that job. Raises `GeneratorFailed`."""
    with pinned(generator_core()):
        worker = subprocess.Popen(
            [sys.executable, "-m", f"benchmarks.load.{module}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
    said, _ = worker.communicate(msgspec.json.encode(job) + b"\n")
    if worker.returncode:
        msg = f"the generator ended with code {worker.returncode}"
        raise GeneratorFailed(msg)
    answer: Answer = msgspec.json.decode(said, type=Answer)
    if not isinstance(answer, Throughput):
        raise GeneratorFailed(getattr(answer, "reason", "the generator gave no result"))
    return answer


def compare(
    table: Table,
    numbers: Sequence[int],
    options: Options,
    peer: tuple[str, str],
    target: float,
    measure_peer: Callable[[int], Throughput],
) -> None:
    """Fill the table with ours and the peer (name, what it stores), in turn, for each number of pairs."""
    ours = Batiyoun()
    parts = {number: Part(f"{number} pairs", 0, number) for number in numbers}
    found = measure([ours], rooms(max(numbers), 2), list(parts.values()), options)
    for number, part in parts.items():
        mine = found[part.name, ours.name]
        theirs = Measured([measure_peer(number) for _ in range(options.repeat)])
        factor = mine.messages_per_cpu / theirs.messages_per_cpu
        times = ratio(mine.messages_per_cpu, theirs.messages_per_cpu)
        said = count(mine.messages_per_cpu), times, verdict(factor, target)
        table.add(part.name, ours.name, ours.stored, *mine.cells(), *said)
        table.add(part.name, *peer, *theirs.cells(), count(theirs.messages_per_cpu))


COLUMNS = ("chats", "server", "stored before the ack", *CELLS, "messages per CPU-s", "ratio", "target")
