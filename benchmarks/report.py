"""A short run of every script, written to docs/reference/benchmarks.md. `make bench` runs it; under three minutes."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import benchmarks.ejabberd
import benchmarks.idle
import benchmarks.latency
import benchmarks.login_flood
import benchmarks.pairs_postgres
import benchmarks.realtime
import benchmarks.slow_reader
import benchmarks.stores
import benchmarks.storm
import benchmarks.synapse
from benchmarks.load.generator import GeneratorFailed
from benchmarks.machine import machine_line, raise_file_limit
from benchmarks.script import SHORT, Options, Result
from benchmarks.servers.process import ROOT, ServerFailed

REPORT = ROOT / "docs" / "reference" / "benchmarks.md"
SCRIPTS: Mapping[str, Callable[[Options], Result]] = {
    "realtime": benchmarks.realtime.run,
    "pairs_postgres": benchmarks.pairs_postgres.run,
    "stores": benchmarks.stores.run,
    "ejabberd": benchmarks.ejabberd.run,
    "synapse": benchmarks.synapse.run,
    "latency": benchmarks.latency.run,
    "slow_reader": benchmarks.slow_reader.run,
    "storm": benchmarks.storm.run,
    "login_flood": benchmarks.login_flood.run,
    "idle": benchmarks.idle.run,
}

HEAD = """\
# Benchmarks

Written by `make bench` on {date}: a short run, one measurement of {seconds:.0f} s per row. The scripts under
`benchmarks/` take longer crowds and the median of several runs: `python -m benchmarks.realtime --help`.

All servers of a table ran in the same run on the same machine, each on one core, with the load generator on the other.
CPU seconds are those that the operating system charged to the server's process, and to its database's. Every row says
what is durable when a message is acknowledged: ours stores everything, and most peers nothing. A run in which one
acknowledged message or one delivery is missing has no result. Trust the ratios; absolute numbers are the machine's.

{machine}
"""


def write(options: Options = SHORT) -> None:
    """Run everything and write the report. Scripts that fail say so in it."""
    raise_file_limit()
    versions: list[str] = []
    parts: list[str] = []
    began = time.monotonic()
    for name, run in SCRIPTS.items():
        print(f"{time.monotonic() - began:4.0f} s  {name}", file=sys.stderr, flush=True)
        try:
            result = run(options)
        except (GeneratorFailed, ServerFailed) as exc:
            parts.append(f"## {name}\n\nNo result: {str(exc).splitlines()[0]}\n")
            continue
        versions += [version for version in result.versions if version not in versions]
        parts += [f"{table.markdown()}\n<!-- python -m benchmarks.{name} -->\n" for table in result.tables]
    head = HEAD.format(
        date=datetime.now(UTC).date().isoformat(), seconds=options.seconds, machine=machine_line(*versions)
    )
    REPORT.write_text("\n".join([head, *parts]))
    print("\n".join(parts))
    print(machine_line(*versions))
    print(f"{time.monotonic() - began:4.0f} s  written: {REPORT.relative_to(ROOT)}", file=sys.stderr)


if __name__ == "__main__":
    write()
