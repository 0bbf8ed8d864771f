"""One HTTP connection on a short leash: limits that belong to the connection, before the application sees a request.

`ShellProtocol` is uvicorn's HTTP protocol with a deadline for the head, a bound on its size, an answer to ambiguous
lengths, a cap on bodies before anything is buffered, and an end for peers that stall.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from batiyoun.errors import BatiyounError, InvalidInput, PayloadTooLarge
from batiyoun.web.passing import Passing
from batiyoun.web.problems import problem_response

#: Seconds a refused client may take to read why.
_LINGER: Final = 2.0


class HeadTooLarge(BatiyounError):
    """The request's headers are too large. Remove some cookies and try again."""

    code, status = "head_too_large", 431


class RequestTimeout(BatiyounError):
    """The request took too long to arrive. Try again."""

    code, status, retryable = "request_timeout", 408, True


@dataclass(frozen=True, slots=True)
class ShellLimits:
    """Limits of one HTTP connection: seconds and bytes.

    `body_at` gives paths that begin with a prefix another body limit (uploads); the longest prefix counts.
    """

    head_seconds: float = 10.0
    head_bytes: int = 16 * 1024
    max_body: int = 1_000_000
    body_at: Mapping[str, int] = field(default_factory=dict)
    #: a body may take this long, and longer for as long as it keeps up `least_rate` bytes per second
    body_seconds: float = 20.0
    #: a peer that reads or sends slower than this on average is closed
    least_rate: int = 1024
    keep_alive_seconds: int = 20

    def body_limit(self, path: str) -> int:
        """Bytes a body sent to that path may have."""
        prefixes = [prefix for prefix in self.body_at if path.startswith(prefix)]
        return self.body_at[max(prefixes, key=len)] if prefixes else self.max_body


