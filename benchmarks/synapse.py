"""Pairs beside Synapse with PostgreSQL, the reference server of Matrix.

It is measured where it is installed, in an environment of its own: `python3 -m venv .tools/synapse`, then
`.tools/synapse/bin/pip install 'matrix-synapse[postgres]'`. A message counts when its request is answered; the other
person syncs all the time. CPU seconds are those of the server and of its database together.
"""

from __future__ import annotations

from benchmarks import script
from benchmarks.foreign import COLUMNS, compare, generate
from benchmarks.load.jobs import Throughput
from benchmarks.load.matrix import MatrixPairs
from benchmarks.script import Options, Result
from benchmarks.servers import synapse
from benchmarks.servers.batiyoun import Batiyoun
from benchmarks.servers.subject import Absent
from benchmarks.tables import Table
from benchmarks.throughput import CONTENT

#: making 400 accounts and 200 rooms takes Synapse minutes, so the short run has fewer
PAIRS, SHORT_PAIRS = (20, 200), (5,)
#: at least so long: with 400 messages in flight one takes Synapse many seconds
SECONDS, SHORT_SECONDS = 15.0, 4.0
TARGET = 100.0


def run(options: Options) -> Result:
    """One table; a note instead of rows when Synapse is not installed."""
    result = Result()
    table = Table(
        "Pairs, beside Synapse",
        f"One of each pair sends, {options.window} messages in flight (2 at Synapse). CPU: server and database.",
        COLUMNS,
    )
    result.tables.append(table)

    def measure_peer(pairs: int) -> Throughput:
        with synapse.synapse() as running:
            window = min(2, options.window)  # more of them only wait
            seconds = max(SHORT_SECONDS if options.short else SECONDS, options.seconds)
            job = MatrixPairs(running.port, running.pids, pairs, window, CONTENT, options.warmup, seconds)
            return generate("matrix", job)

    try:
        result.versions += [Batiyoun().version(), synapse.version()]
    except Absent as exc:
        table.notes.append(f"Not measured. {exc}")
        return result
    peer = "Synapse", "PostgreSQL, fsync"
    compare(table, SHORT_PAIRS if options.short else PAIRS, options, peer, TARGET, measure_peer)
    return result


if __name__ == "__main__":
    script.main(__doc__, run)
