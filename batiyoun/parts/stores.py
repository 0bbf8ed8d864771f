"""What the stores say of themselves, asked from outside of the server: for `doctor`, `backup` and `restore`.

These commands look at stores that no server has open, or that one is serving right now.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from alembic.script import ScriptDirectory
from alembic.util import CommandError

from batiyoun.runtime import Runtime, from_millis
from batiyoun.settings import Settings
from batiyoun.settings_reference import mask
from batiyoun.startup import EXIT_CONFIG, EXIT_UNAVAILABLE
from batiyoun.storage.errors import StoreUnusable
from batiyoun.storage.messages import message_store
from batiyoun.storage.mongo import probe as mongo_probe
from batiyoun.storage.postgres import probe as postgres_probe
from batiyoun.storage.reasons import cannot_be_used
from batiyoun.storage.redis import probe as redis_probe
from batiyoun.storage.shared.probe import Probe
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.migrate import REVISIONS, check
from batiyoun.storage.sqlite.errors import is_damage
from batiyoun.storage.sqlite.schema import check_version
from batiyoun.storage.sqlite.verify import find_damage
from batiyoun.upkeep.backup import EXIT_DAMAGED
from batiyoun.upkeep.checks import check_clock
from batiyoun.upkeep.finding import Finding, Grade, fine, problem, warning
from batiyoun.upkeep.installation import ACCOUNTS, LOG

_ACCOUNTS, _MESSAGES, _REDIS = "accounts", "messages", "redis"
#: a server whose clock is further away orders and expires things oddly
_SKEW_SECONDS = 5.0
#: how long a server may take to answer, in seconds
_SECONDS = 5.0
#: milliseconds of a round trip that everybody feels
_FAR_MS = 20.0
#: an `OSError` of TLS, names and sockets and a timeout among them
_ERRORS = (*postgres_probe.ERRORS, *mongo_probe.ERRORS, *redis_probe.ERRORS)
_BACKUP = "Stop the server and restore a backup with `batiyoun restore`."


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Read-only: a look changes nothing, and never checkpoints what a running server wrote."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=10)) as connection:
        yield connection


def examine(name: str, path: Path, *, seconds: float | None = None) -> list[str]:
    """What is wrong with a database of ours, by its name in a backup; empty when it can be served by this version.

    `seconds` bounds the time spent on the message log; None looks at every row.
    """
    try:
        with _opened(path) as connection:
            if name == LOG:
                return _examine_log(connection, path, seconds)
            return _examine_accounts(connection) if name == ACCOUNTS else []
    except (sqlite3.DatabaseError, UnicodeDecodeError) as exc:
        if isinstance(exc, sqlite3.OperationalError) and not is_damage(exc):
            raise
        return [str(exc)]


def _examine_log(connection: sqlite3.Connection, path: Path, seconds: float | None) -> list[str]:
    try:
        version = check_version(connection, path)
    except StoreUnusable as exc:
        return [str(exc)]
    return find_damage(connection, seconds=seconds) if version else ["it holds no messages and never did"]


def _examine_accounts(connection: sqlite3.Connection) -> list[str]:
    problems = [text for (text,) in connection.execute("pragma integrity_check(20)") if text != "ok"]
    if problems:
        return problems
    if not connection.execute("select 1 from sqlite_schema where name = 'alembic_version'").fetchone():
        return ["it is not a database of accounts"]
    row = connection.execute("select version_num from alembic_version").fetchone()
    if row is None or not _is_known(row[0]):
        return [f"it was written by a newer Batiyoun ({row[0] if row else 'no revision'}): install that version"]
    return []


def _is_known(revision: str) -> bool:
    try:
        return ScriptDirectory.from_config(REVISIONS.config).get_revision(revision) is not None
    except CommandError:
        return False


def newest_message(settings: Settings) -> datetime | None:
    """When the newest message was stored; None when there is none, or the log is not a readable file."""
    if not settings.messages_address.startswith("sqlite:"):
        return None
    try:
        with _opened(settings.log_path) as connection:
            row = connection.execute("select timestamp from log order by ref desc limit 1").fetchone()
    except sqlite3.Error:
        return None
    return from_millis(row[0]) if row else None


async def check_all(settings: Settings, *, quick: bool) -> AsyncIterator[Finding]:
    """Every store that the settings name, and the clock against what is stored; `quick`: not every message."""
    for finding in await check_accounts(settings):
        yield finding
    for finding in await check_messages(settings, seconds=1.0 if quick else None):
        yield finding
    for finding in await check_redis(settings):
        yield finding
    for finding in check_clock(Runtime().utcnow(), newest_message(settings)):
        yield finding


async def check_accounts(settings: Settings) -> list[Finding]:
    """The database of users and sessions: whole or reachable, of this version, with the same time as here."""
    database = Database(settings.accounts_url)
    try:
        if database.embedded:
            return await asyncio.to_thread(_check_embedded_accounts, Path(str(database.url.database)))
        return await _check_accounts_server(database)
    finally:
        await database.close()


def _check_embedded_accounts(path: Path) -> list[Finding]:
    if not path.exists():
        return [fine(_ACCOUNTS, f"{path} is not there yet; the first start makes it.")]
    try:
        problems = examine(ACCOUNTS, path)
    except sqlite3.OperationalError as exc:
        return [problem(_ACCOUNTS, f"{path} cannot be opened ({exc}): who owns it?", EXIT_CONFIG)]
    if problems:
        return [problem(_ACCOUNTS, f"{path} is damaged: {problems[0]}. {_BACKUP}", EXIT_DAMAGED)]
    return [fine(_ACCOUNTS, f"{path} is whole.")]


async def _check_accounts_server(database: Database) -> list[Finding]:
    where = f"{database.url.host or database.url.query.get('host')}:{database.url.port or 5432}/{database.url.database}"
    url = database.url.render_as_string(hide_password=False)
    what = _Server(_ACCOUNTS, where, "BATIYOUN_DATABASE_URL", "sslrootcert=/path/ca.pem")
    found = await _look(what, lambda now: postgres_probe.probe(url, now, seconds=_SECONDS))
    if all(finding.grade is not Grade.PROBLEM for finding in found):
        try:
            await check(database)
            async with database.reading() as connection:
                current = await connection.run_sync(REVISIONS.current)
        except StoreUnusable as exc:
            return [*found, problem(_ACCOUNTS, str(exc), EXIT_CONFIG)]
        found += _leftovers(_ACCOUNTS, current is not None and current < REVISIONS.head)
    return found


def _leftovers(about: str, there: bool) -> list[Finding]:
    sentence = "It keeps what only older servers use: run `batiyoun migrate --phase post` when none is left."
    return [warning(about, sentence)] if there else []


@dataclass(frozen=True, slots=True)
class _Server:
    """What is looked at: `authority` is how one names a certificate authority for it."""

    about: str
    where: str
    setting: str
    authority: str


async def _look(server: _Server, probe: Callable[[Callable[[], datetime]], Awaitable[Probe]]) -> list[Finding]:
    """What a server says of itself, or why it says nothing."""
    try:
        async with asyncio.timeout(2 * _SECONDS):
            said = await probe(lambda: datetime.now(UTC))
    except _ERRORS as exc:
        sentence = cannot_be_used(server.where, exc, setting=server.setting, authority=server.authority)
        return [problem(server.about, sentence, EXIT_UNAVAILABLE)]
    found = [fine(server.about, f"{server.where} answers in {said.milliseconds:g} ms ({said.is_}).")]
    if said.milliseconds > _FAR_MS:
        found.append(warning(server.about, f"{said.milliseconds:g} ms are long: everybody waits so often for it."))
    if abs(said.ahead) > _SKEW_SECONDS:
        sentence = f"Its clock is {abs(said.ahead):.0f} s away from the one here: set both by NTP."
        found.append(warning(server.about, sentence))
    found += [warning(server.about, hint) for hint in said.hints]
    return found + [problem(server.about, fault, EXIT_CONFIG) for fault in said.faults]


async def check_messages(settings: Settings, *, seconds: float | None) -> list[Finding]:
    """The message log. In a file: every row against its checksum, or as many as `seconds` allow. On a server: whether
    it can be served as it is (reachable, of this version, able to keep its promises)."""
    if settings.messages_address.startswith("sqlite:"):
        return await asyncio.to_thread(_check_log_file, settings.log_path, seconds)
    return await _check_messages_server(settings)


async def _check_messages_server(settings: Settings) -> list[Finding]:
    url, seconds = settings.messages_address, settings.messages_timeout_ms / 1000
    mongo = url.startswith("mongodb")
    authority = "tlsCAFile=/path/ca.pem" if mongo else "sslrootcert=/path/ca.pem"
    module = mongo_probe if mongo else postgres_probe
    server = _Server(_MESSAGES, mask(url), "BATIYOUN_MESSAGES_URL", authority)
    found = await _look(server, lambda now: module.probe(url, now, seconds=min(seconds, _SECONDS)))
    if any(finding.grade is Grade.PROBLEM for finding in found):
        return found
    store = message_store(url, Runtime(), connections=1, seconds=seconds)
    try:
        await store.open()
    except StoreUnusable as exc:
        return [*found, problem(_MESSAGES, str(exc), EXIT_CONFIG)]
    finally:
        await store.close()
    return found


async def check_redis(settings: Settings) -> list[Finding]:
    """What Redis says of itself; nothing when none is set."""
    url = settings.redis_url
    if url is None:
        return []
    ca = None if settings.redis_ca is None else str(settings.redis_ca)
    server = _Server(_REDIS, mask(url), "BATIYOUN_REDIS_URL", "BATIYOUN_REDIS_CA=/path/ca.pem")
    seconds = settings.redis_timeout_ms / 1000
    return await _look(server, lambda now: redis_probe.probe(url, now, seconds=seconds, ca=ca))


def _check_log_file(path: Path, seconds: float | None) -> list[Finding]:
    if not path.exists() or path.stat().st_size == 0:
        return [fine(_MESSAGES, f"{path} is not there yet; the first start makes it.")]
    try:
        problems = examine(LOG, path, seconds=seconds)
    except sqlite3.OperationalError as exc:
        return [problem(_MESSAGES, f"{path} cannot be opened ({exc}): who owns it?", EXIT_CONFIG)]
    if problems:
        return [problem(_MESSAGES, f"{path} cannot be served: {problems[0].rstrip('.')}. {_BACKUP}", EXIT_DAMAGED)]
    with _opened(path) as connection:
        count = connection.execute("select count(*) from log").fetchone()[0]
    extent = "is whole" if seconds is None else f"showed no damage in {seconds:g} s"
    return [fine(_MESSAGES, f"{path} {extent}, with {count} envelopes.")]