class ShellProtocol(HttpToolsProtocol):
    """One HTTP connection, on a short leash."""

    def __init__(
        self, *args: Any, limits: ShellLimits, passing: Passing | None = None, first: bytes = b"", **kwargs: Any
    ) -> None:
        """`first`: what another worker read of a connection that it passed to us."""
        super().__init__(*args, **kwargs)
        self.limits = limits
        self._passing = passing
        self._first = first
        self._deadline: asyncio.TimerHandle | None = None
        self._write_deadline: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._in_head = False
        self._body_bytes = 0
        self._body_limit = 0
        self._body_started = 0.0
        self._refused = False
        self._giving: asyncio.Task[None] | None = None

    # ── the connection ────────────────────────────────────────────────────────────────────────────────────────────

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """A client connected: the first head is due."""
        super().connection_made(transport)
        self._begin_head()
        if self._first:
            first, self._first = self._first, b""
            self.data_received(first)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._stop(self._deadline)
        self._stop(self._write_deadline)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes came in; heads are measured before they are parsed."""
        if self._refused:
            return
        if self._passing is not None:
            data = self._first + data
            if self._is_elsewhere(self._passing, data):
                return
            self._first = b""
        # Bytes of the next request: its head is due from now on.
        if not self._in_head and not self.cycle.more_body:
            self._begin_head()
        if self._in_head:
            self._head_bytes += len(data)
            end = data.find(b"\r\n\r\n")
            head = self._head_bytes if end < 0 else self._head_bytes - len(data) + end
            if head > self.limits.head_bytes:
                self._refuse(HeadTooLarge())
                return
        super().data_received(data)

    def _is_elsewhere(self, passing: Passing, data: bytes) -> bool:
        """Whether these bytes begin a request of another worker, or one that nobody can tell yet."""
        if self._head_bytes if self._in_head else self.cycle.more_body:
            return False
        if self.pipeline or (self.cycle is not None and not self.cycle.response_complete):
            return False  # an answer is on its way: the connection cannot be given away, and nobody pipelines here
        if not passing.knows_enough(data) and len(data) <= self.limits.head_bytes:
            if not self._in_head:
                self._begin_head()
            self._first = data
            return True
        owner = passing.owner(data)
        if owner is None or self.transport.get_write_buffer_size() or self.scheme == "https":
            return False
        self._refused = True  # nothing more is read here
        self.transport.pause_reading()
        self._stop(self._deadline)
        self._unset_keepalive_if_required()
        descriptor = os.dup(self.transport.get_extra_info("socket").fileno())
        self._giving = self.loop.create_task(self._give(passing, descriptor, data, owner), name="pass a connection")
        return True

    async def _give(self, passing: Passing, descriptor: int, data: bytes, owner: int) -> None:
        if await passing.give(descriptor, data, owner):
            self.transport.abort()
        elif not self.transport.is_closing():
            # That worker is gone, and so is the session: say so.
            self._refused, self._passing, self._first = False, None, b""
            self.transport.resume_reading()
            self.data_received(data)

    def handle_websocket_upgrade(self) -> None:
        """The connection goes to the engine; nothing of ours may fire later."""
        if self._refused:
            return
        self._stop(self._deadline)
        super().handle_websocket_upgrade()
        # Parser and protocol hold each other: let go now, not when the collector comes round.
        self._deadline = None
        del self.parser, self.flow, self.headers, self.scope

    def _begin_head(self) -> None:
        self._in_head = True
        self._head_bytes = 0
        self._arm(self.limits.head_seconds, self._head_is_late)

    def _head_is_late(self) -> None:
        if self._head_bytes:
            self._refuse(RequestTimeout())
        else:
            self.transport.close()

    # ── the parser's callbacks ────────────────────────────────────────────────────────────────────────────────────

    def on_headers_complete(self) -> None:
        """The head is whole: judge it before the application sees it."""
        self._in_head = False
        if self._refused:
            return
        self._stop(self._deadline)
        error = self._judge_head()
        if error is not None:
            self._refuse(error)
            return
        self._body_started = self.loop.time()
        self._arm(self.limits.body_seconds, self._body_is_late)
        super().on_headers_complete()
        if self.cycle is not None:
            self.cycle.transport = _PoliteTransport(self)  # type: ignore[assignment]  # what a cycle uses of one

    def _judge_head(self) -> BatiyounError | None:
        names = [name for name, _ in self.headers]
        # RFC 9112 §6.3: more than one opinion about the length is request smuggling.
        if names.count(b"content-length") > 1 or (b"content-length" in names and b"transfer-encoding" in names):
            return InvalidInput("The request says its length twice. Send it once.")
        if names.count(b"host") != 1 and self.parser.get_http_version() == "1.1":  # RFC 9112 §3.2
            return InvalidInput("The request must have one Host header.")
        codings = [value.strip().lower() for name, value in self.headers if name == b"transfer-encoding"]
        if codings not in ([], [b"chunked"]):  # §6.1: without chunks at the end, nobody knows where the body ends
            return InvalidInput("The only Transfer-Encoding is chunked.")
        declared = dict(self.headers).get(b"content-length", b"0")
        if not declared.isdigit():
            return InvalidInput("The Content-Length header is not a number.")
        self._body_bytes = 0
        self._body_limit = self.limits.body_limit(self.url.partition(b"?")[0].decode("latin-1"))
        return PayloadTooLarge() if int(declared[:20]) > self._body_limit else None

    def on_body(self, body: bytes) -> None:
        """A piece of the body; a chunked one is measured as it comes."""
        if self._refused:
            return
        self._body_bytes += len(body)
        if self._body_bytes > self._body_limit:
            self._refuse(PayloadTooLarge(), in_head=False)
            return
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._stop(self._deadline)
        if not self._refused:
            super().on_message_complete()

    def _body_is_late(self) -> None:
        allowed = self.limits.body_seconds + self._body_bytes / self.limits.least_rate
        left = self._body_started + allowed - self.loop.time()
        # While the application holds reading back, the peer is not to blame.
        if left > 0 or self.flow.read_paused:
            self._arm(max(left, 1.0), self._body_is_late)
        else:
            self._refuse(RequestTimeout(), in_head=False)

    def send_400_response(self, msg: str) -> None:
        """What the parser could not read: uvicorn's text says no more than this."""
        self._refuse(InvalidInput("The request is not valid HTTP."))

    # ── slow readers ──────────────────────────────────────────────────────────────────────────────────────────────

    def pause_writing(self) -> None:
        """The peer reads slower than we write: from now on it is watched."""
        super().pause_writing()
        self._watch_reader(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """The peer has caught up."""
        self._stop(self._write_deadline)
        super().resume_writing()

    def _watch_reader(self, waiting: int) -> None:
        seconds = self.limits.body_seconds
        self._write_deadline = self.loop.call_later(seconds, self._check_reader, waiting)

    def _check_reader(self, before: int) -> None:
        waiting = self.transport.get_write_buffer_size()
        if before - waiting < self.limits.least_rate * self.limits.body_seconds:
            self.transport.abort()
        else:
            self._watch_reader(waiting)

    # ── refusing ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _refuse(self, error: BatiyounError, *, in_head: bool = True) -> None:
        """Answer with a problem and close; what the client still sends is not kept.

        `in_head`: the request has not reached the application yet.
        """
        if self._refused:
            return
        self._refused = True
        busy = self.cycle is not None and not self.cycle.response_complete
        if busy:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.pipeline or (busy and (in_head or self.cycle.response_started)):
            # An answer now would be taken for the answer to an earlier request, or for a part of this one's.
            self.transport.abort()
            return
        response = problem_response(error, {"Connection": "close", "Cache-Control": "no-store"})
        lines = [STATUS_LINE[error.status], *(b"%b: %b\r\n" % header for header in response.raw_headers), b"\r\n"]
        self.transport.write(b"".join([*lines, bytes(response.body)]))
        self.linger()

    def linger(self) -> None:
        """Close, but read what the client still sends and throw it away.

        Closing over unread data resets the connection, and the client would never see the answer (RFC 9112 §9.6).
        """
        self._refused = True
        self.flow.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._arm(_LINGER, self.transport.abort)

    def _arm(self, seconds: float, callback: Callable[[], None]) -> None:
        self._stop(self._deadline)
        self._deadline = self.loop.call_later(seconds, callback)

    @staticmethod
    def _stop(handle: asyncio.TimerHandle | None) -> None:
        if handle is not None:
            handle.cancel()


class _PoliteTransport:
    """The transport as a request sees it: closing before the body has come lets the client read the answer first."""

    __slots__ = ("_protocol", "is_closing", "write")

    def __init__(self, protocol: ShellProtocol) -> None:
        self._protocol = protocol
        self.write = protocol.transport.write
        self.is_closing = protocol.transport.is_closing

    def close(self) -> None:
        """The answer was given; the connection is not kept."""
        if self._protocol.cycle.more_body and not self.is_closing():
            self._protocol.linger()
        else:
            self._protocol.transport.close()
