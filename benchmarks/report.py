"""Runs of the scripts, written to docs/reference. `make bench` runs the engine's part; under three minutes.

- `python -m benchmarks.report`: the engine, in `benchmarks.md`
- `python -m benchmarks.report around`: stores, a second node, a flood of sign-ins, in `benchmarks-around.md`
- `python -m benchmarks.report crypto`: encryption in a browser, in `benchmarks-crypto.md`
- `python -m benchmarks.report app`: the app in a browser, in `benchmarks-app.md`

The engine's scripts and those around it make short runs, those in a browser whole ones.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import benchmarks.app
import benchmarks.crypto
import benchmarks.ejabberd
import benchmarks.idle
import benchmarks.latency
import benchmarks.login_flood
import benchmarks.nodes
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

REFERENCE = ROOT / "docs" / "reference"
Scripts = Mapping[str, Callable[[Options], Result]]
ENGINE: Scripts = {
    "realtime": benchmarks.realtime.run,
    "pairs_postgres": benchmarks.pairs_postgres.run,
    "ejabberd": benchmarks.ejabberd.run,
    "synapse": benchmarks.synapse.run,
    "latency": benchmarks.latency.run,
    "slow_reader": benchmarks.slow_reader.run,
    "storm": benchmarks.storm.run,
    "idle": benchmarks.idle.run,
}
AROUND: Scripts = {
    "stores": benchmarks.stores.run,
    "nodes": benchmarks.nodes.run,
    "login_flood": benchmarks.login_flood.run,
}
CRYPTO: Scripts = {"crypto": benchmarks.crypto.run}
APP: Scripts = {"app": benchmarks.app.run}
#: what a report is called: its file, its title, the command that writes it, its scripts
REPORTS: Mapping[str, tuple[str, str, str, Scripts]] = {
    "engine": ("benchmarks.md", "Benchmarks", "make bench", ENGINE),
    "around": (
        "benchmarks-around.md",
        "Benchmarks of stores, nodes and sign-ins",
        "python -m benchmarks.report around",
        AROUND,
    ),
    "crypto": ("benchmarks-crypto.md", "Benchmarks of encryption", "python -m benchmarks.report crypto", CRYPTO),
    "app": ("benchmarks-app.md", "Benchmarks of the app", "python -m benchmarks.report app", APP),
}

HEAD = """\
# {title}

Written by `{command}` on {date}. {conditions}
{machine}
"""

SERVERS = f"""\
A short run, one measurement of {SHORT.seconds:.0f} s per row. The scripts under `benchmarks/` take larger crowds and
the median of several runs: `python -m benchmarks.realtime --help`.

All servers of a table ran in the same run on the same machine, each on one core, with the load generator on the other.
CPU seconds are those that the operating system charged to the server's process, and to its database's. Every row says
what is durable when a message is acknowledged: ours stores everything, and most peers nothing. A run in which one
acknowledged message or one delivery is missing has no result. Trust the ratios; absolute numbers are the machine's.
"""
BROWSER = """\
One Chromium, all cores of the machine, one run per row: expect twice or half of it elsewhere.
"""
IN_BROWSER = frozenset({"crypto", "app"})


def write(name: str = "engine") -> None:
    """Run the scripts of that report and write it. Scripts that fail say so in it. `KeyError`: no such report."""
    options = Options() if name in IN_BROWSER else SHORT
    file, title, command, scripts = REPORTS[name]
    raise_file_limit()
    versions: list[str] = []
    parts: list[str] = []
    began = time.monotonic()
    for script, run in scripts.items():
        print(f"{time.monotonic() - began:4.0f} s  {script}", file=sys.stderr, flush=True)
        try:
            result = run(options)
        except (GeneratorFailed, ServerFailed) as exc:
            parts.append(f"## {script}\n\nNo result: {str(exc).splitlines()[0]}\n")
            continue
        versions += [version for version in result.versions if version not in versions]
        parts += [f"{table.markdown()}\n<!-- python -m benchmarks.{script} -->\n" for table in result.tables]
    head = HEAD.format(
        title=title,
        command=command,
        date=datetime.now(UTC).date().isoformat(),
        conditions=BROWSER if name in IN_BROWSER else SERVERS,
        machine=machine_line(*versions),
    )
    (REFERENCE / file).write_text("\n".join([head, *parts]))
    print("\n".join(parts))
    print(machine_line(*versions))
    print(f"{time.monotonic() - began:4.0f} s  written: docs/reference/{file}", file=sys.stderr)


if __name__ == "__main__":
    write(sys.argv[1] if len(sys.argv) > 1 else "engine")
