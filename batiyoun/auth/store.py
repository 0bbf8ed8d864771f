"""What must be kept for signing in: accounts with their password hashes, and sessions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from batiyoun.auth.model import Account, Session
from batiyoun.users.model import User


class AccountStore(Protocol):
    """People with their password hashes; names and addresses are unique however written (`users.model.fold`)."""

    async def create(self, user: User, password_hash: str | None) -> None:
        """Keep a new person. Raises `UsernameTaken` or `EmailTaken`: the unique index decides races, not a look-up."""
        ...

    async def by_identifier(self, identifier: str) -> Account | None:
        """The account of that username or address (one with an @), in any case."""
        ...

    async def username_taken(self, username: str) -> bool:
        """Whether somebody has that username, in any case."""
        ...

    async def set_password_hash(self, user_id: str, password_hash: str) -> None:
        """Replace the hash."""
        ...


class SessionStore(Protocol):
    """Sign-ins. A session of a disabled person is never found."""

    async def create(self, session: Session) -> None:
        """Keep a new session; durable on return."""
        ...

    async def find(self, token_hashes: Collection[bytes], ids: Collection[str]) -> list[Session]:
        """The sessions of those token hashes or ids, in any order; handshakes are looked up in batches."""
        ...

    async def touch(self, seen: Mapping[str, datetime]) -> None:
        """Set when those sessions (by id) were last seen; unknown ids and earlier times change nothing."""
        ...

    async def delete(self, ids: Collection[str]) -> list[Session]:
        """End the sessions; returns those that existed."""
        ...

    async def of_user(self, user_id: str) -> Sequence[Session]:
        """The person's sessions, the last used first."""
        ...

    async def delete_expired(self, now: datetime) -> list[Session]:
        """End what is past its idle or absolute lifetime; returns it."""
        ...
