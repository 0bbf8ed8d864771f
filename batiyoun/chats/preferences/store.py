"""What must be kept about people's preferences. Implemented by `storage/sql`, beside the accounts.

They are no part of the log: a person's own matter, gone with their account, and of no concern to other members. So they
stand where everything stands that belongs to one person, whatever store keeps the messages.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from batiyoun.chats.preferences.model import Change, Preferences


class PreferenceStore(Protocol):
    """Raises `Unavailable` when the database cannot be reached."""

    async def of_user(self, user_id: str) -> Mapping[str, Preferences]:
        """What the person wants, by chat; chats that are not in it have no preferences."""
        ...

    async def of_chat(self, user_id: str, chat_id: str) -> Preferences:
        """What the person wants of that chat."""
        ...

    async def change(self, user_id: str, chat_id: str, change: Change, *, most: int) -> Preferences | None:
        """Change what is given, whole or not at all, and return what is true now, with a larger `revision`.

        None when it would be pinned and `most` other chats are. Of several at once none is lost. Raises
        `UserNotFound`: the account was deleted meanwhile.
        """
        ...

    async def forget(self, user_id: str, chat_ids: Collection[str]) -> None:
        """Drop what the person wanted of these chats."""
        ...
