"""Who is here and who types, told only to people who share a chat.

Presence never stands in the way of messages: while its store is away nothing is told, and nothing fails.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Collection
from typing import NamedTuple

from batiyoun.errors import Unavailable
from batiyoun.live import Peer, Rooms, chat_room, open_room, user_room
from batiyoun.presence.payloads import UserOffline, UserOnline, UserTyping
from batiyoun.presence.store import PresenceStore
from batiyoun.runtime import Runtime, from_millis

_log = logging.getLogger(__name__)

#: seconds that a person stays online after the last connection went: a reconnect in between is not told to anybody
LINGER = 5.0
#: seconds between refreshes of the store's five-minute entries
REFRESH = 120.0
#: seconds between looks for people whose node died
SEARCH = 15.0
#: of those, how many at once
MAX_GONE = 100


class Circle(NamedTuple):
    """Who may know of a user: the partners of direct chats, and whoever has one of the user's groups open."""

    partners: list[str]
    groups: list[str]


async def _together(_: str, __: Collection[str]) -> set[str]:
    return set()


class PresenceService:
    """Counts connections, tells arrivals and departures, passes on typing.

    Departures go through one queue and one task: their delay is the same for all, so the queue is in time order and
    no connection needs a timer.
    """

    def __init__(
        self,
        store: PresenceStore,
        rooms: Rooms,
        circle: Callable[[str], Awaitable[Circle]],
        runtime: Runtime,
        apart: Callable[[str, Collection[str]], Awaitable[set[str]]] = _together,
    ) -> None:
        """`apart`: of these partners of a person, those who block them or whom they block; both learn nothing."""
        self._store = store
        self._rooms = rooms
        self._circle = circle
        self._runtime = runtime
        self._apart = apart
        self._here: dict[str, str] = {}  # connection → user
        self._leaving: deque[tuple[float, str, str]] = deque()
        self._sweeper: asyncio.Task[None] | None = None
        self._refresher: asyncio.Task[None] | None = None
        self._refreshed = runtime.monotonic()
        self._look = asyncio.Event()

    def start(self) -> None:
        """Look for people whose node died, also while nobody is here; the first arrival starts it by itself."""
        if self._refresher is None:
            self._refresher = asyncio.get_running_loop().create_task(self._refresh(), name="presence-refresh")

    async def arrived(self, peer: Peer, circle: Circle) -> None:
        """A connection of a user is up: tell the circle, and tell the connection who of its partners is here."""
        user_id = peer.data.user_id
        self._here[peer.id] = user_id
        self.start()
        try:
            circle = await self._without_apart(user_id, circle)
            first = await self._store.arrive(user_id, peer.id)
            partners = await self._store.online(circle.partners)
        except Unavailable:
            return
        if first:
            self._tell(circle, "user_online", user_id, UserOnline(user_id))
        for partner, last_seen in partners.items():
            if last_seen is None:
                peer.emit("user_online", partner, UserOnline(partner))
            else:
                peer.emit("user_offline", partner, UserOffline(partner, from_millis(int(last_seen * 1000))))

    async def met(self, one: str, other: str) -> None:
        """Two people share a direct chat from now on: each learns whether the other is here."""
        try:
            here = await self._store.online((one, other))
        except Unavailable:
            return
        for user_id, partner in ((one, other), (other, one)):
            if partner in here and here[partner] is None:
                self._rooms.publish(user_room(user_id), "user_online", partner, UserOnline(partner))

    async def parted(self, one: str, other: str) -> None:
        """Two people learn nothing of each other from now on: whoever is here goes, for the other."""
        now = self._runtime.utcnow()
        for user_id, partner in ((one, other), (other, one)):
            self._rooms.publish(user_room(user_id), "user_offline", partner, UserOffline(partner, now))

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
        try:
            return [user_id for user_id, gone in (await self._store.online(user_ids)).items() if gone is None]
        except Unavailable:
            return []

    async def typing(self, chat_id: str) -> list[str]:
        """Who is typing in the chat."""
        try:
            return sorted(await self._store.typing(chat_id))
        except Unavailable:
            return []

    async def type(self, peer: Peer, chat_id: str) -> None:
        """Pass on that the user types, at most once a second. The caller has checked the membership."""
        user_id = peer.data.user_id
        try:
            news = await self._store.type(chat_id, user_id)
        except Unavailable:
            return
        if news:
            self._rooms.publish(chat_room(chat_id), "user_typing", user_id, UserTyping(chat_id, user_id), skip=peer)

    def restored(self) -> None:
        """The store was away, and may have forgotten who is here: say it again."""
        self._refreshed = float("-inf")
        self._look.set()

    async def close(self) -> None:
        """The node goes away: whoever was here is gone soon, unless they are back on another node by then."""
        tasks = [task for task in (self._sweeper, self._refresher) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        mine = [(user_id, connection_id) for connection_id, user_id in self._here.items()]
        mine += [(user_id, connection_id) for _, user_id, connection_id in self._leaving]
        with contextlib.suppress(Unavailable):  # then they expire
            await self._store.fade(mine, LINGER)
        self._here.clear()
        self._leaving.clear()

    def _tell(self, circle: Circle, event: str, user_id: str, details: UserOnline | UserOffline) -> None:
        rooms = [*map(user_room, circle.partners), *map(open_room, circle.groups)]
        self._rooms.publish_all(rooms, event, user_id, details)

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
                except Unavailable:
                    continue  # the entry expires, and somebody finds it
                except Exception:
                    _log.exception("a departure could not be told")
        finally:
            self._sweeper = None

    async def _depart(self, user_id: str, connection_id: str) -> None:
        if not await self._store.depart(user_id, connection_id):
            return
        details = UserOffline(user_id, self._runtime.utcnow())
        self._tell(await self._seen_by(user_id), "user_offline", user_id, details)

    async def _seen_by(self, user_id: str) -> Circle:
        return await self._without_apart(user_id, await self._circle(user_id))

    async def _without_apart(self, user_id: str, circle: Circle) -> Circle:
        apart = await self._apart(user_id, circle.partners)
        return circle._replace(partners=[partner for partner in circle.partners if partner not in apart])

    async def _refresh(self) -> None:
        """Keep our connections' entries, and tell of people that no other node is left to tell of."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._look.wait(), SEARCH)
            self._look.clear()
            try:
                await self._keep_house()
            except Unavailable:
                continue
            except Exception:
                _log.exception("presence could not be refreshed")

    async def _keep_house(self) -> None:
        now = self._runtime.monotonic()
        if now - self._refreshed >= REFRESH:
            await self._store.refresh([(user_id, connection) for connection, user_id in self._here.items()])
            self._refreshed = now
        while gone := await self._store.gone(MAX_GONE):
            for user_id, last_seen in gone.items():
                details = UserOffline(user_id, from_millis(int(last_seen * 1000)))
                self._tell(await self._seen_by(user_id), "user_offline", user_id, details)
