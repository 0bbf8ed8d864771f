"""Rooms, and the fan-out to their members.

`publish` is the hottest loop of the product: an event is encoded once, and for an ordinary member costs a test and
an append of the same bytes to its connection's out-list.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Set
from typing import TYPE_CHECKING, Any

from batiyoun.realtime.bus import Bus, listens_to
from batiyoun.realtime.crossing import Crossing, OnStamped, OnTold
from batiyoun.realtime.frames import Broadcast
from batiyoun.wire.packets import DEFAULT_NAMESPACE
from batiyoun.wire.socketio import JsonEncoder

if TYPE_CHECKING:
    from batiyoun.realtime.pulse import Pulse
    from batiyoun.realtime.recovery import Recovery
    from batiyoun.realtime.socket import Socket

_JSON = JsonEncoder()


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

    def __init__(self, bus: Bus | None = None) -> None:
        self._rooms: dict[str, Room] = {}
        self._namespace = DEFAULT_NAMESPACE
        self._pulse: Pulse | None = None
        self._recovery: Recovery | None = None
        self._crossing = None if bus is None else Crossing(bus, self._from_bus)
        #: frames put on out-lists since the start, for statistics
        self.deliveries = 0
        #: called with the name of a room whose last member left
        self.on_closed: Callable[[str], None] | None = None

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
    def bus(self) -> Bus | None:
        """What joins this hub to those of other nodes."""
        return None if self._crossing is None else self._crossing.bus

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
        skipped = () if skip is None else skip if isinstance(skip, Collection) else (skip,)
        if self._recovery is None:
            self._spread(room, Broadcast(self._namespace, event, arguments), skipped)
        else:
            self._spread(room, self._recovery.note(room, event, arguments, skipped), skipped)

    def publish_all(self, rooms: Iterable[str], event: str, *arguments: Any) -> None:
        """`publish` to several rooms, encoded once; who is in two of them gets it twice."""
        broadcast = Broadcast(self._namespace, event, arguments)
        for room in rooms:
            if self._recovery is None:
                self._spread(room, broadcast)
            else:  # every record has an offset of its own
                self._spread(room, self._recovery.note(room, event, arguments, ()))

    def _spread(self, room: str, broadcast: Broadcast, skipped: Collection[Socket] = ()) -> None:
        entry = self._rooms.get(room)
        if entry is not None:
            self._deliver(entry.members, broadcast, skipped)
        if self._crossing is not None:
            self._crossing.frame(room, broadcast.parts(_JSON))

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

    # ── other nodes ───────────────────────────────────────────────────────────────────────────────────────────────

    def prepare(self, room: str, event: str, *arguments: Any) -> Broadcast:
        """An event for the room that is sent by `deliver` and `send`, each when its time has come; encoded once."""
        if self._recovery is None:
            return Broadcast(self._namespace, event, arguments)
        return self._recovery.note(room, event, arguments, ())

    def deliver(self, room: str, prepared: Broadcast) -> None:
        """Send a prepared event to the members on this node."""
        entry = self._rooms.get(room)
        if entry is not None:
            self._deliver(entry.members, prepared)

    def publish_here(self, room: str, event: str, *arguments: Any) -> None:
        """`publish` to the members on this node alone."""
        self.deliver(room, self.prepare(room, event, *arguments))

    def send(self, room: str, prepared: Broadcast, stamp: bytes) -> None:
        """Send a prepared event to the other nodes' `on_stamped`, which decide when it is delivered there."""
        if self._crossing is not None:
            self._crossing.stamped(room, prepared.parts(_JSON), stamp)

    def tell(self, room: str, name: str, data: bytes) -> None:
        """Tell the other nodes that have members in the room; their listeners of that name hear it."""
        if self._crossing is not None:
            self._crossing.tell(room, name, data)

    def listen(
        self,
        *,
        stamped: OnStamped | None = None,
        told: dict[str, OnTold] | None = None,
        restored: Callable[[], None] | None = None,
    ) -> None:
        """Hear what other nodes `send` and `tell`, and that the bus is back after what they said was lost."""
        if self._crossing is None:
            return
        if stamped is not None:
            self._crossing.on_stamped = stamped
        self._crossing.on_told |= told or {}
        if restored is not None:
            self._crossing.on_restored.append(restored)

    async def settled(self) -> None:
        """What other nodes publish to the rooms of this node arrives from now on, unless the bus is away."""
        if self._crossing is not None:
            await self._crossing.bus.settled()

    def _drop_if_empty(self, entry: Room) -> None:
        if not entry.members:
            del self._rooms[entry.name]
            self._unsubscribe(entry.name)
            if self.on_closed is not None:
                self.on_closed(entry.name)

    def _subscribe(self, room: str) -> None:
        if self._crossing is not None and (channel := listens_to(room)) is not None:
            self._crossing.bus.subscribe(channel)

    def _unsubscribe(self, room: str) -> None:
        if self._crossing is not None and (channel := listens_to(room)) is not None:
            self._crossing.bus.unsubscribe(channel)

    def _from_bus(self, room: str, broadcast: Broadcast) -> None:
        """A frame of another node: for local members only, never published again."""
        entry = self._rooms.get(room)
        if self._recovery is not None:
            self._recovery.note_foreign(room, broadcast)
        if entry is not None:
            self._deliver(entry.members, broadcast)
