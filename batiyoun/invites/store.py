"""What must be kept of invitations. Implemented by `storage/sql`, proved by one contract suite on every database."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from batiyoun.invites.model import Invite


class InviteStore(Protocol):
    """Invitations, by the SHA-256 of their code. Those of disabled people are never good.

    Raises `Unavailable` when the database cannot be reached.
    """

    async def create(self, invite: Invite, code_hash: bytes, *, limit: int) -> bool:
        """Keep a new invitation; False when its maker has `limit` that are good. Durable on return."""
        ...

    async def of_user(self, user_id: str) -> list[Invite]:
        """The person's invitations, over or not, the newest first."""
        ...

    async def delete(self, invite_id: str, user_id: str) -> bool:
        """Void the person's invitation; False when it is not theirs. What was used stays used."""
        ...

    async def find(self, code_hash: bytes, now: datetime) -> Invite | None:
        """The invitation of that code, if it is good: not over, and with a use left."""
        ...

    async def use(self, code_hash: bytes, user_id: str, now: datetime) -> tuple[Invite, bool] | None:
        """Count a use by that person; the invitation and whether this was their first use, or None: it is not good.

        However many come at once, `uses` never passes `max_uses`. Somebody who used it already uses nothing again, and
        gets it also when it is used up or over since.
        """
        ...
