"""The HTTP edge of reporting: `POST /api/reports`. Browsers only: an API token reports nobody.

The body is a struct: a report with what it shows is longer than a form may be.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Request

from batiyoun.auth.routes import CurrentUser, limit
from batiyoun.http import operation, struct_body
from batiyoun.limiting import Rate
from batiyoun.reports.model import MAX_MESSAGES, MAX_NOTE, MAX_TEXT, Reason
from batiyoun.reports.service import ReportService

router = APIRouter(prefix="/api/reports", tags=["reports"])

REPORT = Rate("reports", burst=10, period=360)

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class ShownMessage(msgspec.Struct, frozen=True, rename="camel"):
    """A message that the reporter shows: its id in the log, and its words as the reporter's browser opened them."""

    id: Id
    text: Annotated[str, msgspec.Meta(max_length=MAX_TEXT)]


class NewReport(msgspec.Struct, frozen=True, rename="camel"):
    """`POST reports`: about whom, why, and what the reporter wants to show of a chat."""

    user_id: Id
    reason: Reason
    chat_id: Id | None = None
    note: Annotated[str, msgspec.Meta(max_length=MAX_NOTE)] = ""
    messages: Annotated[tuple[ShownMessage, ...], msgspec.Meta(max_length=MAX_MESSAGES)] = ()


async def _reports(request: Request) -> ReportService:
    service: ReportService = request.app.state.reports
    return service


@router.post("", **operation(body=NewReport, answers={204: None}))
async def report(
    me: CurrentUser,
    body: Annotated[NewReport, Depends(struct_body(NewReport))],
    request: Request,
    reports: Annotated[ReportService, Depends(_reports)],
) -> None:
    """Tell the people who run this server of somebody, who does not learn of it."""
    limit(request, REPORT, me.user_id)
    await reports.report(
        me.user_id,
        body.user_id,
        chat_id=body.chat_id,
        reason=body.reason,
        note=body.note,
        shown=[(each.id, each.text) for each in body.messages],
    )
