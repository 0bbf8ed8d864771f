"""A page of history, a thousand and ten million messages deep: the same latency in every store.

A store holds a chat of a thousand messages and one of ten million (`--messages`). Pages of 50 are read through the
store's own port, with everything they touch in memory, in turn from every place, so that what else the machine does
meets all places alike. The ratio is that of the medians to the page that is a thousand messages deep.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from batiyoun.chats.store import LogStore
from batiyoun.runtime import Runtime
from batiyoun.storage.messages import message_store
from benchmarks.filling import fill
from benchmarks.machine import disk, machine_line
from benchmarks.servers.mongo import mongo, mongo_version
from benchmarks.servers.postgres import postgres, postgres_version
from benchmarks.tables import Table, millis, ratio, verdict

MESSAGES = 10_000_000
SMALL = 1_000
PAGE = 50
#: pages that are read one after the other at each place, as somebody scrolls, and how often
SCROLLED, ROUNDS = 10, 40
#: how much the deepest page may cost of one that is a thousand deep
TARGET = 1.2
STORES = ("sqlite", "postgres", "mongo")


@dataclass(frozen=True, slots=True)
class Place:
    """`before` is where reading begins, in the chat of that id; `depth` newer messages lie above it."""

    name: str
    chat_id: str
    before: int
    depth: int


@dataclass(frozen=True, slots=True)
class Depths:
    """Seconds of a page, by place: (median, 99th percentile)."""

    store: str
    places: Sequence[tuple[Place, float, float]]

    @property
    def base(self) -> float:
        """The median of the page a thousand messages deep."""
        return next(p50 for place, p50, _ in self.places if place.depth == SMALL)

    @property
    def deepest(self) -> float:
        """How many times that the deepest page takes."""
        return max(self.places, key=lambda row: row[0].depth)[1] / self.base


@contextmanager
def opened(store: str) -> Iterator[str]:
    """The address of an empty store. Raises `Absent`."""
    if store == "sqlite":
        with tempfile.TemporaryDirectory(prefix="bench-history-", dir=disk()) as folder:
            yield f"sqlite:///{folder}/log.db"
    elif store == "postgres":
        with postgres() as database:
            yield database.url
    else:
        with mongo() as running:
            yield running.url


def measure(store: str, messages: int = MESSAGES) -> Depths:
    """Fill a store and read. Takes a minute for each two or three million messages."""
    with opened(store) as url:
        return asyncio.run(_measure(store, url, messages))


async def _measure(store: str, url: str, messages: int) -> Depths:
    small, large = await fill(url, [SMALL, messages])
    places = [
        Place(f"newest of {SMALL:,}", small, SMALL + 1, 0),
        Place("newest", large, messages + 1, 0),
        Place(f"{SMALL:,} deep", large, messages + 1 - SMALL, SMALL),
        Place("in the middle", large, messages // 2, messages // 2),
        Place("the oldest", large, SCROLLED * PAGE + 1, messages - SCROLLED * PAGE),
    ]
    log = message_store(url, Runtime(), connections=2, seconds=60)
    await log.open()
    try:
        for place in places:
            await _scroll(log, place)
        times: dict[str, list[float]] = {place.name: [] for place in places}
        for _ in range(ROUNDS):
            for place in places:
                times[place.name] += await _scroll(log, place)
    finally:
        await log.close()
    return Depths(store, [(place, *_quantiles(times[place.name])) for place in places])


async def _scroll(log: LogStore, place: Place) -> list[float]:
    """Seconds of each page from that place on."""
    times: list[float] = []
    before = place.before
    for _ in range(SCROLLED):
        began = time.perf_counter()
        page = await log.page(place.chat_id, after=None, before=before, limit=PAGE, floor=0)
        times.append(time.perf_counter() - began)
        assert [envelope.seq for envelope in page.messages] == list(range(before - PAGE, before))
        before -= PAGE
    return times


def _quantiles(times: list[float]) -> tuple[float, float]:
    return statistics.median(times), statistics.quantiles(times, n=100)[98]


def table(found: Sequence[Depths], messages: int) -> Table:
    """All stores in one table."""
    made = Table(
        "History",
        f"Pages of {PAGE} from a chat of {messages:,} messages, and from one of {SMALL:,}.",
        ["store", "place", "messages above", "p50", "p99", "ratio", "target"],
    )
    for depths in found:
        for place, p50, p99 in depths.places:
            cells = [depths.store, place.name, f"{place.depth:,}", millis(p50), millis(p99), ratio(p50, depths.base)]
            deepest = place.depth == max(other.depth for other, _, _ in depths.places)
            made.add(*cells, *([verdict(p50 / depths.base, TARGET, at_most=True)] if deepest else []))
    return made


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=MESSAGES, help="in the large chat (%(default)s)")
    parser.add_argument("--store", choices=STORES, action="append", help="all by default")
    given = parser.parse_args()
    if given.messages < 2 * SMALL:
        sys.exit(f"At least {2 * SMALL:,} messages are needed.")
    found = [measure(store, given.messages) for store in given.store or STORES]
    print(table(found, given.messages).markdown())
    print(machine_line(postgres_version(), mongo_version()))


if __name__ == "__main__":
    main()
