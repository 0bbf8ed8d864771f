"""One Socket.IO connection of the generator, and the tally that all of them share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from benchmarks.load.jobs import Seat

#: seconds; far above any answer, so that only a dead server runs into it
HANDSHAKE_TIMEOUT = 60.0
#: how a delivery begins on the wire: Engine.IO message, Socket.IO event (Socket.IO protocol v5, packet encoding)
DELIVERY = b'42["new_message"'
TEXT = WSMsgType.TEXT


class Broken(Exception):
    """The server did what it must not do in a benchmark, so there is no result."""


class Tally:
    """What arrived at all connections of this process."""

    def __init__(self) -> None:
        self.deliveries = 0
        self.problems: list[str] = []
        #: called with every delivery when somebody measures its latency
        self.on_delivery: Callable[[bytes], None] | None = None

    def check(self) -> None:
        """Raises `Broken` with what went wrong first."""
        if self.problems:
            msg = f"{self.problems[0]} ({len(self.problems)} problems)" if len(self.problems) > 1 else self.problems[0]
            raise Broken(msg)


class Connection(WSListener):
    """Connects to the default namespace, answers heartbeats, counts deliveries, passes acknowledgements on."""

    def __init__(self, seat: Seat, tally: Tally) -> None:
        self.tally = tally
        self.transport: WSTransport | None = None
        self.leaving = False
        #: called with the whole acknowledgement packet
        self.on_ack: Callable[[bytes], None] | None = None
        self._auth = seat.auth
        self._opened = False
        self._joined: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def on_ws_connected(self, transport: WSTransport) -> None:
        """picows: the upgrade is done; the server speaks first."""
        self.transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """picows: a frame came. Deliveries first: they are nearly all there is."""
        payload = frame.get_payload_as_bytes()
        tally = self.tally
        if payload.startswith(DELIVERY):
            tally.deliveries += 1
            if tally.on_delivery is not None:
                tally.on_delivery(payload)
        elif payload.startswith(b"43"):
            if self.on_ack is not None:
                self.on_ack(payload)
        elif payload == b"2":
            transport.send(TEXT, b"3")
        elif frame.msg_type is TEXT:
            self._on_packet(transport, payload)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """picows: the connection is gone."""
        if not self._joined.done():
            self._joined.set_exception(Broken("the server closed a connection during its handshake"))
        elif not self.leaving:
            self.tally.problems.append("the server closed a connection")

    def send(self, packet: bytes) -> None:
        """Write one packet as one frame."""
        assert self.transport is not None
        self.transport.send(TEXT, packet)

    def stall(self) -> None:
        """Stop reading from the network, as a phone in a tunnel does; the server may cut us off for it."""
        assert self.transport is not None
        self.leaving = True
        self.transport.underlying_transport.pause_reading()

    def drop(self) -> None:
        """Cut the connection."""
        self.leaving = True
        if self.transport is not None:
            self.transport.underlying_transport.abort()

    async def joined(self) -> None:
        """Returns when the server has answered CONNECT. Raises `Broken` when it refused, or did not answer."""
        try:
            await asyncio.wait_for(self._joined, HANDSHAKE_TIMEOUT)
        except TimeoutError:
            got = "OPEN and no answer to CONNECT" if self._opened else "no OPEN"
            raise Broken(f"after the upgrade a connection got {got} for {HANDSHAKE_TIMEOUT:.0f} s") from None

    def _on_packet(self, transport: WSTransport, payload: bytes) -> None:
        if payload.startswith(b"0{"):
            self._opened = True
            transport.send(TEXT, b"40" + self._auth.encode())
        elif payload.startswith(b"40"):
            if not self._joined.done():
                self._joined.set_result(None)
        elif payload.startswith((b"44", b"41", b"1")):
            reason = f"the server refused or ended a connection: {payload[:200]!r}"
            if self._joined.done():
                self.tally.problems.append(reason)
            else:
                self._joined.set_exception(Broken(reason))
        elif payload.startswith(b'42["resync"'):
            self.tally.problems.append("the server dropped deliveries and asked for a resync")
        # other events (who is online) belong to the product and are nobody's delivery


async def connect(port: int, seat: Seat, tally: Tally) -> Connection:
    """A connection that is in the default namespace."""
    headers = {"Origin": f"http://127.0.0.1:{port}"}
    if seat.cookie is not None:
        headers["Cookie"] = seat.cookie
    connection = Connection(seat, tally)
    try:
        await ws_connect(
            lambda: connection,
            f"ws://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket",
            websocket_handshake_timeout=HANDSHAKE_TIMEOUT,
            extra_headers=headers,
            read_buffer_init_size=4096,
        )
    except TimeoutError:
        raise Broken(f"the server did not answer an upgrade for {HANDSHAKE_TIMEOUT:.0f} s") from None
    if connection.transport is None:
        raise Broken("the server closed a connection instead of upgrading it")
    await connection.joined()
    return connection
