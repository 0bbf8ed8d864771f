"""Rooms, and the fan-out to their members.

`publish` is the hottest loop of the product: an event is encoded once, and for an ordinary member costs a test and
an append of the same bytes to its connection's out-list.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Set
from typing import TYPE_CHECKING, Any

import msgspec

from batiyoun.realtime.bus import Bus, Envelope, channel_of
from batiyoun.realtime.frames import Broadcast
from batiyoun.runtime import uuid7
from batiyoun.wire.packets import DEFAULT_NAMESPACE
from batiyoun.wire.socketio import JsonEncoder

if TYPE_CHECKING:
    from batiyoun.realtime.pulse import Pulse
    from batiyoun.realtime.recovery import Recovery
    from batiyoun.realtime.socket import Socket

logger = logging.getLogger(__name__)

_JSON = JsonEncoder()
_encode_envelope = msgspec.msgpack.Encoder().encode
_decode_envelope = msgspec.msgpack.Decoder(Envelope).decode


class Room:
    """A room's members. Few are a tuple: most rooms are direct chats, and a set of two takes four times the memory."""

    __slots__ = ("members", "name")

    FEW = 8

    def __init__(self, name: str) -> None:
        self.name = name
        self.members: tuple[Socket, ...] | set[Socket] = ()

    def add(self, socket: Socket) -> bool:
        """Add a socket; False when it was in."""
        members = self.members
        if socket in members:
            return False
        if isinstance(members, set):
            members.add(socket)
        elif len(members) < self.FEW:
            self.members = (*members, socket)
        else:
            self.members = {*members, socket}
        return True

    def remove(self, socket: Socket) -> bool:
        """Remove a socket; False when it was not in."""
        members = self.members
        if socket not in members:
            return False
        if isinstance(members, set):
            members.discard(socket)
        else:
            self.members = tuple(member for member in members if member is not socket)
        return True


