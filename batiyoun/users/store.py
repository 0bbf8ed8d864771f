"""What must be kept about people. Implemented by `storage/sql`, proved by one contract suite on every database."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from batiyoun.users.model import ProfileChange, User


class UserStore(Protocol):
    """People without their passwords. Raises `Unavailable` when the database cannot be reached."""

    async def get(self, user_id: str) -> User | None:
        """The person of that id, disabled or not. The id must be a UUID string."""
        ...

    async def get_many(self, user_ids: Collection[str]) -> dict[str, User]:
        """The people of those ids that exist, by id."""
        ...

    async def search(self, prefix: str, limit: int) -> list[User]:
        """People whose username or display name begins with `prefix` (already folded, not empty), without the disabled.

        Usernames come first, each group in the order of its names; at most `limit`, nobody twice.
        """
        ...

    async def rename(self, user_id: str, username: str) -> User | None:
        """Change the username, and the display name where it was the same; None when there is nobody of that id.

        Raises `UsernameTaken`: the unique index decides races, not a look-up.
        """
        ...

    async def set_avatar(self, user_id: str, avatar: str | None) -> tuple[User, str | None] | None:
        """Change the picture's address; (the person, the address until now), or None when there is nobody.

        Of several at once each gets the address that it replaced.
        """
        ...

    async def update(self, user_id: str, change: ProfileChange) -> User | None:
        """Apply the change and return the person; None when there is nobody of that id."""
        ...
