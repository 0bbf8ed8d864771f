"""What must be kept about who blocks whom. Implemented by `storage/sql`, beside the accounts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol


class BlockStore(Protocol):
    """Raises `Unavailable` when the database cannot be reached."""

    async def block(
        self, user_id: str, other_id: str, now: datetime, *, chats: Collection[str], most: int
    ) -> bool | None:
        """Block a person; whether they were not blocked before. The time of the first block stays.

        `chats` are the ids of the direct chats of the two; with another block of the same person they are replaced.
        None when `most` others are blocked; of several at once none passes that number. Raises `UserNotFound`: one of
        the two has no account, or none any more.
        """
        ...

    async def unblock(self, user_id: str, other_id: str) -> bool:
        """Take it back; whether they were blocked."""
        ...

    async def of_user(self, user_id: str) -> Mapping[str, datetime]:
        """Whom the person blocks, and since when; the newest first."""
        ...

    async def standing(self) -> Mapping[str, Collection[str]]:
        """The direct chats of all who block somebody: chat id → who blocks in it."""
        ...

    async def apart(self, user_id: str, other_ids: Collection[str]) -> set[str]:
        """Those of the others whom the person blocks, or who block the person; which of the two is not told."""
        ...
