"""A report: what somebody tells the people who run this server of somebody else."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

Reason = Literal["spam", "harassment", "danger", "other"]

MAX_NOTE = 1000
MAX_MESSAGES = 20
MAX_TEXT = 5000
#: open reports of one person
MAX_OPEN = 50
#: how long a report is kept after it was closed
KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Disclosed:
    """A message that the reporter chose to show.

    Who wrote it and when is what the log says. `text` is what the reporter's browser says: this server cannot open
    what is encrypted, and cannot check it.
    """

    message_id: str
    sender_id: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """`closed_at` is None while nobody has decided."""

    id: str
    reporter_id: str
    user_id: str
    chat_id: str | None
    reason: Reason
    note: str
    at: datetime
    messages: tuple[Disclosed, ...] = field(default=())
    closed_at: datetime | None = None
