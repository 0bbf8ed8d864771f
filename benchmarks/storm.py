"""The reconnect storm: everybody is cut off at once and comes back at once.

Five thousand people with 20 direct chats and 3 groups each are connected; all connections are cut in one instant and
all dial again in the next, without the jitter that clients add to be kind. Time runs until the last one is back in all
of its rooms.
"""

from __future__ import annotations

from benchmarks import script
from benchmarks.crowd import crowd
from benchmarks.scene import neighbours
from benchmarks.script import Options, Result, present
from benchmarks.servers.batiyoun import Batiyoun
from benchmarks.servers.node import Node
from benchmarks.tables import Table, count, millis

PEOPLE = 5_000
SHORT_PEOPLE = 1_000
CONCURRENCY = 200


def run(options: Options) -> Result:
    """One table."""
    result = Result()
    here, missing = present([Batiyoun(), Node()], result)
    people = SHORT_PEOPLE if options.short else PEOPLE
    scene = neighbours(people)
    table = Table(
        "Reconnect storm",
        f"{people:,} people with 20 direct chats and 3 groups are cut off and dial again, all at once.",
        [
            "people",
            "server",
            "asks for",
            "all are back after",
            "handshake p50",
            "handshake p99",
            "CPU-s",
            "back per CPU-s",
        ],
    )
    for subject in here:
        with subject.start(scene) as running, crowd(running) as everybody:
            everybody.enter(running.seats, CONCURRENCY)
            everybody.leave()
            back, cpu = everybody.enter(running.seats, people)
        asks = (
            "session and chats, from SQLite" if isinstance(subject, Batiyoun) else "nothing: rooms as the client says"
        )
        cells = [f"{people:,}", subject.name, asks, millis(back.seconds), millis(back.p50), millis(back.p99)]
        table.add(*cells, f"{cpu:.2f}", count(people / cpu))
    table.notes.append(
        "The server notices the cut connections in the same moment as the new ones come; both are its work."
    )
    table.notes += [f"{subject.name}: {why}" for subject, why in missing]
    result.tables.append(table)
    return result


if __name__ == "__main__":
    script.main(__doc__, run)
