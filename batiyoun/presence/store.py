"""What must be kept about who is here: a small port, in memory or in Redis."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol


class PresenceStore(Protocol):
    """Connections of users (`user:online:{userId}`) and who is typing (`chat:{chatId}:typing`).

    Entries expire by themselves (5 min and 3 s) unless refreshed, so a node that died leaves no ghosts.
    """

    async def arrive(self, user_id: str, connection_id: str) -> bool:
        """Note a connection; True when it is the user's first."""
        ...

    async def depart(self, user_id: str, connection_id: str) -> bool:
        """Forget a connection; True when it was the user's last. Notes the time as last seen."""
        ...

    async def refresh(self, connections: Collection[tuple[str, str]]) -> None:
        """Keep these (user, connection) pairs for another five minutes."""
        ...

    async def fade(self, connections: Collection[tuple[str, str]], seconds: float) -> None:
        """These (user, connection) pairs end in `seconds`: their node says goodbye and cannot wait."""
        ...

    async def gone(self, limit: int) -> dict[str, float]:
        """At most `limit` users whose connections all ended without a departure, and when they were seen last.

        Each is named once, to one of those who ask: whoever is named it tells the others.
        """
        ...

    async def online(self, user_ids: Collection[str]) -> dict[str, float | None]:
        """Of these users: None for those who are here, the time of last sight (seconds) for those who were.

        Users never seen are absent.
        """
        ...

    async def type(self, chat_id: str, user_id: str) -> bool:
        """Note that the user types; True when that was not known in the last second (others should be told)."""
        ...

    async def typing(self, chat_id: str) -> set[str]:
        """Who typed in the last three seconds."""
        ...
