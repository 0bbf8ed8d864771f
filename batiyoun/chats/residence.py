"""Which rooms a connection lives in: its user's, its session's, and those of all chats of the user."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from batiyoun.chats.model import Membership
from batiyoun.chats.service import ChatService
from batiyoun.errors import BatiyounError, ChatNotFound, Internal
from batiyoun.live import Peer, Reply, Rooms, chat_room, user_room
from batiyoun.presence.service import Circle, PresenceService

_log = logging.getLogger(__name__)


def circle_of(rows: list[Membership]) -> Circle:
    """Who may know of the user of these memberships."""
    return Circle(
        partners=[row.partner_id for row in rows if row.partner_id is not None],
        groups=[row.chat_id for row in rows if row.type == "group"],
    )


class Turns(Protocol):
    """Where several nodes are kept in step: whose turn it is in a chat on this one (`nodes.py`)."""

    def begin(self, chat_id: str, seq: int) -> None:
        """A connection has joined the chat and knows of everything up to `seq`."""
        ...

    def missed(self, peer: Peer, chat_id: str, seq: int) -> None:
        """A connection has joined late: tell it what others here heard after the envelope `seq`."""
        ...

    def waits(self, user_id: str, chat_id: str, joined_seq: int) -> bool:
        """Whether the user's joining takes effect here only later, in its turn."""
        ...


@dataclass(slots=True)
class _Watch:
    holders: int = 0
    version: int = 0


class Residence:
    """Settles connections in their rooms, also while the roster changes under them."""

    def __init__(
        self,
        service: ChatService,
        presence: PresenceService,
        rooms: Rooms,
        turns: Turns | None = None,
    ) -> None:
        """`turns` where there are other nodes."""
        self._service = service
        self._presence = presence
        self._rooms = rooms
        self._turns = turns
        #: connections of which the store is being asked where they belong
        self._asking: dict[str, asyncio.Task[list[Membership]]] = {}
        #: users with a connection that is settling right now
        self._watched: dict[str, _Watch] = {}
        self._asked: set[asyncio.Task[None]] = set()

    def changed(self, user_id: str) -> None:
        """The user was added to or removed from a chat: what is being read of their chats right now is stale."""
        watch = self._watched.get(user_id)
        if watch is not None:
            watch.version += 1

    async def connected(self, peer: Peer) -> None:
        """A new connection: rooms first, then presence."""
        self._rooms.join(peer, user_room(peer.data.user_id))
        # From here on other nodes tell us of changes; what was before is in what we read.
        await self._rooms.settled()
        await self._presence.arrived(peer, circle_of(await self.settle(peer)))

    def disconnected(self, peer: Peer) -> None:
        """The engine has taken the connection out of its rooms."""
        self._presence.departed(peer)

    async def admits(self, peer: Peer, chat_id: str) -> bool:
        """Whether the connection is in the chat. Raises `Unavailable`.

        On one node the rooms know. With others, somebody may answer a person before we heard what they did: then the
        store is asked, for one connection once at a time.
        """
        if self._turns is None or self._rooms.holds(chat_room(chat_id), peer):
            return self._rooms.holds(chat_room(chat_id), peer)
        asking = self._asking.get(peer.id)
        if asking is None:
            asking = self._asking[peer.id] = asyncio.get_running_loop().create_task(self.settle(peer), name="settle")
            asking.add_done_callback(lambda _: self._asking.pop(peer.id, None))
        await asyncio.shield(asking)
        return self._rooms.holds(chat_room(chat_id), peer)

    def ask(self, peer: Peer, chat_id: str, go: Callable[[], None], reply: Reply) -> None:
        """The rooms do not know the connection in that chat: `go` if the store does, else answer `ChatNotFound`.

        Raises it at once where the rooms know best.
        """
        if self._turns is None:
            raise ChatNotFound
        task = asyncio.get_running_loop().create_task(self._ask(peer, chat_id, go, reply), name="ask")
        self._asked.add(task)
        task.add_done_callback(self._asked.discard)

    async def _ask(self, peer: Peer, chat_id: str, go: Callable[[], None], reply: Reply) -> None:
        try:
            if await self.admits(peer, chat_id):
                go()
            else:
                reply(ChatNotFound())
        except BatiyounError as error:
            reply(error)
        except Exception:
            _log.exception("an event that had to wait failed")
            reply(Internal())

    async def settle(self, peer: Peer, since_joining: str | None = None) -> list[Membership]:
        """Join the rooms of all chats of the user, leave any others, and return the memberships.

        In the chat `since_joining` everything since they joined is news to the user, in others what follows from now.
        A kick between the reading and the joining would leave a stranger in the room: read again until nothing moved.
        """
        user_id = peer.data.user_id
        watch = self._watched.setdefault(user_id, _Watch())
        watch.holders += 1
        try:
            while True:
                version = watch.version
                rows = await self._service.memberships(user_id)
                if version == watch.version:
                    break
        finally:
            watch.holders -= 1
            if not watch.holders:
                del self._watched[user_id]
        wanted = {chat_room(row.chat_id) for row in rows}
        for room in [room for room in peer.rooms if room.startswith("chat:") and room not in wanted]:
            self._rooms.leave(peer, room)
        missing = wanted.difference(peer.rooms)
        for row in rows:
            room = chat_room(row.chat_id)
            if room not in missing or (self._turns and self._turns.waits(user_id, row.chat_id, row.joined_seq)):
                continue
            self._rooms.join(peer, room)
            if self._turns is not None and row.chat_id == since_joining:
                self._turns.begin(row.chat_id, row.joined_seq)
                self._turns.missed(peer, row.chat_id, row.joined_seq)
            elif self._turns is not None:
                self._turns.begin(row.chat_id, row.head_seq)
        if missing:
            await self._rooms.settled()
        return rows
