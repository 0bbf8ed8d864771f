"""What people reported, as those who run the server read it, by command."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping

from batiyoun.errors import Conflict, NotFound
from batiyoun.reports.model import Report
from batiyoun.reports.store import ReportStore
from batiyoun.runtime import Runtime
from batiyoun.users.model import User

PAGE = 200


class ReportDesk:
    """Looks at reports and closes them. `people` finds accounts by id, deleted ones too."""

    def __init__(
        self,
        store: ReportStore,
        people: Callable[[Collection[str]], Awaitable[Mapping[str, User]]],
        runtime: Runtime,
    ) -> None:
        self._store = store
        self._people = people
        self._runtime = runtime

    async def reports(self, *, closed: bool) -> AsyncIterator[tuple[Report, str, str]]:
        """(report, who reported, who is reported), the newest first; open ones alone unless `closed`."""
        before: str | None = None
        while page := await self._store.page(closed=closed, limit=PAGE, before=before):
            names = await self.names(each for report in page for each in (report.reporter_id, report.user_id))
            for report in page:
                yield report, names[report.reporter_id], names[report.user_id]
            before = page[-1].id

    async def find(self, beginning: str) -> Report:
        """The report whose id begins so. Raises `NotFound`, `Conflict` (of several)."""
        found = await self._store.find(beginning.strip())
        if not found:
            raise NotFound("There is no such report: see `batiyoun report list --all`.")
        if len(found) > 1:
            raise Conflict("Several reports begin so. Give more of the id.")
        return found[0]

    async def names(self, user_ids: Iterable[str]) -> Mapping[str, str]:
        """Usernames by id; the id itself for who is in no table any more."""
        wanted = set(user_ids)
        found = await self._people(wanted)
        return {user_id: found[user_id].username if user_id in found else user_id for user_id in wanted}

    async def close(self, beginning: str) -> Report:
        """Say that it is dealt with. Raises as `find`, and `Conflict` when it was before."""
        report = await self.find(beginning)
        if not await self._store.close(report.id, self._runtime.utcnow()):
            raise Conflict("This report is closed already.")
        return report
