"""Rooms, and the fan-out to their members.

`publish` is the hottest loop of the product: an event is encoded once, and for an ordinary member costs a test and
an append of the same bytes to its connection's out-list.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Set
from typing import TYPE_CHECKING, Any

import msgspec

from batiyoun.realtime.bus import Bus, Envelope, channel_of
from batiyoun.realtime.frames import Broadcast
from batiyoun.runtime import uuid7
from batiyoun.wire.packets import DEFAULT_NAMESPACE
from batiyoun.wire.socketio import JsonEncoder

if TYPE_CHECKING:
    from batiyoun.realtime.pulse import Pulse
    from batiyoun.realtime.socket import Socket

logger = logging.getLogger(__name__)

_NOBODY: frozenset[Socket] = frozenset()
_JSON = JsonEncoder()
_encode_envelope = msgspec.msgpack.Encoder().encode
_decode_envelope = msgspec.msgpack.Decoder(Envelope).decode


class Hub:
    """The rooms of one namespace. Membership changes and fan-out happen on the loop's thread, in call order."""

    def __init__(self, bus: Bus | None = None, *, channel: Callable[[str], str | None] = channel_of) -> None:
        self._rooms: dict[str, set[Socket]] = {}
        self._namespace = DEFAULT_NAMESPACE
        self._pulse: Pulse | None = None
        self._bus = bus
        self._channel = channel
        self._node = uuid7()
        #: frames put on out-lists since the start, for statistics
        self.deliveries = 0
        if bus is not None:
            bus.attach(self._from_bus)

    def bind(self, namespace: str, pulse: Pulse) -> None:
        """Belong to that namespace of an engine; called by the engine."""
        self._namespace = namespace
        self._pulse = pulse

    # ── membership ────────────────────────────────────────────────────────────────────────────────────────────────

    def join(self, socket: Socket, room: str) -> None:
        """Add the socket to the room; a no-op when it is in it, or gone."""
        if socket.is_gone:
            return
        members = self._rooms.get(room)
        if members is None:
            self._rooms[room] = {socket}
            self._subscribe(room)
        else:
            members.add(socket)
        socket.rooms.add(room)

    def leave(self, socket: Socket, room: str) -> None:
        """Remove the socket from the room: the next publish does not reach it. A no-op when it is not in it."""
        socket.rooms.discard(room)
        members = self._rooms.get(room)
        if members is None:
            return
        members.discard(socket)
        if not members:
            del self._rooms[room]
            self._unsubscribe(room)

    def leave_everything(self, socket: Socket) -> None:
        """Remove the socket from all of its rooms."""
        for room in tuple(socket.rooms):
            self.leave(socket, room)

    def join_all(self, of: str, room: str) -> None:
        """Every member of the room `of` joins `room`: a user's sockets (`user:{id}`) get a new chat."""
        for socket in tuple(self._rooms.get(of, ())):
            self.join(socket, room)

    def leave_all(self, of: str, room: str) -> None:
        """Every member of the room `of` leaves `room`: a user's sockets lose a chat at once."""
        for socket in tuple(self._rooms.get(of, ())):
            self.leave(socket, room)

    def members(self, room: str) -> Set[Socket]:
        """Who is in the room on this node. A live view: copy it before changing membership."""
        return self._rooms.get(room, _NOBODY)

    @property
    def rooms(self) -> Set[str]:
        """The rooms with members."""
        return self._rooms.keys()

    # ── fan-out ───────────────────────────────────────────────────────────────────────────────────────────────────

    def publish(self, room: str, event: str, *arguments: Any, skip: Socket | Set[Socket] | None = None) -> None:
        """Send an event to every member of the room, here and on other nodes.

        `skip` leaves out one socket or some (only local ones can be). Members that are too slow miss it and are told
        `resync`. Raises `TypeError` for arguments without a wire form, before anybody got anything.
        """
        members = self._rooms.get(room)
        channel = self._channel(room) if self._bus is not None else None
        if not members and channel is None:
            return
        broadcast = Broadcast(self._namespace, event, arguments)
        if members:
            self._deliver(members, broadcast, skip)
        if channel is not None and self._bus is not None:
            parts = _JSON.event(self._namespace, event, arguments)
            self._bus.publish(channel, _encode_envelope(Envelope(self._node, room, parts)))

    def _deliver(self, members: set[Socket], broadcast: Broadcast, skip: Socket | Set[Socket] | None) -> None:
        if skip is not None:
            members = members - skip if isinstance(skip, Set) else members - {skip}
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
        members = self._rooms.get(envelope.room)
        if members:
            self._deliver(members, Broadcast.ready(envelope.parts), None)
