"""From events to handlers: decoding, limits, errors, acknowledgements.

A table names a handler per event; the engine knows no feature. Every refusal is an acknowledgement
`{ok: false, error: {code, message, retryable, retryAfter?, fields?}}`; a client that asked for none is told a rate
limit by the event `rate_limited`, so nothing is dropped in silence.
"""

from __future__ import annotations

import inspect
import logging
import re
import sys
import traceback
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import msgspec

from batiyoun.errors import BatiyounError, Busy, Internal, InvalidInput, RateLimited, ScopeRequired
from batiyoun.realtime.limits import Meter, take_all
from batiyoun.realtime.socket import Socket
from batiyoun.wire.packets import Event, Shape

logger = logging.getLogger(__name__)

Reply = Callable[[Any], None]
SyncHandler = Callable[[Socket, Any, Reply], None]
AsyncHandler = Callable[[Socket, Any], Coroutine[Any, Any, Any]]

_AT_PATH: Final = re.compile(r"^(?P<what>.*?)(?: - at `\$(?P<path>[^`]*)`)?$", re.DOTALL)
_MISSING: Final = re.compile(r"missing required field `(?P<field>[^`]+)`")
#: Seconds between two `rate_limited` events to one socket.
_TELL_EVERY: Final = 1.0


class UnknownEvent(BatiyounError):
    """The server does not know this event. Update the app."""

    code, status = "unknown_event", 400


@dataclass(frozen=True, slots=True)
class Handler:
    """What an event does.

    `fn(socket, payload, reply) -> None` runs at once and calls `reply` exactly once, now or later; an
    `async def fn(socket, payload) -> value` runs as a task and its value is the reply. A reply is a struct, a dict or
    a `BatiyounError`. `payload` is the type of the first argument; without one, arguments are only checked to be
    well-formed and `fn` gets None. `limit` says what the event counts as.
    """

    fn: SyncHandler | AsyncHandler
    payload: type[Any] | None = None
    limit: Literal["events", "joins"] = "events"


class _Entry:
    """A handler with what is worked out once."""

    __slots__ = ("is_async", "is_join", "run", "shape")

    def __init__(self, handler: Handler) -> None:
        self.run: Callable[..., Any] = handler.fn
        self.is_async = inspect.iscoroutinefunction(handler.fn)
        self.shape: Shape[Any] | None = None if handler.payload is None else Shape(handler.payload)
        self.is_join = handler.limit == "joins"


class _Reply:
    """Answers one event, once."""

    __slots__ = ("_ack", "_done", "_socket")

    def __init__(self, socket: Socket, ack: int | None) -> None:
        self._socket = socket
        self._ack = ack
        self._done = False
        if ack is not None:
            socket.client.engine.begin_reply()

    def __call__(self, value: Any) -> None:
        if self._done:
            logger.warning("A handler replied twice; the second reply is dropped")
            return
        self._done = True
        if self._ack is None:
            return
        self._socket.client.engine.end_reply()
        if isinstance(value, BatiyounError):
            value = refusal(value)
        try:
            self._socket.ack(self._ack, value)
        except TypeError:
            log_failure("A reply has no wire form")
            self._socket.ack(self._ack, refusal(Internal()))

    @property
    def is_done(self) -> bool:
        """The handler has replied."""
        return self._done


