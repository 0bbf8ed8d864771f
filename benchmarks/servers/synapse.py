"""Synapse with PostgreSQL: the reference server of Matrix.

It wants an environment of its own: `python3 -m venv .tools/synapse && .tools/synapse/bin/pip install
'matrix-synapse[postgres]'` (the driver is compiled: `apt-get install libpq-dev gcc`).
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.machine import disk
from benchmarks.servers.postgres import postgres, postgres_version
from benchmarks.servers.process import ROOT, free_port, process
from benchmarks.servers.subject import Absent

PYTHON = ROOT / ".tools" / "synapse" / "bin" / "python"
#: no limits, cheap passwords, no federation and no presence: nothing but messages in rooms
CONFIG = """\
server_name: localhost
pid_file: {folder}/homeserver.pid
signing_key_path: {folder}/signing.key
media_store_path: {folder}/media
report_stats: false
listeners:
  - {{port: {port}, bind_addresses: ["127.0.0.1"], type: http, tls: false, resources: [{{names: [client]}}]}}
database: {{name: psycopg2, args: {{user: postgres, dbname: synapse, host: "127.0.0.1", port: {database}, cp_max: 10}}}}
enable_registration: true
enable_registration_without_verification: true
registration_shared_secret: benchmark
macaroon_secret_key: benchmark
form_secret: benchmark
bcrypt_rounds: 4
suppress_key_server_warning: true
trusted_key_servers: []
federation_domain_whitelist: []
presence: {{enabled: false}}
url_preview_enabled: false
rc_message: &none {{per_second: 100000, burst_count: 100000}}
rc_registration: *none
rc_login: {{address: *none, account: *none}}
rc_joins: {{local: *none}}
rc_joins_per_room: *none
rc_invites: {{per_room: *none, per_user: *none, per_issuer: *none}}
rc_room_creation: *none
"""


class Synapse(NamedTuple):
    """A running Synapse: the port of its clients and the processes that count."""

    port: int
    pids: list[int]


def version() -> str:
    """Versions of Synapse and PostgreSQL. Raises `Absent`."""
    if not PYTHON.is_file():
        raise Absent(
            "Synapse is not installed: `python3 -m venv .tools/synapse` and "
            "`.tools/synapse/bin/pip install 'matrix-synapse[postgres]'`."
        )
    ask = "from importlib.metadata import version; print(version('matrix-synapse'))"
    said = subprocess.run([PYTHON, "-c", ask], capture_output=True, text=True, check=False)
    if said.returncode:
        raise Absent(f"{PYTHON.relative_to(ROOT)} has no Synapse: install 'matrix-synapse[postgres]' with its pip.")
    return f"Synapse {said.stdout.strip()} and {postgres_version()}"


@contextmanager
def synapse() -> Iterator[Synapse]:
    """Synapse as one process on the server's core, with its database. Raises `Absent`."""
    version()
    with postgres() as database, tempfile.TemporaryDirectory(prefix="bench-synapse-", dir=disk()) as name:
        # Synapse insists on the C collation
        locale = "lc_collate 'C' lc_ctype 'C'"
        database.run("-c", f"create database synapse template template0 encoding 'UTF8' {locale}")
        port = free_port()
        config = Path(name) / "homeserver.yaml"
        config.write_text(CONFIG.format(folder=name, port=port, database=database.port))
        command = [str(PYTHON), "-m", "synapse.app.homeserver", "-c", str(config)]
        subprocess.run([*command, "--generate-keys"], check=True, capture_output=True)
        with process(command, port) as pid:
            yield Synapse(port, [pid, database.pid])
