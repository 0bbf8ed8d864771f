"""What must be kept of accounts that end, and of what was decided about accounts elsewhere."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Departure:
    """Somebody deleted their account; what is left to do lies outside of this database. `avatar`: their picture."""

    user_id: str
    avatar: str | None


class DepartureStore(Protocol):
    """Ends accounts. Raises `Unavailable` when the database cannot be reached."""

    async def wipe(self, user_id: str, now: datetime) -> Departure | None:
        """Forget everything about the person but their id, in one transaction; None when there is nobody to forget.

        Address, names, bio, picture, password and everything that hangs on the account goes: sessions, tokens,
        passkeys, second factors, invitations. What was sent to their address is void. A tombstone stays, disabled and
        found by nobody. The owner of the server hands over to its eldest admin. A notice tells every process, and a
        `Departure` is remembered until `finished`.
        """
        ...

    async def unfinished(self) -> list[Departure]:
        """Those who left, and whose groups and files have not been seen to."""
        ...

    async def finished(self, user_id: str) -> None:
        """Nothing is left to do."""
        ...


class NoticeStore(Protocol):
    """Word between processes that something was decided about a person; it is kept for some minutes."""

    async def post(self, user_id: str, now: datetime) -> None:
        """Tell every process to look at that person's sessions again; durable on return."""
        ...

    async def recent(self) -> list[tuple[str, str]]:
        """(id of the notice, user id) of all that are kept."""
        ...

    async def prune(self, before: datetime, ids: Collection[str]) -> None:
        """Forget those of these notices that are older."""
        ...
