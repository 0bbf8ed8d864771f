"""Pairs beside ejabberd with its archive in PostgreSQL, the established open chat server.

It is measured where it is installed: `apt-get install ejabberd erlang-p1-pgsql`, and this script run as root. A message
counts when the other person has it; ejabberd archives it once for each of the two before that. CPU seconds are those of
the server and of its database together.
"""

from __future__ import annotations

from benchmarks import script
from benchmarks.foreign import COLUMNS, compare, generate
from benchmarks.load.generator import GeneratorFailed
from benchmarks.load.jobs import Throughput
from benchmarks.load.xmpp import XmppPairs
from benchmarks.script import Options, Result
from benchmarks.servers import ejabberd
from benchmarks.servers.batiyoun import Batiyoun
from benchmarks.servers.subject import Absent
from benchmarks.tables import Table
from benchmarks.throughput import CONTENT

PAIRS = (20, 200)
TARGET = 10.0


def run(options: Options) -> Result:
    """One table; a note instead of rows when ejabberd is not installed."""
    result = Result()
    table = Table(
        "Pairs, beside ejabberd",
        f"One of each pair sends, {options.window} messages in flight. CPU: server and database.",
        COLUMNS,
    )
    result.tables.append(table)

    def measure_peer(pairs: int) -> Throughput:
        with ejabberd.ejabberd(2 * pairs) as running:
            job = XmppPairs(running.port, running.pids, pairs, options.window, CONTENT, options.warmup, options.seconds)
            measured = generate("xmpp", job)
            if running.archived() < 2 * measured.messages:
                raise GeneratorFailed("ejabberd's archive does not hold every message")
            return measured

    try:
        result.versions += [Batiyoun().version(), ejabberd.version()]
    except Absent as exc:
        table.notes.append(f"Not measured. {exc}")
        return result
    peer = "ejabberd", "PostgreSQL archive, fsync"
    compare(table, PAIRS[-1:] if options.short else PAIRS, options, peer, TARGET, measure_peer)
    return result


if __name__ == "__main__":
    script.main(__doc__, run)
