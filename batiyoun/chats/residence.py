"""Which rooms a connection lives in: its user's, its session's, and those of all chats of the user."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from batiyoun.chats.model import Membership
from batiyoun.chats.service import ChatService
from batiyoun.live import Peer, Rooms, chat_room, user_room
from batiyoun.presence.service import Circle, PresenceService


def circle_of(rows: list[Membership]) -> Circle:
    """Who may know of the user of these memberships."""
    return Circle(
        partners=[row.partner_id for row in rows if row.partner_id is not None],
        groups=[row.chat_id for row in rows if row.type == "group"],
    )


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
        begin: Callable[[str, int], None] | None = None,
    ) -> None:
        """`begin(chat_id, head_seq)` is told where a chat stood that a connection has just joined."""
        self._service = service
        self._presence = presence
        self._rooms = rooms
        self._begin = begin
        #: users with a connection that is settling right now
        self._watched: dict[str, _Watch] = {}

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

    async def settle(self, peer: Peer) -> list[Membership]:
        """Join the rooms of all chats of the user, leave any others, and return the memberships.

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
        for room in missing:
            self._rooms.join(peer, room)
        if self._begin is not None:
            for row in rows:
                if chat_room(row.chat_id) in missing:
                    self._begin(row.chat_id, row.head_seq)
        if missing:
            await self._rooms.settled()
        return rows
