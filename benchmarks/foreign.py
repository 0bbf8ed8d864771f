"""Servers that speak another protocol: their generator is another process, their table is the same."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace

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
    """Fill the table with ours and the peer (name, what it stores) for each number of pairs.

    Measured in turn, so that what else the machine does meets both alike.
    """
    ours = Batiyoun()
    once = replace(options, repeat=1)
    for number in numbers:
        part = Part(f"{number} pairs", 0, number)
        mine: list[Throughput] = []
        theirs: list[Throughput] = []
        for _ in range(options.repeat):
            mine += measure([ours], rooms(number, 2), [part], once)[part.name, ours.name].runs
            run = measure_peer(number)
            if not run.messages:
                msg = f"{peer[0]} answered nothing within {run.seconds:.0f} s: give it more with --seconds"
                raise GeneratorFailed(msg)
            theirs.append(run)
        _rows(table, part.name, Measured(mine), Measured(theirs), peer, target)


def _rows(table: Table, name: str, mine: Measured, theirs: Measured, peer: tuple[str, str], target: float) -> None:
    factor = mine.messages_per_cpu / theirs.messages_per_cpu
    times = ratio(mine.messages_per_cpu, theirs.messages_per_cpu)
    said = count(mine.messages_per_cpu), times, verdict(factor, target)
    table.add(name, Batiyoun.name, Batiyoun.stored, *mine.cells(), *said)
    table.add(name, *peer, *theirs.cells(), count(theirs.messages_per_cpu))


COLUMNS = ("chats", "server", "stored before the ack", *CELLS, "messages per CPU-s", "ratio", "target")
