"""A client on one namespace, as the application sees it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final

from batiyoun.realtime.frames import Broadcast, Frame
from batiyoun.realtime.limits import Account, Meter
from batiyoun.realtime.session import Session
from batiyoun.realtime.wheel import Timer
from batiyoun.wire.packets import Parts
from batiyoun.wire.websocket import text_frame

if TYPE_CHECKING:
    from batiyoun.realtime.client import Client
    from batiyoun.realtime.hub import Room
    from batiyoun.realtime.namespace import Namespace

logger = logging.getLogger(__name__)

#: Frames held back for a client whose connect is still being decided.
_MAX_HELD: Final = 256


class NotConnected(Exception):
    """The socket is gone; the acknowledgement waited for will never come."""


class TooManyAcks(Exception):
    """The client owes more acknowledgements than it may."""


class State(IntEnum):
    """Where a socket is in its life."""

    CONNECTING = 0
    CONNECTED = 1
    GONE = 2


class Socket:
    """One client on one namespace.

    `id` is public and unguessable, `data` whatever the application hangs there, `identity` the user the application
    found in `connect`: limits per user count by it. `allowed` are the events that the client may send; None for all.
    """

    __slots__ = (
        "_acks",
        "_held",
        "_next_ack",
        "allowed",
        "app",
        "client",
        "data",
        "deciding",
        "fast",
        "id",
        "identity",
        "in_rooms",
        "meters",
        "missed",
        "namespace",
        "pid",
        "recovered",
        "running",
        "session",
        "state",
        "told_at",
        "user",
    )

    def __init__(self, client: Client, namespace: str, app: Namespace) -> None:
        self.client = client
        self.session: Session = client.session
        self.namespace = namespace
        self.app = app
        self.id = client.session.engine.new_id()
        self.data: Any = None
        self.identity: str | None = None
        self.allowed: frozenset[str] | None = None
        #: the application's `connect`, while it runs
        self.deciding: asyncio.Task[None] | None = None
        #: the private id of a namespace with recovery, and whether this socket took over from one that was lost
        self.pid: str | None = None
        self.recovered = False
        #: kept by the hub
        self.in_rooms: list[Room] = []
        self.state = State.CONNECTING
        #: True: broadcasts may be appended to the session's out-list as JSON WebSocket frames
        self.fast = False
        #: live frames were dropped since the last `resync`
        self.missed = False
        self._held: list[Frame] | None = []
        self._acks: dict[int, _Owed] | None = None
        self._next_ack = 0
        # What the gateway counts.
        self.meters: tuple[Meter, ...] | None = None
        self.user: Account | None = None
        self.running = 0
        self.told_at = 0.0

    # ── facts ─────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def rooms(self) -> frozenset[str]:
        """The rooms it is in now."""
        return frozenset(room.name for room in self.in_rooms)

    @property
    def headers(self) -> dict[str, str]:
        """Headers of the handshake that are kept (`request.KEPT_HEADERS`), names in lower case."""
        return self.session.headers

    @property
    def query(self) -> dict[str, str]:
        """The query of the handshake."""
        return self.session.query

    @property
    def remote_address(self) -> str:
        """The client's address; that of a proxy only if the proxy is not trusted."""
        return self.session.address

    @property
    def is_gone(self) -> bool:
        """Disconnected: everything sent from now on is dropped."""
        return self.state is State.GONE

    # ── sending ───────────────────────────────────────────────────────────────────────────────────────────────────

    def emit(self, event: str, *arguments: Any) -> None:
        """Send an event to this client. A no-op once it is gone; raises `TypeError` for what has no wire form."""
        recovery = self.app.recovery
        if recovery is None:
            self._send(self.client.encoder.event(self.namespace, event, arguments))
        elif not self.is_gone:
            broadcast = recovery.note(self.id, event, arguments)
            if self.state is State.CONNECTED:
                self.session.send(broadcast.frame(self.client.encoder))

    async def emit_with_ack(self, event: str, *arguments: Any, timeout: float) -> list[Any]:  # noqa: ASYNC109
        """Send an event and wait for the client's acknowledgement: its arguments.

        `timeout` in seconds, kept by the engine's wheel. Raises `TimeoutError` when it passes, `NotConnected` when
        the client goes, `TooManyAcks` when it owes too many.
        """
        if self.is_gone:
            raise NotConnected
        if self._acks is None:
            self._acks = {}
        if len(self._acks) >= self.session.engine.settings.limits.owed_acks:
            raise TooManyAcks
        ack = self._next_ack
        self._next_ack += 1
        owed = _Owed(asyncio.get_running_loop().create_future())
        self._acks[ack] = owed
        try:
            self._send(self.client.encoder.event(self.namespace, event, arguments, ack))
            self.session.engine.wheel.start(owed, timeout * 1000)
            return await owed.future
        finally:
            self.session.engine.wheel.cancel(owed)
            self._acks.pop(ack, None)

    def ack(self, ack: int | None, *arguments: Any) -> None:
        """Acknowledge an event of the client; a no-op when it asked for none (None) or is gone."""
        if ack is not None and self.state is State.CONNECTED:
            self._send(self.client.encoder.ack(self.namespace, ack, arguments))

    def deliver(self, broadcast: Broadcast) -> None:
        """A broadcast for a socket that cannot take it the fast way."""
        if self.state is State.CONNECTED:
            if not self.session.send_live(broadcast.frame(self.client.encoder)):
                self.missed = True
        elif self.state is State.CONNECTING and self.app.recovery is None:
            # With recovery it is on record, and follows the reply from there.
            self._hold(broadcast.frame(self.client.encoder))

    def after_flush(self, callback: Callable[[], None]) -> None:
        """Call back once everything sent so far was handed to the transport."""
        self.session.engine.pulse.after(callback)

    def _send(self, parts: Parts) -> None:
        if self.fast and len(parts) == 1:
            session = self.session
            if not session.out:
                session.engine.pulse.mark(session)
            session.out.append(text_frame(parts[0], b"4"))
        elif self.state is State.CONNECTED:
            self.session.send(Frame(parts, first_is_binary=self.client.encoder.is_binary))
        elif self.state is State.CONNECTING:
            self._hold(Frame(parts, first_is_binary=self.client.encoder.is_binary))

    def _hold(self, frame: Frame) -> None:
        if self._held is None or len(self._held) >= _MAX_HELD:
            self.missed = True
        else:
            self._held.append(frame)

    # ── the client's side ─────────────────────────────────────────────────────────────────────────────────────────

    def connected(self, recorded: Iterable[Broadcast] = ()) -> None:
        """The reply to CONNECT was sent: what is on record for it and what was held back follow."""
        self.state = State.CONNECTED
        for broadcast in recorded:
            self.session.send(broadcast.frame(self.client.encoder))
        held, self._held = self._held, None
        for frame in held or ():
            self.session.send(frame)
        self.refresh_flow()
        if self.missed:
            self.resync()

    def refresh_flow(self) -> None:
        """Whether broadcasts may go the fast way has changed."""
        self.fast = self.state is State.CONNECTED and self.session.fast and not self.client.encoder.is_binary

    def resync(self) -> None:
        """Tell a client that has caught up that it missed something."""
        self.missed = False
        self.emit("resync", {"reason": "slow"})

    def acknowledged(self, ack: int, arguments: list[Any]) -> None:
        """The client acknowledged; one that nobody waits for counts as control traffic."""
        owed = self._acks.get(ack) if self._acks else None
        if owed is None:
            self.session.count_control()
        elif not owed.future.done():
            owed.future.set_result(arguments)

    # ── the end ───────────────────────────────────────────────────────────────────────────────────────────────────

    def disconnect(self, close: bool = False, *, reason: str = "server namespace disconnect") -> None:
        """Disconnect the client from the namespace, or with `close` from everything, its connection included.

        The client does not reconnect by itself (its reason is "io server disconnect").
        """
        if self.is_gone:
            return
        encoder = self.client.encoder
        if self.state is State.CONNECTED:
            parts = encoder.disconnect(self.namespace)
        else:
            parts = encoder.connect_error(self.namespace, reason)
        self.session.send(Frame(parts, first_is_binary=encoder.is_binary))
        self.client.leave(self, reason)
        if close:
            self.client.disconnect_all(reason)
            self.session.close("forced close")

    def gone(self, reason: str) -> None:
        """The last thing that happens to a socket; called by its client."""
        was = self.state
        if was is State.CONNECTED and self.app.recovery is not None:
            self.app.recovery.lose(self, reason)
        self.state = State.GONE
        self.fast = False
        self._held = None
        if was is State.CONNECTED:
            self.end(reason)
        self.app.hub.leave_everything(self)
        for owed in (self._acks or {}).values():
            if not owed.future.done():
                owed.future.set_exception(NotConnected())

    def end(self, reason: str) -> None:
        """Tell the application."""
        try:
            self.app.disconnect(self, reason)
        except Exception:
            logger.exception("A disconnect handler failed")


class _Owed(Timer):
    """An acknowledgement the client owes us."""

    __slots__ = ("future",)

    def __init__(self, future: asyncio.Future[list[Any]]) -> None:
        super().__init__()
        self.future = future

    def fire(self) -> None:
        if not self.future.done():
            self.future.set_exception(TimeoutError("the client did not acknowledge in time"))
