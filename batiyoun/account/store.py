"""What must be kept of accounts that end, and of what was decided about accounts elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol


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


@dataclass(frozen=True, slots=True)
class Errand:
    """What was decided in this database and must also happen elsewhere: in sessions, chats, or sockets.

    It is written in the transaction of the decision (`at`), so a crash right after cannot lose it. Handlers may be
    called again, and long after: what was done at once must not be undone by doing it twice.
    """

    id: str
    kind: str
    user_id: str
    details: Mapping[str, Any]
    at: datetime
    tries: int


class ErrandStore(Protocol):
    """Errands that wait. Raises `Unavailable` when the database cannot be reached."""

    async def take(self, now: datetime, lease: timedelta, limit: int) -> list[Errand]:
        """Those that are due, for this caller alone until the `lease` is over; the oldest first.

        `tries` counts this one. Whoever crashes leaves them to the next. An errand that has been tried often is due
        later each time.
        """
        ...

    async def done(self, errand_id: str) -> None:
        """Nothing is left to do."""
        ...


class RetentionStore(Protocol):
    """What is over and kept by nobody's wish. Raises `Unavailable`."""

    async def forget(self, now: datetime) -> Mapping[str, int]:
        """Delete what is over: codes, one-time tokens, half sign-ins, notices, and invitations over for 30 days.

        Returns how many rows of each table, those that lost none left out. Small bites, so that nobody waits long.
        """
        ...

    async def avatars(self) -> set[str]:
        """The addresses of all pictures that somebody has, or that are still to be deleted with an account."""
        ...
