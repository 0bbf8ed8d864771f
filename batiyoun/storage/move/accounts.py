"""Moves people, sessions and everything else of accounts.db to PostgreSQL, and compares what arrived."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Table, func, or_, select
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.exc import IntegrityError

from batiyoun.errors import Unavailable
from batiyoun.storage.move.model import Fingerprint, Moved, MoveFailed, Progress
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.migrate import migrate, pending
from batiyoun.storage.sql.tables import metadata

PAGE = 500
#: the database itself refuses to change these
APPEND_ONLY = {"audit_events"}


async def move_accounts(path: Path, url: str, *, total: Progress, progress: Progress) -> Moved:
    """Copy every table of an accounts.db to the PostgreSQL at `url`. See `move_messages`.

    Rows of an earlier try are brought up to date. Raises `MoveFailed`.
    """
    source = Database(f"sqlite+aiosqlite:///{path}")
    target = Database(f"postgresql+asyncpg://{url.partition('://')[2]}")
    try:
        if await pending(source):
            raise MoveFailed("The accounts are of another version: start this version on them once, then stop it.")
        await migrate(target)
        moved = Moved()
        for table in metadata.sorted_tables:
            moved.counts[table.name] = await _count(source, table)
        total(2 * sum(moved.counts.values()))
        for table in metadata.sorted_tables:
            await _copy(source, target, table, progress)
            await _compare(source, target, table, progress)
    except IntegrityError as error:
        raise MoveFailed("The target has accounts of another installation: move into an empty database.") from error
    except Unavailable as error:
        raise MoveFailed("The accounts database does not answer: start it, or correct the address.") from error
    finally:
        await source.close()
        await target.close()
    return moved


async def _count(database: Database, table: Table) -> int:
    async with database.reading() as connection:
        return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())


async def _page(database: Database, table: Table, offset: int) -> list[dict[str, Any]]:
    statement = select(table).order_by(*table.primary_key.columns).offset(offset).limit(PAGE)
    async with database.reading() as connection:
        return [dict(row) for row in (await connection.execute(statement)).mappings()]


async def _copy(source: Database, target: Database, table: Table, progress: Progress) -> None:
    offset = 0
    while rows := await _page(source, table, offset):
        async with target.writing() as connection:
            await connection.execute(_upsert(table), rows)
        offset += len(rows)
        progress(len(rows))


def _upsert(table: Table) -> Insert:
    """Write rows, over those of an earlier try where they differ; the security log may only be added to."""
    statement = insert(table)
    keys = list(table.primary_key.columns)
    rest = [column for column in table.columns if not column.primary_key]
    if not rest or table.name in APPEND_ONLY:
        return statement.on_conflict_do_nothing(index_elements=keys)
    return statement.on_conflict_do_update(
        index_elements=keys,
        set_={column.name: statement.excluded[column.name] for column in rest},
        where=or_(*(column.is_distinct_from(statement.excluded[column.name]) for column in rest)),
    )


async def _compare(source: Database, target: Database, table: Table, progress: Progress) -> None:
    sent, arrived = Fingerprint(), Fingerprint()
    offset = 0
    while True:
        rows, there = await _page(source, table, offset), await _page(target, table, offset)
        sent.add(rows)
        arrived.add(there)
        if not rows and not there:
            break
        progress(len(rows))
        offset += PAGE
    if sent.proof != arrived.proof:
        raise MoveFailed(
            f"The table {table.name} has {sent.count} rows here and {arrived.count} in the target, and they are not "
            "the same: the target was in use. Move into an empty database."
        )