class Hub:
    """The rooms of one namespace. Membership changes and fan-out happen on the loop's thread, in call order."""

    def __init__(self, bus: Bus | None = None, *, channel: Callable[[str], str | None] = channel_of) -> None:
        self._rooms: dict[str, Room] = {}
        self._namespace = DEFAULT_NAMESPACE
        self._pulse: Pulse | None = None
        self._recovery: Recovery | None = None
        self._bus = bus
        self._channel = channel
        self._node = uuid7()
        #: frames put on out-lists since the start, for statistics
        self.deliveries = 0
        if bus is not None:
            bus.attach(self._from_bus)

    def bind(self, namespace: str, pulse: Pulse, recovery: Recovery | None = None) -> None:
        """Belong to that namespace of an engine; called by the engine."""
        self._namespace = namespace
        self._pulse = pulse
        self._recovery = recovery

    # ── membership ────────────────────────────────────────────────────────────────────────────────────────────────

    def join(self, socket: Socket, room: str) -> None:
        """Add the socket to the room; a no-op when it is in it, or gone."""
        if socket.is_gone:
            return
        entry = self._rooms.get(room)
        if entry is None:
            entry = self._rooms[room] = Room(room)
            self._subscribe(room)
        if entry.add(socket):
            socket.in_rooms.append(entry)

    def leave(self, socket: Socket, room: str) -> None:
        """Remove the socket from the room: the next publish does not reach it. A no-op when it is not in it."""
        entry = self._rooms.get(room)
        if entry is not None and entry.remove(socket):
            socket.in_rooms.remove(entry)
            self._drop_if_empty(entry)

    def leave_everything(self, socket: Socket) -> None:
        """Remove the socket from all of its rooms."""
        entries, socket.in_rooms = socket.in_rooms, []
        for entry in entries:
            entry.remove(socket)
            self._drop_if_empty(entry)

    def join_all(self, of: str, room: str) -> None:
        """Every member of the room `of` joins `room`: a user's sockets (`user:{id}`) get a new chat."""
        for socket in self.members(of):
            self.join(socket, room)

    def leave_all(self, of: str, room: str) -> None:
        """Every member of the room `of` leaves `room`: a user's sockets lose a chat at once."""
        for socket in self.members(of):
            self.leave(socket, room)
        if self._recovery is not None:
            self._recovery.leave_all(of, room)

    def members(self, room: str) -> tuple[Socket, ...]:
        """Who is in the room on this node, now."""
        entry = self._rooms.get(room)
        return () if entry is None else tuple(entry.members)

    def holds(self, room: str, socket: Socket) -> bool:
        """Whether the socket is in the room."""
        entry = self._rooms.get(room)
        return entry is not None and socket in entry.members

    def size(self, room: str) -> int:
        """How many sockets of this node are in the room."""
        entry = self._rooms.get(room)
        return 0 if entry is None else len(entry.members)

    @property
    def rooms(self) -> Set[str]:
        """The rooms with members."""
        return self._rooms.keys()

    # ── fan-out ───────────────────────────────────────────────────────────────────────────────────────────────────

    def publish(self, room: str, event: str, *arguments: Any, skip: Socket | Collection[Socket] | None = None) -> None:
        """Send an event to every member of the room, here and on other nodes.

        `skip` leaves out one socket or some (only local ones can be). Members that are too slow miss it and are told
        `resync`. Raises `TypeError` for arguments without a wire form, before anybody got anything.
        """
        entry = self._rooms.get(room)
        channel = self._channel(room) if self._bus is not None else None
        if entry is None and channel is None and self._recovery is None:
            return
        skipped = () if skip is None else skip if isinstance(skip, Collection) else (skip,)
        if self._recovery is None:
            broadcast = Broadcast(self._namespace, event, arguments)
        else:
            broadcast = self._recovery.note(room, event, arguments, skipped)
        if entry is not None:
            self._deliver(entry.members, broadcast, skipped)
        if channel is not None and self._bus is not None:
            parts = broadcast.parts(_JSON)
            self._bus.publish(channel, _encode_envelope(Envelope(self._node, room, parts)))

    def _deliver(self, members: Collection[Socket], broadcast: Broadcast, skipped: Collection[Socket] = ()) -> None:
        if skipped:
            members = [member for member in members if member not in skipped]
        pulse = self._pulse
        if pulse is None:  # unbound hubs have no members
            return
        data = broadcast.frame(_JSON).websocket
        dirty = pulse.dirty
        for socket in members:
            if socket.fast:
                session = socket.session
                out = session.out
                if not out:
                    dirty.append(session)
                out.append(data)
            else:
                socket.deliver(broadcast)
        self.deliveries += len(members)
        if dirty:
            pulse.schedule()

    # ── bus ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _drop_if_empty(self, entry: Room) -> None:
        if not entry.members:
            del self._rooms[entry.name]
            self._unsubscribe(entry.name)

    def _subscribe(self, room: str) -> None:
        channel = self._channel(room) if self._bus is not None else None
        if channel is not None and self._bus is not None:
            self._bus.subscribe(channel)

    def _unsubscribe(self, room: str) -> None:
        channel = self._channel(room) if self._bus is not None else None
        if channel is not None and self._bus is not None:
            self._bus.unsubscribe(channel)

    def _from_bus(self, channel: str, payload: bytes) -> None:
        """A frame of another node: for local members only, never published again."""
        try:
            envelope = _decode_envelope(payload)
        except msgspec.DecodeError:
            logger.warning("The bus delivered something that is no envelope")
            return
        if envelope.origin == self._node:
            return
        entry = self._rooms.get(envelope.room)
        broadcast = Broadcast.ready(envelope.parts)
        if self._recovery is not None:
            self._recovery.note_foreign(envelope.room, broadcast)
        if entry is not None:
            self._deliver(entry.members, broadcast)
