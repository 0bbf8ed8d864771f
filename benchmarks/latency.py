"""Latency at half load: how long a person waits for the acknowledgement and for the message.

First each server is loaded with as much as it takes (200 pairs, closed loop), then with half and a quarter of that
rate, sent on schedule whatever the answers (open loop), so that a stall is charged to every message that it delays.
What the disk alone takes is measured in the same run.
"""

from __future__ import annotations

from benchmarks import script
from benchmarks.floor import measure_floor
from benchmarks.load.generator import Generator
from benchmarks.load.jobs import Open, Opened, Pace, Paced, Throughput, Windows
from benchmarks.scene import rooms, senders
from benchmarks.script import Options, Result, present
from benchmarks.servers.batiyoun import Batiyoun
from benchmarks.servers.node import Node, NodePostgres
from benchmarks.servers.subject import Subject
from benchmarks.tables import Table, count, millis, percent
from benchmarks.throughput import CONTENT

PAIRS = 200
#: shares of the full rate; the first is what the target is about
SHARES = {"half": 0.5, "a quarter": 0.25}
#: seconds, of the acknowledgement at half load
TARGET_P50, TARGET_P99 = 0.003, 0.015


def _measure(subject: Subject, options: Options) -> tuple[Throughput, dict[str, Pace]]:
    scene = rooms(PAIRS, 2)
    with subject.start(scene) as running, Generator() as generator:
        generator.do(Open(running.port, running.seats), Opened)
        talking = senders(scene, running.chat_ids)
        load = Windows(talking, running.pids, options.window, CONTENT, options.warmup, options.seconds)
        full = generator.do(load, Throughput)
        rate = full.messages / full.seconds
        paces = {
            name: generator.do(
                Paced(talking, running.pids, rate * share, CONTENT, options.warmup, options.seconds), Pace
            )
            for name, share in SHARES.items()
        }
        return full, paces


def run(options: Options) -> Result:
    """One table."""
    result = Result()
    subjects: list[Subject] = [Batiyoun(), Node()] if options.short else [Batiyoun(), Node(), NodePostgres()]
    here, missing = present(subjects, result)
    table = Table(
        "Latency at half load",
        f"{PAIRS} pairs at half and a quarter of the rate that the server reached with {options.window} in flight. "
        "Ack: send to acknowledgement. Delivery: send to `new_message` at either person.",
        [
            "load", "server", "stored before the ack", "messages/s", "server core", "ack p50", "ack p99",
            "delivery p50", "delivery p99", "generator late p99", "target",
        ],
    )  # fmt: skip
    before = measure_floor()
    for subject in here:
        full, paces = _measure(subject, options)
        for name, pace in paces.items():
            cells = [
                f"{name} of {count(full.messages / full.seconds)}", subject.name, subject.stored, count(pace.rate),
                percent(pace.cpu / pace.seconds), millis(pace.ack_p50), millis(pace.ack_p99), millis(pace.delivery_p50),
                millis(pace.delivery_p99), millis(pace.late),
            ]  # fmt: skip
            if isinstance(subject, Batiyoun) and name == "half":
                met = pace.ack_p50 <= TARGET_P50 and pace.ack_p99 <= TARGET_P99
                cells.append(f"ack ≤ {millis(TARGET_P50)} / ≤ {millis(TARGET_P99)} {'met' if met else 'missed'}")
            table.add(*cells)
    after = measure_floor()
    table.notes.append(
        f"The disk alone: one fdatasync of 16 KiB p50 {millis(before.p50)}, p99 {millis(before.p99)} before these rows,"
        f" {millis(after.p50)} and {millis(after.p99)} after them."
    )
    table.notes.append(
        "A generator that is late itself adds to every latency; its share is the column before the last."
    )
    table.notes += [f"{subject.name}: {why}" for subject, why in missing]
    result.tables.append(table)
    return result


if __name__ == "__main__":
    script.main(__doc__, run)
