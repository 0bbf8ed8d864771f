"""The hand-over of a WebSocket request from an HTTP server to picows.

The request's head is judged here: path, origin, limits, version, key. Nothing foreign reaches picows, which gets a
minimal request of ours; it also fits its first buffer whatever cookies the browser sent.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from picows import WSAutoPingStrategy
from picows.picows import WSProtocol  # type: ignore[attr-defined]  # semi-public, hence the exact version pin

from batiyoun.realtime.request import Request, split_target
from batiyoun.realtime.settings import MAX_HEAD
from batiyoun.realtime.websocket import WebSocketTransport

if TYPE_CHECKING:
    from batiyoun.realtime.engineio import EngineIO

_UPGRADE: Final = (
    b"GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %b\r\n\r\n"
)
#: Seconds a refused client may take to read why.
_LINGER: Final = 1.0


class SilentLogger:
    """picows keeps a `logging.Logger` per connection; anything else it uses as it is. Our own code does the logging."""

    name = "picows"

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802 - logging's name
        """Nothing is."""
        return False

    def _ignore(self, *args: object, **kwargs: object) -> None:
        return None

    debug = info = warning = error = exception = log = _ignore


_SILENT: Final = SilentLogger()


class Handover(asyncio.Protocol):
    """What an HTTP server sees as its WebSocket protocol (uvicorn's `ws=`): gives the connection to picows."""

    __slots__ = ("_find", "_head", "_refused", "_tcp", "_ws")

    def __init__(self, find: Callable[[str], EngineIO | None]) -> None:
        self._find = find
        self._head = b""
        self._refused = False
        self._ws: Any = None
        self._tcp: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The HTTP server lets go of the connection."""
        self._tcp = transport  # type: ignore[assignment]  # a stream transport, as the server listens on TCP

    def data_received(self, data: bytes) -> None:
        """The request's head, and perhaps frames of a client that could not wait."""
        if self._ws is not None:
            self._feed(data)
        elif not self._refused:
            self._read_head(data)

    def _read_head(self, data: bytes) -> None:
        self._head += data
        head, found, rest = self._head.partition(b"\r\n\r\n")
        if len(head) > MAX_HEAD:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, b"")
        elif found:
            self._head = b""
            self._judge(head, rest)

    def eof_received(self) -> bool | None:
        """The peer sends no more: close."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Only before picows has taken over."""
        if self._ws is not None:
            self._ws.connection_lost(exc)

    def _judge(self, head: bytes, rest: bytes) -> None:
        try:
            request = self._parse(head)
        except ValueError:
            self._refuse(HTTPStatus.BAD_REQUEST, b"")
            return
        engine = self._find(request.path)
        if engine is None:
            self._refuse(HTTPStatus.NOT_FOUND, b"")
            return
        refusal = engine.admit(request, websocket=True)
        if refusal is not None:
            self._refuse(refusal.status, refusal.body(), refusal.headers())
            return
        key = request.headers.get("sec-websocket-key", "").encode("latin-1")
        if request.headers.get("sec-websocket-version") != "13":
            # RFC 6455 §4.4: say which version is spoken
            self._refuse(HTTPStatus.UPGRADE_REQUIRED, b"", ((b"Sec-WebSocket-Version", b"13"),))
        elif request.method != "GET" or not _is_key(key):
            self._refuse(HTTPStatus.BAD_REQUEST, b"")
        else:
            self._hand_over(engine, request, _UPGRADE % key + rest)

    def _parse(self, head: bytes) -> Request:
        lines = head.split(b"\r\n")
        method, target, _ = lines[0].decode("latin-1").split(" ")
        path, query = split_target(target)
        headers = []
        for line in lines[1:]:
            name, _, value = line.partition(b":")
            headers.append((name, value.strip(b" \t")))
        peer = self._tcp.get_extra_info("peername")
        secure = self._tcp.get_extra_info("sslcontext") is not None
        return Request(method, path, query, headers, peer=str(peer[0]) if peer else "", secure=secure)

    def _hand_over(self, engine: EngineIO, request: Request, data: bytes) -> None:
        self._ws = WSProtocol(
            None,
            None,
            False,
            lambda _: WebSocketTransport(engine, request),
            _SILENT,
            True,
            engine.settings.connect_timeout_ms / 1000,
            False,
            20,
            20,
            WSAutoPingStrategy.PING_WHEN_IDLE,
            False,
            engine.settings.max_payload,
            None,
            2048,
        )
        self._ws.connection_made(self._tcp)
        self._feed(data)
        # Not at once: uvicorn makes itself the protocol's owner again after this call.
        asyncio.get_running_loop().call_soon(self._tcp.set_protocol, self._ws)

    def _feed(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            buffer = self._ws.get_buffer(-1)
            size = min(len(buffer), len(view))
            buffer[:size] = view[:size]
            self._ws.buffer_updated(size)
            view = view[size:]

    def _refuse(self, status: HTTPStatus, body: bytes, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
        lines = [b"HTTP/1.1 %d %b" % (status, status.phrase.encode())]
        lines += [name + b": " + value for name, value in headers]
        lines += [b"Content-Length: %d" % len(body), b"Connection: close", b"", body]
        self._tcp.write(b"\r\n".join(lines))
        # What still comes is read and dropped for a moment: closing over it would reset the connection, and the peer
        # would not see the answer.
        self._refused = True
        self._head = b""
        if self._tcp.can_write_eof():
            self._tcp.write_eof()
        asyncio.get_running_loop().call_later(_LINGER, self._tcp.close)


def _is_key(key: bytes) -> bool:
    try:
        return len(base64.b64decode(key, validate=True)) == 16
    except binascii.Error:
        return False
