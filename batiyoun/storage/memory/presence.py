"""Presence and typing of one process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection

ONLINE_TTL = 300.0
TYPING_TTL = 3.0
#: a typing notice is passed on at most this often, in seconds
TYPING_QUIET = 1.0
MAX_LAST_SEEN = 100_000


class MemoryPresence:
    """A `PresenceStore` for the embedded default. Connections of this process cannot outlive it, so none expire."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._here: dict[str, set[str]] = {}
        self._last_seen: OrderedDict[str, float] = OrderedDict()
        self._typing: dict[str, dict[str, float]] = {}

    async def arrive(self, user_id: str, connection_id: str) -> bool:
        """See `PresenceStore.arrive`."""
        connections = self._here.setdefault(user_id, set())
        connections.add(connection_id)
        return len(connections) == 1

    async def depart(self, user_id: str, connection_id: str) -> bool:
        """See `PresenceStore.depart`."""
        connections = self._here.get(user_id)
        if connections is None or connection_id not in connections:
            return False
        connections.discard(connection_id)
        if connections:
            return False
        del self._here[user_id]
        self._last_seen[user_id] = self._now()
        self._last_seen.move_to_end(user_id)
        if len(self._last_seen) > MAX_LAST_SEEN:
            self._last_seen.popitem(last=False)
        return True

    async def refresh(self, connections: Collection[tuple[str, str]]) -> None:
        """Nothing expires here."""

    async def fade(self, connections: Collection[tuple[str, str]], seconds: float) -> None:
        """At once: nobody is left who could come back."""
        for user_id, connection_id in connections:
            await self.depart(user_id, connection_id)

    async def gone(self, limit: int) -> dict[str, float]:
        """Nobody: who is here leaves with this process."""
        return {}

    async def online(self, user_ids: Collection[str]) -> dict[str, float | None]:
        """See `PresenceStore.online`."""
        found: dict[str, float | None] = {}
        for user_id in user_ids:
            if user_id in self._here:
                found[user_id] = None
            elif user_id in self._last_seen:
                found[user_id] = self._last_seen[user_id]
        return found

    async def type(self, chat_id: str, user_id: str) -> bool:
        """See `PresenceStore.type`."""
        now = self._now()
        chat = self._typing.setdefault(chat_id, {})
        known = chat.get(user_id)
        if known is not None and now - known < TYPING_QUIET:
            return False
        chat[user_id] = now
        if len(self._typing) > 1024:  # forget what nobody asks for any more
            self._typing = {
                key: fresh
                for key, users in self._typing.items()
                if (fresh := {user: at for user, at in users.items() if now - at < TYPING_TTL})
            }
        return True

    async def typing(self, chat_id: str) -> set[str]:
        """See `PresenceStore.typing`."""
        now = self._now()
        return {user_id for user_id, at in self._typing.get(chat_id, {}).items() if now - at < TYPING_TTL}
