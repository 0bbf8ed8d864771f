"""Who is here and who types, told only to people who share a chat."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Collection
from typing import NamedTuple

from batiyoun.live import Peer, Rooms, chat_room, open_room, user_room
from batiyoun.presence.payloads import UserOffline, UserOnline, UserTyping
from batiyoun.presence.store import PresenceStore
from batiyoun.runtime import Runtime, from_millis

_log = logging.getLogger(__name__)

#: seconds that a person stays online after the last connection went: a reconnect in between is not told to anybody
LINGER = 5.0
#: seconds between refreshes of the store's five-minute entries
REFRESH = 120.0


class Circle(NamedTuple):
    """Who may know of a user: the partners of direct chats, and whoever has one of the user's groups open."""

    partners: list[str]
    groups: list[str]


class PresenceService:
    """Counts connections, tells arrivals and departures, passes on typing.

    Departures go through one queue and one task: their delay is the same for all, so the queue is in time order and
    no connection needs a timer.
    """

    def __init__(
        self, store: PresenceStore, rooms: Rooms, circle: Callable[[str], Awaitable[Circle]], runtime: Runtime
    ) -> None:
        self._store = store
        self._rooms = rooms
        self._circle = circle
        self._runtime = runtime
        self._here: dict[str, str] = {}  # connection → user
        self._leaving: deque[tuple[float, str, str]] = deque()
        self._sweeper: asyncio.Task[None] | None = None
        self._refresher: asyncio.Task[None] | None = None

    async def arrived(self, peer: Peer, circle: Circle) -> None:
        """A connection of a user is up: tell the circle, and tell the connection who of its partners is here."""
        user_id = peer.data.user_id
        self._here[peer.id] = user_id
        if self._refresher is None:
            self._refresher = asyncio.get_running_loop().create_task(self._refresh(), name="presence-refresh")
        if await self._store.arrive(user_id, peer.id):
            self._tell(circle, "user_online", user_id, UserOnline(user_id))
        for partner, last_seen in (await self._store.online(circle.partners)).items():
            if last_seen is None:
                peer.emit("user_online", partner, UserOnline(partner))
            else:
                peer.emit("user_offline", partner, UserOffline(partner, from_millis(int(last_seen * 1000))))

    async def met(self, one: str, other: str) -> None:
        """Two people share a direct chat from now on: each learns whether the other is here."""
        here = await self._store.online((one, other))
        for user_id, partner in ((one, other), (other, one)):
            if partner in here and here[partner] is None:
                self._rooms.publish(user_room(user_id), "user_online", partner, UserOnline(partner))

    def departed(self, peer: Peer) -> None:
        """A connection is gone; the user goes offline after `LINGER` unless another one lives."""
        user_id = self._here.pop(peer.id, None)
        if user_id is None:
            return
        self._leaving.append((self._runtime.monotonic() + LINGER, user_id, peer.id))
        if self._sweeper is None:
            self._sweeper = asyncio.get_running_loop().create_task(self._sweep(), name="presence-sweep")

    async def online(self, user_ids: Collection[str]) -> list[str]:
        """Which of these users are here. The caller has checked that they share a chat."""
        return [user_id for user_id, gone in (await self._store.online(user_ids)).items() if gone is None]

    async def typing(self, chat_id: str) -> list[str]:
        """Who is typing in the chat."""
        return sorted(await self._store.typing(chat_id))

    async def type(self, peer: Peer, chat_id: str) -> None:
        """Pass on that the user types, at most once a second. The caller has checked the membership."""
        user_id = peer.data.user_id
        if await self._store.type(chat_id, user_id):
            self._rooms.publish(chat_room(chat_id), "user_typing", user_id, UserTyping(chat_id, user_id), skip=peer)

    async def close(self) -> None:
        """Note everybody who was still here as gone, without telling anybody: the node goes away."""
        tasks = [task for task in (self._sweeper, self._refresher) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for connection_id, user_id in self._here.items():
            await self._store.depart(user_id, connection_id)
        for _, user_id, connection_id in self._leaving:
            await self._store.depart(user_id, connection_id)
        self._here.clear()
        self._leaving.clear()

    def _tell(self, circle: Circle, event: str, user_id: str, details: UserOnline | UserOffline) -> None:
        for partner in circle.partners:
            self._rooms.publish(user_room(partner), event, user_id, details)
        for chat_id in circle.groups:
            self._rooms.publish(open_room(chat_id), event, user_id, details)

    async def _sweep(self) -> None:
        try:
            while self._leaving:
                deadline, user_id, connection_id = self._leaving[0]
                wait = deadline - self._runtime.monotonic()
                if wait > 0:
                    await asyncio.sleep(wait)
                self._leaving.popleft()
                try:
                    await self._depart(user_id, connection_id)
                except Exception:
                    _log.exception("a departure could not be told")
        finally:
            self._sweeper = None

    async def _depart(self, user_id: str, connection_id: str) -> None:
        if not await self._store.depart(user_id, connection_id):
            return
        details = UserOffline(user_id, self._runtime.utcnow())
        self._tell(await self._circle(user_id), "user_offline", user_id, details)

    async def _refresh(self) -> None:
        while True:
            await asyncio.sleep(REFRESH)
            try:
                await self._store.refresh([(user_id, connection) for connection, user_id in self._here.items()])
            except Exception:
                _log.exception("presence could not be refreshed")
