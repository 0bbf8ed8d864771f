"""Connection state recovery: a client that comes back soon gets its id, its rooms and what it missed.

An option of a namespace. Every event then carries an offset as its last argument, and the reply to CONNECT a private
id; a client that was cut off connects again with both. Official clients take the last argument of *any* event for the
offset when it is a string, so events of such a namespace must not end with strings of their own.
Source: the Socket.IO documentation, "Connection state recovery".
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from batiyoun.realtime.frames import Broadcast

if TYPE_CHECKING:
    from batiyoun.realtime.socket import Socket

#: Ends that were nobody's wish.
RECOVERABLE: Final = frozenset({"transport close", "transport error", "ping timeout"})


@dataclass(frozen=True, slots=True)
class Lost:
    """What a client that was cut off had; `until` is when it is forgotten.

    `seen` is the number of the last event it has seen, known when it comes back.
    """

    pid: str
    sid: str
    rooms: frozenset[str]
    identity: str | None
    until: float
    seen: int = 0


@dataclass(frozen=True, slots=True)
class _Record:
    number: int
    offset: str
    room: str
    skipped: frozenset[str]
    broadcast: Broadcast
    at: float


class Recovery:
    """What a namespace remembers: `Namespace(…, recovery=Recovery())`.

    At most `max_events` events and `max_lost` clients, each for `max_ms` milliseconds. `connect` is asked for every
    client that comes back, as for a new one: whoever may not connect any more recovers nothing, and neither does
    another `identity`.
    """

    def __init__(self, *, max_ms: int = 120_000, max_events: int = 10_000, max_lost: int = 10_000) -> None:
        self._max_seconds = max_ms / 1000
        self._max_events = max_events
        self._max_lost = max_lost
        self._records: deque[_Record] = deque()
        self._numbers: dict[str, int] = {}
        self._count = itertools.count(1)
        self._last = 0
        self._lost: dict[str, Lost] = {}
        self._namespace = ""
        self._epoch = ""
        self._new_id: Callable[[], str] = str
        self._now: Callable[[], float] = float

    def bind(self, namespace: str, new_id: Callable[[], str], now: Callable[[], float]) -> None:
        """Belong to that namespace of an engine; called by the engine."""
        self._namespace = namespace
        self._new_id = new_id
        self._now = now
        self._epoch = new_id()

    @property
    def last(self) -> int:
        """The number of the newest event."""
        return self._last

    def new_pid(self) -> str:
        """A private id: whoever shows it gets what its client missed."""
        return self._new_id()

    # ── events ────────────────────────────────────────────────────────────────────────────────────────────────────

    def note(self, room: str, name: str, arguments: tuple[Any, ...], skip: Iterable[Socket] = ()) -> Broadcast:
        """Remember an event for a room (a socket's id is a room of its own); the event with its offset."""
        number = next(self._count)
        offset = f"{self._epoch}{number:x}"
        broadcast = Broadcast(self._namespace, name, (*arguments, offset))
        self._keep(number, offset, room, frozenset(socket.id for socket in skip), broadcast)
        return broadcast

    def note_foreign(self, room: str, broadcast: Broadcast) -> None:
        """Remember an event of another node, which carries its offset already."""
        last = broadcast.last_argument()
        if isinstance(last, str):
            self._keep(next(self._count), last, room, frozenset(), broadcast)

    def _keep(self, number: int, offset: str, room: str, skipped: frozenset[str], broadcast: Broadcast) -> None:
        now = self._now()
        self._records.append(_Record(number, offset, room, skipped, broadcast, now))
        self._numbers[offset] = self._last = number
        while len(self._records) > self._max_events or self._records[0].at < now - self._max_seconds:
            self._numbers.pop(self._records.popleft().offset, None)

    def since(self, number: int, sid: str, rooms: Collection[str]) -> Iterator[Broadcast]:
        """What a socket of that id in those rooms was sent after the event of that number."""
        for record in self._records:
            if record.number > number and (record.room == sid or record.room in rooms) and sid not in record.skipped:
                yield record.broadcast

    # ── clients ───────────────────────────────────────────────────────────────────────────────────────────────────

    def lose(self, socket: Socket, reason: str) -> None:
        """A client is gone; if it was cut off, it may come back. Its rooms are still its own when this is called."""
        if reason not in RECOVERABLE or socket.pid is None:
            return
        now = self._now()
        self._lost[socket.pid] = Lost(socket.pid, socket.id, socket.rooms, socket.identity, now + self._max_seconds)
        while len(self._lost) > self._max_lost or next(iter(self._lost.values())).until < now:
            del self._lost[next(iter(self._lost))]

    def leave_all(self, of: str, room: str) -> None:
        """Clients that were in the room `of` will not come back into `room`: a kick counts for the absent, too."""
        for pid, lost in self._lost.items():
            if of in lost.rooms:
                self._lost[pid] = replace(lost, rooms=lost.rooms - {room})

    def find(self, auth: dict[str, Any] | None) -> Lost | None:
        """What a client that connects had; None: it starts anew.

        Works once: two clients cannot both be the one that was lost.
        """
        if auth is None or not isinstance(auth.get("pid"), str) or not isinstance(auth.get("offset"), str):
            return None
        number = self._numbers.get(auth["offset"])
        lost = self._lost.pop(auth["pid"], None)
        if lost is None or number is None or lost.until < self._now():
            return None
        return replace(lost, seen=number)
