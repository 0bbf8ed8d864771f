"""What `batiyoun user …` works with: the configured databases, beside a running server or without one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

from batiyoun.account.service import Leaving
from batiyoun.admin.service import Admin
from batiyoun.audit.service import Audit
from batiyoun.auth.model import Admission
from batiyoun.auth.passwords import PasswordHasher
from batiyoun.auth.store import SessionStore
from batiyoun.reports.desk import ReportDesk
from batiyoun.runtime import Runtime
from batiyoun.settings import Settings
from batiyoun.startup import EXIT_CONFIG, CannotStart, prepare_data_dir
from batiyoun.storage.errors import StoreUnusable
from batiyoun.storage.redis.parts import RedisParts
from batiyoun.storage.sql.administration import SqlAdminStore
from batiyoun.storage.sql.audit import SqlAuditStore
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.departures import SqlDepartureStore, SqlNoticeStore
from batiyoun.storage.sql.migrate import check, migrate
from batiyoun.storage.sql.reports import SqlReportStore
from batiyoun.storage.sql.sessions import SqlSessionStore
from batiyoun.storage.sql.users import SqlAccountStore, SqlUserStore
from batiyoun.users.model import User
from batiyoun.users.service import UserService


@asynccontextmanager
async def administration(settings: Settings, runtime: Runtime) -> AsyncIterator[Admin]:
    """Commands about accounts, over the configured stores. Raises `CannotStart`, `Unavailable`."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(_opened(settings))
        users = UserService(SqlUserStore(database, runtime))
        hasher = PasswordHasher(settings.password_cost, threads=1)
        stack.callback(hasher.close)
        audit = Audit(SqlAuditStore(database), runtime)
        notices = SqlNoticeStore(database, runtime)
        sessions = _sessions(settings, database, runtime, users, stack)

        async def end_sessions(user_id: str) -> None:
            await sessions.revoke([session.id for session in await sessions.of_user(user_id)])

        async def notify(user_id: str) -> None:
            await notices.post(user_id, runtime.utcnow())

        async def later(_: object) -> None:
            """A running server sees to it, or the next that starts."""

        leaving = Leaving(
            store=SqlDepartureStore(database, runtime),
            users=users,
            audit=audit,
            runtime=runtime,
            end_sessions=end_sessions,
            leave_groups=later,
            forget_avatar=later,
        )
        yield Admin(
            store=SqlAdminStore(database, runtime),
            accounts=_Accounts(SqlAccountStore(database, runtime), hasher),
            leaving=leaving,
            audit=audit,
            runtime=runtime,
            end_sessions=end_sessions,
            notify=notify,
        )


@asynccontextmanager
async def report_desk(settings: Settings, runtime: Runtime) -> AsyncIterator[ReportDesk]:
    """Commands about reports, over the configured accounts. Raises `CannotStart`, `Unavailable`."""
    async with _opened(settings) as database:
        yield ReportDesk(SqlReportStore(database), SqlUserStore(database, runtime).get_many, runtime)


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Database]:
    prepare_data_dir(settings.data_dir)
    database = Database(settings.accounts_url)
    try:
        if database.embedded:
            await migrate(database)
        try:
            await check(database)
        except StoreUnusable as error:
            raise CannotStart(str(error), EXIT_CONFIG) from error
        yield database
    finally:
        await database.close()


class _Accounts:
    """Signing up and in, without a browser."""

    def __init__(self, accounts: SqlAccountStore, hasher: PasswordHasher) -> None:
        self._accounts = accounts
        self._hasher = hasher

    async def register(self, user: User, password: str, *, as_admin: bool) -> User:
        """See `Accounts`."""
        user = replace(user, role="admin" if as_admin else "member")
        created = await self._accounts.create(user, await self._hasher.hash(password), Admission())
        return created.user

    async def set_password(self, user_id: str, password: str) -> None:
        """See `Accounts`."""
        await self._accounts.set_password_hash(user_id, await self._hasher.hash(password))


def _sessions(
    settings: Settings, database: Database, runtime: Runtime, users: UserService, stack: AsyncExitStack
) -> SessionStore:
    if settings.redis_url is None:
        return SqlSessionStore(database)
    redis = RedisParts(
        settings.redis_url,
        connections=settings.redis_connections,
        timeout=settings.redis_timeout_ms / 1000,
        ca=None if settings.redis_ca is None else str(settings.redis_ca),
    )
    stack.push_async_callback(redis.close)

    async def disabled(user_ids: Collection[str]) -> set[str]:
        return set(user_ids).difference(await users.get_many(user_ids))

    return redis.sessions(runtime, disabled)
