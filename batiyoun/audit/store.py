"""What must be kept of the security log: everything, unchanged."""

from __future__ import annotations

from typing import Protocol

from batiyoun.audit.model import AuditEvent


class AuditStore(Protocol):
    """The security log. It only grows: the database itself refuses to change or remove an event.

    Raises `Unavailable` when the database cannot be reached.
    """

    async def append(self, event: AuditEvent) -> None:
        """Keep an event; durable on return."""
        ...

    async def of_user(self, user_id: str, *, before: str | None, limit: int) -> list[AuditEvent]:
        """The person's events, the newest first; `before` is the id of the last event of the page before."""
        ...
