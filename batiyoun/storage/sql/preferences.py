"""`PreferenceStore` over SQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from batiyoun.chats.preferences.model import NO_PREFERENCES, Change, Preferences
from batiyoun.errors import UserNotFound
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.tables import chat_preferences, users

_COLUMNS = (
    chat_preferences.c.muted_until,
    chat_preferences.c.archived_seq,
    chat_preferences.c.pinned,
    chat_preferences.c.revision,
)


class SqlPreferenceStore:
    """What people want of their chats, in SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._insert = sqlite.insert if database.embedded else postgresql.insert

    async def of_user(self, user_id: str) -> Mapping[str, Preferences]:
        """See `PreferenceStore`."""
        mine = select(*_COLUMNS, chat_preferences.c.chat_id).where(chat_preferences.c.user_id == user_id)
        async with self._database.reading() as connection:
            return {row.chat_id: _preferences(row) for row in await connection.execute(mine)}

    async def of_chat(self, user_id: str, chat_id: str) -> Preferences:
        """See `PreferenceStore`."""
        statement = select(*_COLUMNS).where(*_which(user_id, chat_id))
        async with self._database.reading() as connection:
            row = (await connection.execute(statement)).first()
        return NO_PREFERENCES if row is None else _preferences(row)

    async def change(self, user_id: str, chat_id: str, change: Change, *, most: int) -> Preferences | None:
        """See `PreferenceStore`."""
        given = {name: value for name, value in msgspec.structs.asdict(change).items() if value is not msgspec.UNSET}
        # the person's row is the turn: two devices that pin at once count one after the other
        turn = select(users.c.id).where(users.c.id == user_id).with_for_update()
        made = self._insert(chat_preferences).values(user_id=user_id, chat_id=chat_id, revision=0)
        changed = (
            update(chat_preferences)
            .where(*_which(user_id, chat_id))
            .values(**given, revision=chat_preferences.c.revision + 1)
            .returning(*_COLUMNS)
        )
        others = select(func.count()).where(
            chat_preferences.c.user_id == user_id,
            chat_preferences.c.chat_id != chat_id,
            chat_preferences.c.pinned.is_not(None),
        )
        async with self._database.writing() as connection:
            if (await connection.execute(turn)).first() is None:
                raise UserNotFound
            if given.get("pinned") is not None and (await connection.execute(others)).scalar_one() >= most:
                return None
            await connection.execute(made.on_conflict_do_nothing())
            return _preferences((await connection.execute(changed)).one())

    async def forget(self, user_id: str, chat_ids: Collection[str]) -> None:
        """See `PreferenceStore`."""
        async with self._database.writing() as connection:
            for chat_id in chat_ids:
                await connection.execute(delete(chat_preferences).where(*_which(user_id, chat_id)))


def _which(user_id: str, chat_id: str) -> tuple[ColumnElement[bool], ...]:
    return chat_preferences.c.user_id == user_id, chat_preferences.c.chat_id == chat_id


def _preferences(row: Any) -> Preferences:
    return Preferences(row.muted_until, row.archived_seq, row.pinned, row.revision)
