"""A WebSocket and Socket.IO client down to the bytes: it does what official clients never would."""

from __future__ import annotations

import asyncio
import base64
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import msgspec

PATIENCE: Final = 5.0
WEBSOCKET: Final = "/socket.io/?EIO=4&transport=websocket"

Message = tuple[int, bytes]


class Wire:
    """One TCP connection speaking WebSocket. `status` is the HTTP answer; 101 means it is open."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""

    @classmethod
    async def connect(
        cls,
        port: int,
        path: str = WEBSOCKET,
        *,
        headers: dict[str, str | None] | None = None,
        tls: ssl.SSLContext | None = None,
        after: bytes = b"",
        method: str = "GET",
    ) -> Wire:
        """Connect and shake hands; `after` follows the request at once. A header of None is left out."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls)
        wire = cls(reader, writer)
        key = base64.b64encode(os.urandom(16)).decode()
        all_headers: dict[str, str | None] = {
            "Host": f"127.0.0.1:{port}",
            "Upgrade": "websocket",
            "Connection": "keep-alive, Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": key,
            **(headers or {}),
        }
        lines = [f"{name}: {value}" for name, value in all_headers.items() if value is not None]
        writer.write("\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode() + after)
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
        first, *rest = head.decode().split("\r\n")
        wire.status = int(first.split(" ")[1])
        wire.headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in rest if line)}
        if wire.status != 101:
            wire.body = await reader.readexactly(int(wire.headers.get("content-length", "0")))
        return wire

    # ── out ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def frame(self, opcode: int, payload: bytes, *, fin: bool = True, reserved: int = 0, masked: bool = True) -> None:
        """Send one frame as asked, right or wrong."""
        self.writer.write(client_frame(opcode, payload, fin=fin, reserved=reserved, masked=masked))

    def send(self, message: str | bytes) -> None:
        """Send a text or binary message."""
        if isinstance(message, str):
            self.frame(1, message.encode())
        else:
            self.frame(2, message)

    # ── in ────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def receive(self, patience: float = PATIENCE) -> Message:
        """The next frame: opcode and payload. Raises `IncompleteReadError` at the end, `TimeoutError` for silence."""
        try:
            async with asyncio.timeout(patience):
                return await self._frame()
        except (asyncio.IncompleteReadError, ConnectionError):
            self.close()
            raise

    async def _frame(self) -> Message:
        first, second = await self.reader.readexactly(2)
        assert first & 0x70 == 0, "reserved bits from a server"
        assert second < 128, "a masked frame from a server"
        size = second
        if size == 126:
            size = int.from_bytes(await self.reader.readexactly(2), "big")
        elif size == 127:
            size = int.from_bytes(await self.reader.readexactly(8), "big")
        return first & 0x0F, await self.reader.readexactly(size)

    async def text(self, patience: float = PATIENCE) -> str:
        """The next text message, pings of Engine.IO answered."""
        while True:
            opcode, payload = await self.receive(patience)
            assert opcode == 1, (opcode, payload)
            if payload != b"2":
                return payload.decode()
            self.send("3")

    async def open(self, namespace: str = "/", auth: dict[str, Any] | None = None) -> dict[str, Any]:
        """Read the OPEN packet and connect to a namespace: the data of the reply."""
        assert (await self.text())[0] == "0"
        return await self.join(namespace, auth)

    async def join(self, namespace: str = "/", auth: dict[str, Any] | None = None) -> dict[str, Any]:
        """Connect to a namespace: the data of the reply."""
        prefix = "" if namespace == "/" else f"{namespace},"
        self.send(f"40{prefix}" + ("" if auth is None else msgspec.json.encode(auth).decode()))
        reply = await self.text()
        assert reply.startswith(f"40{prefix}{{"), reply
        data: dict[str, Any] = msgspec.json.decode(reply[2 + len(prefix) :])
        return data

    async def call(self, event: str, *arguments: Any, ack: int = 1) -> Any:
        """Send an event on `/` and return the first value of its acknowledgement; other events are passed over."""
        self.send(f"42{ack}{msgspec.json.encode([event, *arguments]).decode()}")
        prefix = f"43{ack}["
        while not (message := await self.text()).startswith(prefix):
            assert message.startswith("42"), message
        return msgspec.json.decode(message[len(prefix) - 1 :])[0]

    async def closed(self, patience: float = PATIENCE) -> int | None:
        """Read to the end: the code of the close frame, None when the connection just ended."""
        code = None
        try:
            while True:
                opcode, payload = await self.receive(patience)
                if opcode == 8:
                    code = int.from_bytes(payload[:2], "big") if payload else 1005
                    self.frame(8, payload)
        except (asyncio.IncompleteReadError, ConnectionError):
            return code

    async def quiet(self, seconds: float = 0.1) -> bool:
        """Nothing comes for so long."""
        try:
            await self.receive(seconds)
        except TimeoutError:
            return True
        return False

    def close(self) -> None:
        """Cut the connection."""
        self.writer.transport.abort()


def client_frame(opcode: int, payload: bytes, *, fin: bool = True, reserved: int = 0, masked: bool = True) -> bytes:
    """A frame as clients send it (RFC 6455 §5.3), masked unless told otherwise."""
    first = (0x80 if fin else 0) | reserved << 4 | opcode
    flag = 0x80 if masked else 0
    size = len(payload)
    if size < 126:
        head = bytes((first, flag | size))
    elif size < 65_536:
        head = bytes((first, flag | 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((first, flag | 127)) + size.to_bytes(8, "big")
    if not masked:
        return head + payload
    mask = os.urandom(4)
    return head + mask + bytes(byte ^ mask[index & 3] for index, byte in enumerate(payload))


@asynccontextmanager
async def wire(port: int, path: str = WEBSOCKET, **options: Any) -> AsyncIterator[Wire]:
    """A `Wire` that is cut at the end."""
    connection = await Wire.connect(port, path, **options)
    try:
        yield connection
    finally:
        connection.close()
