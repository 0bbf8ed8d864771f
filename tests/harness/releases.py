"""The releases after this one, as far as stores notice: their migrations, in a copy of ours."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from sqlalchemy import Connection

from batiyoun.storage.mongo import schema
from batiyoun.storage.mongo.client import Mongo
from batiyoun.storage.postgres import migrate as messages
from batiyoun.storage.shared.revisions import Revisions
from batiyoun.storage.sql import migrate as accounts

#: what the next release adds, and what it takes away later
ADDS, TAKES = "9001", "9002"


def _script(revision: str, after: str, phase: str, statement: str) -> str:
    return (
        f'from alembic import op\n\nrevision = "{revision}"\ndown_revision = "{after}"\nphase = "{phase}"\n\n\n'
        f'def upgrade() -> None:\n    op.execute("{statement}")\n'
    )


def _next(ours: Revisions, folder: Path, table: str) -> Path:
    scripts = folder / f"next-{table}"
    shutil.copytree(ours.scripts, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    versions = scripts / "versions"
    (versions / f"{ADDS}_adds.py").write_text(
        _script(ADDS, ours.head, "pre", f"alter table {table} add column flavour integer")
    )
    (versions / f"{TAKES}_takes.py").write_text(
        _script(TAKES, ADDS, "post", f"alter table {table} drop column flavour")
    )
    return scripts


@contextmanager
def next_release(folder: Path) -> Iterator[None]:
    """Inside, this process is of the next release: it adds a column or a field, and takes it away when it may."""
    before = accounts.REVISIONS, messages.REVISIONS, schema.STEPS
    accounts.REVISIONS = later(accounts.REVISIONS, _next(accounts.REVISIONS, folder, "users"))
    messages.REVISIONS = later(messages.REVISIONS, _next(messages.REVISIONS, folder, "chatlog.chats"))
    schema.STEPS = (*schema.STEPS, ("pre", _adds), ("post", _takes))
    try:
        yield
    finally:
        accounts.REVISIONS, messages.REVISIONS, schema.STEPS = before


def later(ours: Revisions, scripts: Path) -> Revisions:
    """The same tables with the migrations of another folder."""
    return Revisions(scripts, about=ours.about, raise_needs=ours.raise_needs, schema=ours.schema)


def bring_to(ours: Revisions, connection: Connection, revision: str) -> None:
    """Make the tables as they were at one of our revisions, on a connection in a transaction."""
    config = ours.config
    config.attributes |= {"connection": connection, "schema": ours.schema}
    command.upgrade(config, revision)


async def _adds(mongo: Mongo) -> None:
    await mongo.chats.update_many({"flavour": {"$exists": False}}, {"$set": {"flavour": 0}})


async def _takes(mongo: Mongo) -> None:
    await mongo.chats.update_many({}, {"$unset": {"flavour": ""}})


def revisions(ours: Revisions) -> list[str]:
    """The numbers of our revisions, the oldest first."""
    return list(reversed(ours.phases))
