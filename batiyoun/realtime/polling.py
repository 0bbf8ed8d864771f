"""The long-polling transport: an ASGI application mounted at the engine's path.

GET waits for packets, POST brings them. One of each at a time per session; a second one closes it, as in the
reference implementation. JSONP is not spoken.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from batiyoun.realtime.frames import Frame
from batiyoun.realtime.refusal import BAD_METHOD, BAD_REQUEST, UNKNOWN_SID, Refusal
from batiyoun.realtime.request import Request
from batiyoun.realtime.session import Session
from batiyoun.realtime.wheel import Timer
from batiyoun.wire import engineio
from batiyoun.wire.errors import MessageTooBig, ProtocolError

if TYPE_CHECKING:
    from batiyoun.realtime.engineio import EngineIO

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

_CLOSE: Final = b"1"
_NOOP: Final = b"6"
_TEXT: Final = (b"content-type", b"text/plain; charset=UTF-8")
_JSON: Final = (b"content-type", b"application/json")
_ALWAYS: Final = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))


class PollingTransport:
    """What a session is carried by between its polls."""

    __slots__ = ("_engine", "posting", "probed", "waiter")

    name = "polling"

    def __init__(self, engine: EngineIO) -> None:
        self._engine = engine
        #: the poll that waits for packets
        self.waiter: asyncio.Future[bytes] | None = None
        self.posting = False
        #: a WebSocket is about to take over: polls are answered at once so that the client can stop them
        self.probed = False

    def take(self, session: Session) -> bytes:
        """Everything queued as one body; empty when there is nothing."""
        frames, session.out_frames = session.out_frames, []
        body = engineio.SEPARATOR.join([frame.polled for frame in frames])
        session.caught_up()
        return body

    def flush(self, session: Session) -> None:
        """Answer the waiting poll, if there is one."""
        if session.out_frames and self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(self.take(session))

    def release(self, body: bytes = _NOOP) -> None:
        """Answer the waiting poll with nothing of substance."""
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(body)

    def close(self, session: Session, code: int, reason: str, *, linger: bool) -> None:
        """Send what is queued and then a close packet, with the poll that waits and, if `linger`, with the next ones.

        Not both in one body: clients take the close packet at once and the rest a moment later, too late.
        """
        frames, session.out_frames = session.out_frames, []
        words = LastWords(self._engine, session.sid, frames)
        if linger:
            self._engine.linger(session.sid, words)
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(words.next())

    def closed_by_peer(self, session: Session) -> None:
        """The client sent a close packet: its poll, if it still has one, ends with nothing of substance."""
        self.release()
        session.lost()

    def abort(self) -> None:
        """The waiting poll learns that the session is over."""
        self.release(_CLOSE)


class LastWords(Timer):
    """What a closed session still has to say: to its next polls, or to the WebSocket that was about to take over."""

    __slots__ = ("_engine", "_frames", "_sid")

    def __init__(self, engine: EngineIO, sid: str, frames: list[Frame]) -> None:
        super().__init__()
        self._engine = engine
        self._sid = sid
        self._frames = frames

    def next(self) -> bytes:
        """The body for the next poll: what is left, then a close packet; after that the session is unknown."""
        frames, self._frames = self._frames, []
        if frames:
            return engineio.SEPARATOR.join([frame.polled for frame in frames])
        self._forget()
        return _CLOSE

    def all(self) -> bytes:
        """What is left, for a WebSocket."""
        self._forget()
        return b"".join([frame.websocket for frame in self._frames])

    def _forget(self) -> None:
        self._engine.said(self._sid)
        self._engine.wheel.cancel(self)

    def fire(self) -> None:
        """Nobody came for it."""
        self._engine.said(self._sid)


class PollingApp:
    """The ASGI application."""

    def __init__(self, engine: EngineIO) -> None:
        self._engine = engine

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            request = Request.from_scope(scope)
        except ValueError:
            await _respond(send, BAD_REQUEST.status, BAD_REQUEST.body(), [_JSON, *_ALWAYS])
            return
        headers = self._cors(request)
        if request.method == "OPTIONS":
            await _respond(send, HTTPStatus.NO_CONTENT, b"", headers)
            return
        refusal = self._engine.admit(request, websocket=False)
        if refusal is None:
            refusal = await self._serve(request, receive, send, headers)
        if refusal is not None:
            await _respond(send, refusal.status, refusal.body(), [_JSON, *headers, *refusal.headers()])

    async def _serve(self, request: Request, receive: Receive, send: Send, headers: Headers) -> Refusal | None:
        engine = self._engine
        sid = request.query.get("sid")
        if sid is None:
            transport = PollingTransport(engine)
            await _respond(send, HTTPStatus.OK, transport.take(engine.open(transport, request)), [_TEXT, *headers])
            return None
        last = engine.last_words.get(sid)
        if last is not None and request.method in {"GET", "POST"}:
            return await self._end(last, request, receive, send, headers)
        session = engine.sessions.get(sid)
        if session is None or not isinstance(session.transport, PollingTransport):
            return UNKNOWN_SID if session is None else BAD_REQUEST
        if request.method == "GET":
            return await self._poll(session, session.transport, receive, send, headers)
        if request.method == "POST":
            return await self._post(session, session.transport, request, receive, send, headers)
        return BAD_METHOD

    async def _end(
        self, last: LastWords, request: Request, receive: Receive, send: Send, headers: Headers
    ) -> Refusal | None:
        if request.method == "POST":
            # Too late, as on a WebSocket that is closing. An error would make the client miss what it is to hear.
            with contextlib.suppress(MessageTooBig, ProtocolError):
                await _read(request, receive, self._engine.settings.max_payload)
        body = last.next() if request.method == "GET" else b"ok"
        await _respond(send, HTTPStatus.OK, body, [_TEXT, *headers])
        return None

    async def _poll(
        self, session: Session, transport: PollingTransport, receive: Receive, send: Send, headers: Headers
    ) -> Refusal | None:
        if transport.waiter is not None:
            session.close("transport error", linger=False)
            return BAD_REQUEST
        body: bytes | None = transport.take(session) or (_NOOP if transport.probed else None)
        if body is None:
            body = await self._wait(session, transport, receive)
        if body is not None:
            await _respond(send, HTTPStatus.OK, body, [_TEXT, *headers])
        return None

    async def _wait(self, session: Session, transport: PollingTransport, receive: Receive) -> bytes | None:
        """The body of the answer once there is one; None when the client went away."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[bytes] = loop.create_future()
        transport.waiter = waiter
        gone = loop.create_task(_until_gone(receive))
        try:
            await asyncio.wait((waiter, gone), return_when=asyncio.FIRST_COMPLETED)
        finally:
            transport.waiter = None
            gone.cancel()
        if waiter.done():
            return waiter.result()
        # What would have been sent may be lost, so the session is: the client starts anew and catches up.
        session.lost("transport error")
        return None

    async def _post(
        self,
        session: Session,
        transport: PollingTransport,
        request: Request,
        receive: Receive,
        send: Send,
        headers: Headers,
    ) -> Refusal | None:
        # Binary bodies belong to revision 3 of the protocol.
        if transport.posting or request.headers.get("content-type") == "application/octet-stream":
            session.close("transport error", linger=False)
            return BAD_REQUEST
        transport.posting = True
        try:
            body = await _read(request, receive, self._engine.settings.max_payload)
            packets = engineio.decode_payload(body)
        except MessageTooBig:
            await _respond(send, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, b"", [(b"connection", b"close"), *headers])
            return None
        except ProtocolError as error:
            session.fail(error)
            return BAD_REQUEST
        finally:
            transport.posting = False
        for packet in packets:
            if packet.binary:
                session.receive_binary(packet.data)
            else:
                session.receive(engineio.encode_packet(packet))
        await _respond(send, HTTPStatus.OK, b"ok", [_TEXT, *headers])
        return None

    def _cors(self, request: Request) -> Headers:
        """Headers that let pages of allowed origins read the answer; credentials only for those, never reflected."""
        headers: Headers = [*_ALWAYS]
        origin = request.headers.get("origin")
        if origin is None:
            return headers
        headers.append((b"vary", b"Origin"))
        if self._engine.gate.is_allowed_origin(request, origin):
            headers += [
                (b"access-control-allow-origin", origin.encode("latin-1")),
                (b"access-control-allow-credentials", b"true"),
            ]
            if request.method == "OPTIONS":
                headers += [
                    (b"access-control-allow-methods", b"GET, POST"),
                    (b"access-control-allow-headers", b"content-type, authorization"),
                    (b"access-control-max-age", b"600"),
                ]
        return headers


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _read(request: Request, receive: Receive, limit: int) -> bytes:
    """The body; raises `MessageTooBig` as soon as it is known to exceed `limit`, `ProtocolError` when cut off."""
    declared = request.headers.get("content-length", "0")
    if not declared.isdigit() or int(declared[:20]) > limit:
        raise MessageTooBig("body over the limit")
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise ProtocolError("body was cut off")
        body += message.get("body", b"")
        if len(body) > limit:
            raise MessageTooBig("body over the limit")
        if not message.get("more_body", False):
            return bytes(body)


async def _respond(send: Send, status: int, body: bytes, headers: Headers) -> None:
    length = [] if status == HTTPStatus.NO_CONTENT else [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": int(status), "headers": [*headers, *length]})
    await send({"type": "http.response.body", "body": body})