class Gateway:
    """A namespace's `events`: `Namespace(events=Gateway({...}))`."""

    def __init__(self, table: Mapping[str, Handler]) -> None:
        self._table = {name: _Entry(handler) for name, handler in table.items()}

    def __call__(self, socket: Socket, event: Event) -> None:
        """Handle one event. Raises `ProtocolError` when it turns out to be malformed."""
        entry = self._table.get(event.name)
        limits = socket.session.engine.settings.limits
        if limits.enabled:
            wait = _charge(socket, event.size, is_join=entry is not None and entry.is_join)
            if wait:
                _refuse_flood(socket, event, wait)
                return
        if entry is None:
            event.arguments()
            socket.ack(event.ack, refusal(UnknownEvent()))
            return
        if socket.allowed is not None and event.name not in socket.allowed:
            event.arguments()
            socket.ack(event.ack, refusal(ScopeRequired()))
            return
        if entry.shape is None:
            event.arguments()
            payload = None
        else:
            try:
                payload = event.first(entry.shape)
            except msgspec.ValidationError as error:
                socket.ack(event.ack, refusal(invalid_input(error)))
                return
        reply = _Reply(socket, event.ack)
        if entry.is_async:
            self._start(entry, socket, payload, reply)
            return
        try:
            entry.run(socket, payload, reply)
        except Exception as error:
            _fail(error, reply)

    def _start(self, entry: _Entry, socket: Socket, payload: Any, reply: _Reply) -> None:
        if socket.running >= socket.session.engine.settings.limits.running_handlers:
            reply(Busy("Too many requests at once. They will be sent again in a moment.", retry_after=1))
            return
        socket.running += 1
        socket.client.engine.spawn(_run(entry, socket, payload, reply))


async def _run(entry: _Entry, socket: Socket, payload: Any, reply: _Reply) -> None:
    try:
        reply(await entry.run(socket, payload))
    except Exception as error:
        _fail(error, reply)
    finally:
        socket.running -= 1
        if not reply.is_done:  # cancelled: the server stops
            reply(Internal())


def _fail(error: Exception, reply: _Reply) -> None:
    if not isinstance(error, BatiyounError):
        log_failure(f"A handler failed with {type(error).__name__}")
        error = Internal()
    if not reply.is_done:
        reply(error)


def log_failure(what: str) -> None:
    """Log where the current exception came from, without its text: that may quote what people wrote."""
    frames = traceback.format_tb(sys.exc_info()[2])
    logger.error("%s\n%s", what, "".join(frames))


def refusal(error: BatiyounError) -> dict[str, Any]:
    """An error as acknowledgements carry it."""
    return {"ok": False, "error": error.to_wire()}


def invalid_input(error: msgspec.ValidationError) -> InvalidInput:
    """The error that names the field: `Expected …` with the path in `fields`. Never quotes the value."""
    match = _AT_PATH.match(str(error))
    what, path = (match["what"], match["path"] or "") if match else (str(error), "")
    missing = _MISSING.search(what)
    field = ".".join(filter(None, (path.lstrip("."), missing["field"] if missing else "")))
    if not field:
        return InvalidInput(f"The event's payload is not of the expected form: {what.rstrip('.')}.")
    return InvalidInput(f"`{field}` is not of the expected form: {what.rstrip('.')}.", fields={field: what})


def _charge(socket: Socket, size: int, *, is_join: bool) -> float:
    """Count an event; the seconds to wait when the connection, its user or its address has used up its rate."""
    now = socket.session.engine.now()
    return take_all(socket.meters or _meters(socket, now), now, size, is_join=is_join)


def _meters(socket: Socket, now: float) -> tuple[Meter, ...]:
    """All that count what the socket sends: its connection's, its user's, its address's."""
    session = socket.session
    if session.meter is None:
        session.meter = Meter(session.engine.settings.limits.socket, now)
    shared = (session.account,) if socket.user is None else (socket.user, session.account)
    socket.meters = (session.meter, *(account.meter for account in shared))
    return socket.meters


def _refuse_flood(socket: Socket, event: Event, wait: float) -> None:
    error = RateLimited(retry_after=max(0.001, round(wait, 3)))
    if event.ack is not None:
        socket.ack(event.ack, refusal(error))
        return
    now = socket.session.engine.now()
    if now - socket.told_at >= _TELL_EVERY:
        socket.told_at = now
        socket.emit("rate_limited", {"event": event.name, "retryAfter": error.retry_after})
