"""ejabberd with its archive in PostgreSQL: the established open chat server.

Debian: `apt-get install ejabberd erlang-p1-pgsql`. It runs as the user `ejabberd`, so the script needs root.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.machine import disk
from benchmarks.servers.postgres import Database, postgres, postgres_version
from benchmarks.servers.process import free_port, process
from benchmarks.servers.subject import Absent

USER = "ejabberd"
PASSWORD = "benchmark"
SCHEMA = Path("/usr/share/ejabberd/sql/pg.sql")
#: nothing but what two people who write to each other need: every module more would cost it time
CONFIG = """\
hosts: [localhost]
loglevel: warning
listen:
  - {{port: {xmpp}, ip: "127.0.0.1", module: ejabberd_c2s, starttls: false}}
  - {{port: {http}, ip: "127.0.0.1", module: ejabberd_http, request_handlers: {{/api: mod_http_api}}}}
auth_method: [internal]
auth_password_format: plain
disable_sasl_mechanisms: [X-OAUTH2, DIGEST-MD5, SCRAM-SHA-1, SCRAM-SHA-256, SCRAM-SHA-512]
acl: {{loopback: {{ip: [127.0.0.0/8]}}}}
api_permissions:
  local: {{from: [mod_http_api], who: [{{acl: loopback}}], what: ["register"]}}
modules:
  mod_http_api: {{}}
  mod_mam: {{assume_mam_usage: true, default: always, db_type: sql}}
sql_type: pgsql
sql_server: "127.0.0.1"
sql_port: {postgres}
sql_database: ejabberd
sql_username: postgres
sql_password: ""
"""


class Ejabberd(NamedTuple):
    """A running ejabberd: the port of its clients, the processes that count, its database."""

    port: int
    pids: list[int]
    database: Database

    def archived(self) -> int:
        """How many rows its archive has: one for each person of a message."""
        return int(self.database.run("-c", "select count(*) from archive", database="ejabberd"))


def version() -> str:
    """Versions of ejabberd and PostgreSQL. Raises `Absent`."""
    if shutil.which("ejabberdctl") is None or not SCHEMA.is_file():
        raise Absent("ejabberd is not installed: `apt-get install ejabberd erlang-p1-pgsql`.")
    if os.geteuid() != 0:
        raise Absent("ejabberd runs as a user of its own: start this script as root.")
    said = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Version}", "ejabberd"], capture_output=True, text=True, check=True
    )
    return f"ejabberd {said.stdout.split('-')[0]} and {postgres_version()}"


@contextmanager
def ejabberd(people: int) -> Iterator[Ejabberd]:
    """ejabberd with so many accounts, `person0` onwards, on the server's core with its database. Raises `Absent`."""
    version()
    with postgres() as database, tempfile.TemporaryDirectory(prefix="bench-ejabberd-", dir=disk()) as name:
        database.run("-c", "create database ejabberd")
        database.run("-f", str(SCHEMA), database="ejabberd")
        folder = Path(name)
        xmpp, api, distribution = free_port(), free_port(), free_port()
        (folder / "ejabberd.yml").write_text(CONFIG.format(xmpp=xmpp, http=api, postgres=database.port))
        (folder / "ejabberdctl.cfg").touch()
        for path in (folder, *folder.iterdir()):
            shutil.chown(path, USER, USER)
        command = [
            "ejabberdctl", "--config-dir", name, "--ctl-config", f"{name}/ejabberdctl.cfg", "--spool", f"{name}/spool",
            "--logs", name, "--node", "bench@localhost", "foreground-quiet",
        ]  # fmt: skip
        # a port of its own for the distribution: no port mapper is started that would outlive us
        environment = {"ERL_DIST_PORT": str(distribution), "INET_DIST_INTERFACE": "127.0.0.1", "HOME": name}
        with process(command, api, environment, user=USER) as pid:
            for number in range(people):
                _register(api, f"person{number}")
            yield Ejabberd(xmpp, [pid, database.pid], database)


def _register(port: int, name: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    account = {"user": name, "host": "localhost", "password": PASSWORD}
    connection.request("POST", "/api/register", json.dumps(account), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    assert answer.status == 200, said


def plain(name: str) -> str:
    """The SASL PLAIN response of an account (RFC 4616 §2)."""
    return base64.b64encode(f"\0{name}\0{PASSWORD}".encode()).decode()
