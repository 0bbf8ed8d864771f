"""`ReportStore` over SQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, func, insert, select, update

from batiyoun.errors import UserNotFound
from batiyoun.reports.model import Disclosed, Report
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.tables import reports, users

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(tuple[Disclosed, ...]).decode


class SqlReportStore:
    """Reports, in SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, report: Report, *, most: int) -> bool:
        """See `ReportStore`."""
        # the reporter's row is the turn: several at once count one after the other
        turn = select(users.c.id).where(users.c.id == report.reporter_id, users.c.deleted_at.is_(None))
        open_ = select(func.count()).where(reports.c.reporter_id == report.reporter_id, reports.c.closed_at.is_(None))
        values = {
            "id": report.id,
            "reporter_id": report.reporter_id,
            "user_id": report.user_id,
            "chat_id": report.chat_id,
            "reason": report.reason,
            "note": report.note,
            "messages": _encode(report.messages).decode(),
            "at": report.at,
            "closed_at": report.closed_at,
        }
        async with self._database.writing() as connection:
            if (await connection.execute(turn.with_for_update())).first() is None:
                raise UserNotFound
            if (await connection.execute(open_)).scalar_one() >= most:
                return False
            await connection.execute(insert(reports).values(values))
        return True

    async def of_reporter(self, user_id: str) -> list[Report]:
        """See `ReportStore`."""
        return await self._found(reports.c.reporter_id == user_id)

    async def page(self, *, closed: bool, limit: int, before: str | None) -> list[Report]:
        """See `ReportStore`."""
        which: list[Any] = [] if closed else [reports.c.closed_at.is_(None)]
        if before is not None:
            which.append(reports.c.id < before)  # ids are UUIDv7: in the order of time
        return await self._found(*which, limit=limit)

    async def find(self, beginning: str) -> list[Report]:
        """See `ReportStore`."""
        bounds = _bounds(beginning)
        if bounds is None:
            return []
        return await self._found(reports.c.id.between(*bounds), limit=2)

    async def close(self, report_id: str, now: datetime) -> bool:
        """See `ReportStore`."""
        statement = update(reports).where(reports.c.id == report_id, reports.c.closed_at.is_(None))
        async with self._database.writing() as connection:
            return (await connection.execute(statement.values(closed_at=now))).rowcount == 1

    async def _found(self, *which: Any, limit: int | None = None) -> list[Report]:
        statement = select(reports).where(*which).order_by(reports.c.id.desc()).limit(limit)
        async with self._database.reading() as connection:
            return [_report(row) for row in await connection.execute(statement)]


def _bounds(beginning: str) -> tuple[str, str] | None:
    """The first and the last id that begin so; none when nothing can."""
    digits = beginning.replace("-", "").lower()
    if not digits or len(digits) > 32 or not set(digits) <= set("0123456789abcdef"):
        return None
    first, last = digits.ljust(32, "0"), digits.ljust(32, "f")
    return _dashed(first), _dashed(last)


def _dashed(digits: str) -> str:
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _report(row: Row[Any]) -> Report:
    return Report(
        id=row.id,
        reporter_id=row.reporter_id,
        user_id=row.user_id,
        chat_id=row.chat_id,
        reason=row.reason,
        note=row.note,
        at=row.at,
        messages=_decode(row.messages),
        closed_at=row.closed_at,
    )
