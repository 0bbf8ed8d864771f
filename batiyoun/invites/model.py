"""Facts about invitations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

MAX_USES = 1_000
MAX_DAYS = 90
DEFAULT_DAYS = 7
MAX_NOTE = 120
#: of one person, good ones
MAX_INVITES = 100


@dataclass(frozen=True, slots=True)
class Invite:
    """A link that lets `max_uses` people in until `expires_at`. `note` is for its maker alone."""

    id: str
    inviter_id: str
    max_uses: int
    uses: int
    note: str
    created_at: datetime
    expires_at: datetime
