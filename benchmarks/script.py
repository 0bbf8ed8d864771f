"""What every script shares: its options, its result, and how it is printed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from benchmarks.load.generator import GeneratorFailed
from benchmarks.machine import machine_line, raise_file_limit
from benchmarks.servers.batiyoun import STORES
from benchmarks.servers.process import ServerFailed
from benchmarks.servers.subject import Absent, Subject
from benchmarks.tables import Table


@dataclass(frozen=True, slots=True)
class Options:
    """How long and how often; `window` is how many messages a sender keeps in flight.

    `short` also takes smaller crowds, for a run of all scripts in three minutes. `store` is where ours keeps messages,
    in those scripts that look at it.
    """

    seconds: float = 5.0
    warmup: float = 1.5
    repeat: int = 3
    window: int = 8
    short: bool = False
    store: str = "sqlite"


SHORT = Options(seconds=2.0, warmup=0.5, repeat=1, short=True)


@dataclass(slots=True)
class Result:
    """The tables of one script, and the versions of what it ran."""

    tables: list[Table] = field(default_factory=list)
    versions: list[str] = field(default_factory=list)


def present(subjects: Sequence[Subject], result: Result) -> tuple[list[Subject], list[tuple[Subject, str]]]:
    """Those that are installed, and those that are not with the reason; notes the versions of the former."""
    here: list[Subject] = []
    missing: list[tuple[Subject, str]] = []
    for subject in subjects:
        try:
            version = subject.version()
        except Absent as exc:
            missing.append((subject, str(exc)))
        else:
            here.append(subject)
            if version not in result.versions:
                result.versions.append(version)
    return here, missing


def main(about: str | None, run: Callable[[Options], Result]) -> None:
    """The command line of a script: run it and print its tables and the machine line."""
    full = Options()
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=full.seconds, help="length of one measurement (%(default)s)")
    parser.add_argument("--warmup", type=float, default=full.warmup, help="seconds before each (%(default)s)")
    parser.add_argument("--repeat", type=int, default=full.repeat, help="measurements per row; the median is shown")
    parser.add_argument(
        "--window", type=int, default=full.window, help="messages a sender keeps in flight (%(default)s)"
    )
    parser.add_argument("--short", action="store_true", help="one short measurement per row, and smaller crowds")
    parser.add_argument("--store", choices=list(STORES), default=full.store, help="of our messages (%(default)s)")
    given = parser.parse_args()
    options = SHORT if given.short else Options(given.seconds, given.warmup, given.repeat, given.window)
    options = replace(options, store=given.store)
    raise_file_limit()
    try:
        result = run(options)
    except (GeneratorFailed, ServerFailed) as exc:
        sys.exit(f"No result: {exc}")
    for table in result.tables:
        print(table.markdown())
    print(machine_line(*result.versions))
