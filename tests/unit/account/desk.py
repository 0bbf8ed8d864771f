"""Stands for what leaving asks of others, and remembers what was asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from batiyoun.account.service import Leaving
from batiyoun.audit.service import Audit
from batiyoun.errors import Unavailable
from batiyoun.storage.sql.departures import SqlDepartureStore
from batiyoun.users.model import User
from batiyoun.users.service import UserService
from tests.harness.accounts import Clock, Stores, open_stores, person


@dataclass
class Desk:
    """Leaving over real stores. `broken` names the errands that fail."""

    stores: Stores
    clock: Clock
    asha: User
    leaving: Leaving = field(init=False)
    departures: SqlDepartureStore = field(init=False)
    errands: list[tuple[str, str | None]] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        runtime = self.clock.runtime()
        self.departures = SqlDepartureStore(self.stores.database, runtime)
        self.leaving = Leaving(
            store=self.departures,
            users=UserService(self.stores.users),
            audit=Audit(self.stores.audit, runtime),
            runtime=runtime,
            end_sessions=lambda user_id: self._errand("end_sessions", user_id),
            leave_groups=lambda user_id: self._errand("leave_groups", user_id),
            forget_avatar=lambda avatar: self._errand("forget_avatar", avatar),
        )

    async def _errand(self, name: str, about: str | None) -> None:
        if name in self.broken:
            raise Unavailable
        self.errands.append((name, about))


@asynccontextmanager
async def open_desk(folder: Path) -> AsyncIterator[Desk]:
    """A desk with one person, who has a picture."""
    clock = Clock()
    async with open_stores(f"sqlite+aiosqlite:///{folder / 'accounts.db'}", clock.runtime()) as stores:
        asha = person("asha", avatar="picture")
        await stores.accounts.create(asha, "hash")
        yield Desk(stores, clock, asha)


@dataclass
class Notices:
    """Notices in memory."""

    kept: list[tuple[str, str]] = field(default_factory=list)
    pruned: list[datetime] = field(default_factory=list)

    async def post(self, user_id: str, now: datetime) -> None:
        """See `NoticeStore`."""
        self.kept.append((str(len(self.kept)), user_id))

    async def recent(self) -> list[tuple[str, str]]:
        """See `NoticeStore`."""
        return list(self.kept)

    async def prune(self, before: datetime, ids: Collection[str]) -> None:
        """See `NoticeStore`."""
        self.pruned.append(before)
