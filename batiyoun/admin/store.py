"""What an administrator may look at and decide. Implemented by `storage/sql`, proved on every database."""

from __future__ import annotations

from typing import Protocol

from batiyoun.users.model import Role, User


class AdminStore(Protocol):
    """Everybody's accounts. Raises `Unavailable` when the database cannot be reached."""

    async def people(self, *, after: str | None, limit: int) -> list[User]:
        """Everybody, disabled or deleted too, in the order of their coming.

        `after` is the last id of the page before.
        """
        ...

    async def find(self, identifier: str) -> User | None:
        """Who has that username, address (one with an @) or id, disabled or deleted too."""
        ...

    async def set_disabled(self, user_id: str, disabled: bool) -> bool:
        """Disable or enable; False when that is so already, or the account is deleted. Durable on return.

        Who is disabled has every sign-in of before remembered to be ended, in the same transaction: enabling them again
        brings none of them back.
        """
        ...

    async def set_role(self, user_id: str, role: Role) -> bool:
        """Give another role; False when they have it already, or the account is deleted. Durable on return."""
        ...
