"""`batiyoun storage move`: what goes where, progress bars, and the sentences about it."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from batiyoun.startup import EXIT_CONFIG, CannotStart

ACCOUNTS, LOG = "accounts.db", "log.db"
#: called with a number of rows: how many there are in all, and how many more are done
Count = Callable[[int], None]
#: (source, target, total, progress) → rows moved, by what they are
Move = Callable[[Path, str, Count, Count], Awaitable[Mapping[str, int]]]


@dataclass(frozen=True)
class Journey:
    """One store's way: `what` is "accounts" or "messages", `setting` names the variable that its target goes into."""

    what: str
    source: Path
    target: str
    setting: str


def plan(folder: Path, targets: Sequence[str]) -> list[Journey]:
    """What is moved from a data directory to these addresses.

    PostgreSQL takes the accounts, and the messages too unless a MongoDB takes those. Raises `CannotStart`.
    """
    postgres = [url for url in targets if url.startswith(("postgresql://", "postgres://"))]
    mongo = [url for url in targets if url.startswith(("mongodb://", "mongodb+srv://"))]
    if len(postgres) + len(mongo) != len(targets) or not targets:
        raise CannotStart("--to takes postgresql://user:password@host/name or mongodb://host/name.", EXIT_CONFIG)
    if len(postgres) > 1 or len(mongo) > 1:
        raise CannotStart("Name one PostgreSQL and one MongoDB at most.", EXIT_CONFIG)
    if not (folder / LOG).is_file() or not (folder / ACCOUNTS).is_file():
        raise CannotStart(f"{folder} holds no installation: name its data directory with --from.", EXIT_CONFIG)
    journeys = [Journey("accounts", folder / ACCOUNTS, url, "BATIYOUN_DATABASE_URL") for url in postgres]
    messages = mongo or postgres
    return [*journeys, Journey("messages", folder / LOG, messages[0], "BATIYOUN_MESSAGES_URL")]


async def travel(journeys: Iterable[Journey], moves: Mapping[str, Move]) -> list[str]:
    """Move everything; returns a sentence for each store, and what to do next."""
    said: list[str] = []
    settings: list[str] = []
    for journey in journeys:
        with _bar(f"Moving {journey.what}") as (total, progress):
            counts = await moves[journey.what](journey.source, journey.target, total, progress)
        rows = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items() if count)
        said.append(f"{journey.what.capitalize()}: moved and compared {rows or 'nothing, for there is nothing'}.")
        settings.append(journey.setting)
    said.append(
        f"Set {' and '.join(settings)} to what you gave to --to, keep the data directory (it holds the keys and the "
        "files), and start the server. The old databases are as they were: remove them when you are content."
    )
    return said


@contextmanager
def _bar(label: str) -> Iterator[tuple[Count, Count]]:
    """A progress bar on a terminal, silence elsewhere; its length is known when the source has been opened."""
    with click.progressbar(length=1, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:

        def total(rows: int) -> None:
            bar.length = max(rows, 1)

        yield total, bar.update
