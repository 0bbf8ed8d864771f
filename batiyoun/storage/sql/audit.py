"""`AuditStore` over SQL."""

from __future__ import annotations

import json

from sqlalchemy import select

from batiyoun.audit.model import AuditEvent
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.tables import audit_events

_columns = (
    audit_events.c.id, audit_events.c.user_id, audit_events.c.kind, audit_events.c.at, audit_events.c.session_id,
    audit_events.c.browser, audit_events.c.os, audit_events.c.device_kind, audit_events.c.details,
)  # fmt: skip


class SqlAuditStore:
    """The security log, in SQLite or PostgreSQL; triggers of the migration keep it as it was written."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, event: AuditEvent) -> None:
        """See `AuditStore`."""
        row = {
            "id": event.id,
            "user_id": event.user_id,
            "kind": event.kind,
            "at": event.at,
            "session_id": event.session_id,
            "browser": event.browser,
            "os": event.os,
            "device_kind": event.device_kind,
            "details": json.dumps(dict(event.details), ensure_ascii=False, sort_keys=True),
        }
        async with self._database.writing() as connection:
            await connection.execute(audit_events.insert().values(row))

    async def of_user(self, user_id: str, *, before: str | None, limit: int) -> list[AuditEvent]:
        """See `AuditStore`."""
        # ids are UUIDv7: in the order of time
        statement = select(*_columns).where(audit_events.c.user_id == user_id)
        if before is not None:
            statement = statement.where(audit_events.c.id < before)
        statement = statement.order_by(audit_events.c.id.desc()).limit(limit)
        async with self._database.reading() as connection:
            rows = await connection.execute(statement)
            return [AuditEvent(*row[:-1], details=json.loads(row[-1])) for row in rows]
