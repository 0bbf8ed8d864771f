"""`BlockStore` over SQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from batiyoun.errors import UserNotFound
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.tables import blocks, users

#: people in one question: databases take a limited number of parameters
BATCH = 500


class SqlBlockStore:
    """Who blocks whom, in SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._insert = sqlite.insert if database.embedded else postgresql.insert

    async def block(
        self, user_id: str, other_id: str, now: datetime, *, chats: Collection[str], most: int
    ) -> bool | None:
        """See `BlockStore`."""
        # both rows, in one order for everybody: two people who block each other at once do not wait for each other.
        # The person's own row is the turn: two devices that block at once count one after the other
        turn = (
            select(users.c.id)
            .where(users.c.id.in_((user_id, other_id)), users.c.deleted_at.is_(None))
            .order_by(users.c.id)
            .with_for_update()
        )
        others = select(func.count()).where(blocks.c.user_id == user_id, blocks.c.blocked_id != other_id)
        this = (blocks.c.user_id == user_id, blocks.c.blocked_id == other_id)
        known = select(func.count()).where(*this)
        made = self._insert(blocks).values(user_id=user_id, blocked_id=other_id, since=now, chats=" ".join(chats))
        made = made.on_conflict_do_update(index_elements=["user_id", "blocked_id"], set_={"chats": " ".join(chats)})
        async with self._database.writing() as connection:
            if len((await connection.execute(turn)).all()) != 2:
                raise UserNotFound
            if (await connection.execute(others)).scalar_one() >= most:
                return None
            new = (await connection.execute(known)).scalar_one() == 0
            await connection.execute(made)
        return new

    async def unblock(self, user_id: str, other_id: str) -> bool:
        """See `BlockStore`."""
        gone = delete(blocks).where(blocks.c.user_id == user_id, blocks.c.blocked_id == other_id)
        async with self._database.writing() as connection:
            return (await connection.execute(gone)).rowcount == 1

    async def of_user(self, user_id: str) -> Mapping[str, datetime]:
        """See `BlockStore`."""
        mine = (
            select(blocks.c.blocked_id, blocks.c.since)
            .where(blocks.c.user_id == user_id)
            .order_by(blocks.c.since.desc(), blocks.c.blocked_id)
        )
        async with self._database.reading() as connection:
            return {row.blocked_id: row.since for row in await connection.execute(mine)}

    async def standing(self) -> Mapping[str, Collection[str]]:
        """See `BlockStore`."""
        found: dict[str, set[str]] = {}
        async with self._database.reading() as connection:
            for user_id, chats in await connection.execute(select(blocks.c.user_id, blocks.c.chats)):
                for chat_id in chats.split():
                    found.setdefault(chat_id, set()).add(user_id)
        return found

    async def apart(self, user_id: str, other_ids: Collection[str]) -> set[str]:
        """See `BlockStore`."""
        found: set[str] = set()
        wanted = list(other_ids)
        async with self._database.reading() as connection:
            for start in range(0, len(wanted), BATCH):
                some = wanted[start : start + BATCH]
                mine = select(blocks.c.blocked_id).where(blocks.c.user_id == user_id, blocks.c.blocked_id.in_(some))
                theirs = select(blocks.c.user_id).where(blocks.c.blocked_id == user_id, blocks.c.user_id.in_(some))
                found.update((await connection.execute(mine.union(theirs))).scalars())
        return found
