"""What a PostgreSQL says of itself, for `doctor`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import asyncpg

from batiyoun.storage.libpq import dsn_of
from batiyoun.storage.shared.probe import Probe, clock_ahead, round_trip

#: `server_version_num`
_OLDEST = 150_000
#: what it raises when there is nothing to look at
ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, EOFError)
_ASKED = ["server_version", "server_version_num", "fsync", "full_page_writes"]
#: whether this connection crosses a network in the clear
_EXPOSED = """
    select client_addr is not null and client_addr <> inet_server_addr() and not coalesce(ssl, false)
    from pg_stat_activity left join pg_stat_ssl using (pid) where pid = pg_backend_pid()
"""


async def probe(url: str, now: Callable[[], datetime], *, seconds: float) -> Probe:
    """Look at the server; `url` is libpq's or SQLAlchemy's. Raises `ERRORS`."""
    connection = await asyncpg.connect(dsn_of(url), timeout=seconds, command_timeout=seconds)
    try:
        milliseconds = await round_trip(lambda: connection.execute("select 1"))
        ahead = await clock_ahead(now, lambda: connection.fetchval("select clock_timestamp()"))
        settings = {
            row["name"]: row["setting"]
            for row in await connection.fetch("select name, setting from pg_settings where name = any($1)", _ASKED)
        }
        standby = await connection.fetchval("select pg_is_in_recovery()")
        exposed = await connection.fetchval(_EXPOSED)
    finally:
        await connection.close(timeout=2)
    faults = []
    if int(settings["server_version_num"]) < _OLDEST:
        faults.append("PostgreSQL 15 or newer is needed: update the server.")
    if standby:
        faults.append("It is a standby, which takes no writes: name the primary.")
    hints = [
        f"It runs with {name}=off: a power cut can lose or damage what was acknowledged."
        for name in ("fsync", "full_page_writes")
        if settings[name] != "on"
    ]
    if exposed:
        hints.append("The way to it is not encrypted: add ?sslmode=verify-full to the address.")
    return Probe(
        f"PostgreSQL {settings['server_version'].split()[0]}", milliseconds, ahead, tuple(faults), tuple(hints)
    )
