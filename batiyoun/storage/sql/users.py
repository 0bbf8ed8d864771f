"""`UserStore` and `AccountStore` over SQL."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from batiyoun.auth.model import Account, Admission, Created
from batiyoun.auth.oidc.model import Identity
from batiyoun.auth.passkeys.model import Passkey
from batiyoun.errors import EmailTaken, IdentityTaken, InviteInvalid, InviteRequired, PasskeyKnown, UsernameTaken
from batiyoun.runtime import Runtime
from batiyoun.storage.sql.codes import forget_address
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.errands import end_sessions, remember
from batiyoun.storage.sql.invites import use_invite
from batiyoun.storage.sql.tables import users
from batiyoun.storage.sql.ways_in import add_way_in, forget_ways_in
from batiyoun.users.model import ProfileChange, User, fold, name_key

#: below the 999 parameters that every SQLite takes
CHUNK = 500
#: sorts after every character that a name can go on with
LAST = "\U0010ffff"
#: any number, the same in every process: names the lock of the first account in PostgreSQL
FIRST_LOCK = 0x626174796F

_shown = (
    users.c.id, users.c.username, users.c.display_name, users.c.email, users.c.avatar, users.c.bio, users.c.provider,
    users.c.verified, users.c.disabled, users.c.created_at, users.c.role, users.c.deleted_at.is_not(None),
)  # fmt: skip


def _user(row: Sequence[Any]) -> User:
    return User(*row[: len(_shown)])


def _may_exist(key: str) -> bool:
    """No kept name holds a control character or half a surrogate pair, and PostgreSQL cannot even be asked for one."""
    return key.isprintable()


class SqlUserStore:
    """People, in SQLite or PostgreSQL."""

    def __init__(self, database: Database, runtime: Runtime) -> None:
        self._database = database
        self._runtime = runtime

    async def get(self, user_id: str) -> User | None:
        """See `UserStore`."""
        return (await self.get_many([user_id])).get(user_id)

    async def get_many(self, user_ids: Collection[str]) -> dict[str, User]:
        """See `UserStore`."""
        ids = list(user_ids)
        found: dict[str, User] = {}
        async with self._database.reading() as connection:
            for start in range(0, len(ids), CHUNK):
                rows = await connection.execute(select(*_shown).where(users.c.id.in_(ids[start : start + CHUNK])))
                found.update((user.id, user) for user in map(_user, rows))
        return found

    async def search(self, prefix: str, limit: int) -> list[User]:
        """See `UserStore`."""
        found: dict[str, User] = {}
        if not _may_exist(prefix):
            return []
        async with self._database.reading() as connection:
            for key in (users.c.username_key, users.c.name_key):
                # a range of the index, not LIKE: `%` and `_` are plain characters, and one plan for every database
                statement: Select[Any] = (
                    select(*_shown)
                    .where(key >= prefix, key < prefix + LAST, users.c.disabled.is_(False))
                    .order_by(key, users.c.id)
                    .limit(limit)
                )
                found.update((user.id, user) for user in map(_user, await connection.execute(statement)))
                if len(found) >= limit:
                    break
        return list(found.values())[:limit]

    async def rename(self, user_id: str, username: str) -> User | None:
        """See `UserStore`."""
        values = {"username": username, "username_key": fold(username), "updated_at": self._runtime.utcnow()}
        shown = {"display_name": username, "name_key": name_key(username)}
        living = (users.c.id == user_id) & users.c.disabled.is_(False)
        try:
            async with self._database.writing() as connection:
                # first: it looks at the username until now
                await connection.execute(
                    update(users).where(living, users.c.display_name == users.c.username).values(shown)
                )
                done = await connection.execute(update(users).where(living).values(values))
                if done.rowcount == 0:
                    return None
        except IntegrityError as exc:
            raise UsernameTaken from exc
        return await self.get(user_id)

    async def set_avatar(self, user_id: str, avatar: str | None) -> tuple[User, str | None] | None:
        """See `UserStore`."""
        living = (users.c.id == user_id) & users.c.disabled.is_(False)
        values = {"avatar": avatar, "updated_at": self._runtime.utcnow()}
        async with self._database.writing() as connection:
            row = (await connection.execute(select(users.c.avatar).where(living).with_for_update())).first()
            if row is None:
                return None
            await connection.execute(update(users).where(living).values(values))
        user = await self.get(user_id)
        return None if user is None else (user, row[0])

    async def update(self, user_id: str, change: ProfileChange) -> User | None:
        """See `UserStore`."""
        values: dict[str, Any] = {}
        if change.display_name is not None:
            values |= {"display_name": change.display_name, "name_key": name_key(change.display_name)}
        if change.bio is not None:
            values["bio"] = change.bio
        if values:
            values["updated_at"] = self._runtime.utcnow()
            async with self._database.writing() as connection:
                await connection.execute(update(users).where(users.c.id == user_id).values(values))
        return await self.get(user_id)


class SqlAccountStore:
    """People with their password hashes, in SQLite or PostgreSQL."""

    def __init__(self, database: Database, runtime: Runtime) -> None:
        self._database = database
        self._runtime = runtime

    async def any(self) -> bool:
        """See `AccountStore`."""
        async with self._database.reading() as connection:
            return (await connection.execute(select(users.c.id).limit(1))).first() is not None

    async def create(
        self,
        user: User,
        password_hash: str | None,
        admission: Admission | None = None,
        way_in: Passkey | Identity | None = None,
    ) -> Created:
        """See `AccountStore`."""
        row = {
            "id": user.id,
            "username": user.username,
            "username_key": fold(user.username),
            "display_name": user.display_name,
            "name_key": name_key(user.display_name),
            "email": user.email,
            "email_key": fold(user.email),
            "password_hash": password_hash,
            "avatar": user.avatar,
            "bio": user.bio,
            "provider": user.provider,
            "verified": user.verified,
            "disabled": user.disabled,
            "role": user.role,
            "created_at": user.created_at,
            "updated_at": user.created_at,
        }
        try:
            async with self._database.writing() as connection:
                if admission is None:
                    await connection.execute(users.insert().values(row))
                    created = Created(user, None)
                else:
                    created = await self._admit(connection, user, row, admission)
                if way_in is not None:
                    await add_way_in(connection, way_in)
                return created
        except IntegrityError as exc:
            # each database words the broken index differently, so ask which it was
            if await self.username_taken(user.username):
                raise UsernameTaken from exc
            if await self._exists(users.c.email_key == row["email_key"]):
                raise EmailTaken from exc
            if isinstance(way_in, Passkey):
                raise PasskeyKnown from exc
            if isinstance(way_in, Identity):
                raise IdentityTaken from exc
            raise

    async def _admit(
        self, connection: AsyncConnection, user: User, row: dict[str, Any], admission: Admission
    ) -> Created:
        first = await self._is_first(connection)
        if admission.only_first and not first:
            raise InviteRequired
        if first:
            user = replace(user, role="owner")
        await connection.execute(users.insert().values(row | {"role": user.role}))
        if admission.invite is None:
            return Created(user, None)
        used = await use_invite(
            connection, admission.invite, user.id, user.created_at, embedded=self._database.embedded
        )
        if used is None:
            raise InviteInvalid
        inviter = used[0].inviter_id
        await remember(connection, self._runtime, "meet", user.id, {"inviter": inviter})
        return Created(user, inviter)

    async def _is_first(self, connection: AsyncConnection) -> bool:
        """Whether nobody has an account; of two that ask at once, the second waits for the first to be done."""
        anybody = select(users.c.id).limit(1)
        if (await connection.execute(anybody)).first() is not None:
            return False
        # SQLite: the transaction holds the only write lock already
        if not self._database.embedded:
            await connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": FIRST_LOCK})
        return (await connection.execute(anybody)).first() is None

    async def by_identifier(self, identifier: str) -> Account | None:
        """See `AccountStore`."""
        key = fold(identifier)
        if not _may_exist(key):
            return None
        return await self._account((users.c.email_key if "@" in key else users.c.username_key) == key)

    async def by_id(self, user_id: str) -> Account | None:
        """See `AccountStore`."""
        return await self._account(users.c.id == user_id)

    async def username_taken(self, username: str) -> bool:
        """See `AccountStore`."""
        key = fold(username)
        return _may_exist(key) and await self._exists(users.c.username_key == key)

    async def set_password_hash(self, user_id: str, password_hash: str) -> None:
        """See `AccountStore`."""
        values = {"password_hash": password_hash, "updated_at": self._runtime.utcnow()}
        async with self._database.writing() as connection:
            await connection.execute(update(users).where(users.c.id == user_id).values(values))
            await end_sessions(connection, self._runtime, user_id, tokens=True)

    async def change_email(self, user_id: str, email: str, *, verified: bool) -> User | None:
        """See `AccountStore`."""
        values = {"email": email, "email_key": fold(email), "verified": verified, "updated_at": self._runtime.utcnow()}
        try:
            async with self._database.writing() as connection:
                old = select(users.c.email).where(users.c.id == user_id, users.c.disabled.is_(False)).with_for_update()
                before = (await connection.execute(old)).scalar()
                if before is None:
                    return None
                await connection.execute(update(users).where(users.c.id == user_id).values(values))
                await forget_address(connection, before)
        except IntegrityError as exc:
            if await self._exists((users.c.email_key == values["email_key"]) & (users.c.id != user_id)):
                raise EmailTaken from exc
            raise
        account = await self.by_id(user_id)
        return account.user if account else None

    async def swap_password_hash(
        self, user_id: str, old: str | None, new: str, *, keep: Collection[str] | None = None
    ) -> bool:
        """See `AccountStore`."""
        values = {"password_hash": new, "updated_at": self._runtime.utcnow()}
        same = users.c.password_hash.is_(None) if old is None else users.c.password_hash == old
        async with self._database.writing() as connection:
            done = await connection.execute(update(users).where(users.c.id == user_id, same).values(values))
            if done.rowcount and keep is not None:
                await end_sessions(connection, self._runtime, user_id, keep=keep, tokens=False)
            return done.rowcount > 0

    async def prove_address(self, user_id: str) -> bool:
        """See `AccountStore`."""
        values = {"verified": True, "password_hash": None, "updated_at": self._runtime.utcnow()}
        async with self._database.writing() as connection:
            done = await connection.execute(
                update(users).where(users.c.id == user_id, users.c.verified.is_(False)).values(values)
            )
            if done.rowcount:
                await forget_ways_in(connection, user_id)
                await end_sessions(connection, self._runtime, user_id, tokens=True)
            return done.rowcount > 0

    async def _account(self, condition: Any) -> Account | None:
        async with self._database.reading() as connection:
            row = (await connection.execute(select(*_shown, users.c.password_hash).where(condition))).first()
        return None if row is None else Account(_user(row), row[-1])

    async def _exists(self, condition: Any) -> bool:
        async with self._database.reading() as connection:
            return (await connection.execute(select(users.c.id).where(condition))).first() is not None
