"""What must be kept about reports. Implemented by `storage/sql`, beside the accounts."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from batiyoun.reports.model import Report


class ReportStore(Protocol):
    """Raises `Unavailable` when the database cannot be reached."""

    async def add(self, report: Report, *, most: int) -> bool:
        """Keep a report; False when the reporter has `most` open ones. Raises `UserNotFound`: no such reporter."""
        ...

    async def of_reporter(self, user_id: str) -> list[Report]:
        """What the person has reported, the newest first."""
        ...

    async def page(self, *, closed: bool, limit: int, before: str | None) -> list[Report]:
        """The newest first, open ones alone unless `closed`; `before` is the last id of the page before."""
        ...

    async def find(self, beginning: str) -> list[Report]:
        """Those whose id begins so, two at most."""
        ...

    async def close(self, report_id: str, now: datetime) -> bool:
        """Say that it is dealt with; False when it was before."""
        ...
