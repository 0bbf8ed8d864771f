"""The HTTP edge of the security log: one's own."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from batiyoun.audit.model import AuditEntry, entry_of
from batiyoun.audit.service import MAX_PAGE, Audit
from batiyoun.auth.routes import CurrentUser
from batiyoun.http import Body

router = APIRouter(prefix="/api/users/me/audit", tags=["users"])


async def audit_of(request: Request) -> Audit:
    """The security log of this application."""
    audit: Audit = request.app.state.audit
    return audit


class AuditLog(Body):
    """`GET users/me/audit`: ask again with `before` = the last id while `hasMore`."""

    events: list[AuditEntry]
    has_more: bool


UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"


@router.get("")
async def read_audit(
    principal: CurrentUser,
    audit: Annotated[Audit, Depends(audit_of)],
    before: Annotated[str | None, Query(pattern=UUID, description="the last id of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE - 1)] = 50,
) -> AuditLog:
    """What happened to one's account, the newest first."""
    events = await audit.of_user(principal.user_id, before=before, limit=limit + 1)
    return AuditLog(events=[entry_of(event) for event in events[:limit]], has_more=len(events) > limit)
