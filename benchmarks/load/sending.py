"""Messages on their way: numbered packets, their acknowledgements, and whether everything has arrived."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import uuid_utils

from benchmarks.load.connection import Broken, Connection
from benchmarks.load.jobs import Sender

#: seconds after the last message in which the rest must arrive
SETTLE: Final = 30.0
#: what bodies are cut from: the alphabet of ciphertext in base64
_TEXT: Final = "QmF0aXlvdW4gYmVuY2htYXJrIGJvZHkg" * 160
_OK: Final = b'"ok":true'
#: clientIds as our own client makes them: UUIDv7
new_id: Final = uuid_utils.uuid7


class Route:
    """One sender with its chat.

    `on_sent(number, clientId)` is called before each of its messages, `on_done(number)` when it was acknowledged.
    """

    def __init__(self, sender: Sender, connection: Connection, numbers: Iterator[int], content: int) -> None:
        self.sent = 0
        self.acked = 0
        self.members = sender.members
        self.on_sent: Callable[[int, bytes], None] | None = None
        self.on_done: Callable[[Route, int], None] | None = None
        self._connection = connection
        self._numbers = numbers
        self._packet = (
            f'42%d["send_message",{{"chatId":"{sender.chat_id}","clientId":"%b",'
            f'"content":"{_TEXT[:content]}","encrypted":false,"type":"text"}}]'
        ).encode()
        connection.on_ack = self._on_ack

    def send(self) -> int:
        """Send the next message; returns its number, which is that of its acknowledgement too."""
        number = next(self._numbers)
        self.sent += 1
        client_id = str(new_id()).encode()
        if self.on_sent is not None:
            self.on_sent(number, client_id)
        self._connection.send(self._packet % (number, client_id))
        return number

    def _on_ack(self, payload: bytes) -> None:
        at = payload.index(b"[")
        if _OK not in payload:
            self._connection.tally.problems.append(f"the server refused a message: {payload[at:300]!r}")
            return
        self.acked += 1
        if self.on_done is not None:
            self.on_done(self, int(payload[2:at]))


class Traffic:
    """All senders of one run. Numbers run from 0, unique among them."""

    def __init__(self, senders: Sequence[Sender], connections: Sequence[Connection], content: int) -> None:
        assert content <= len(_TEXT)
        seats = [sender.seat for sender in senders]
        assert len(set(seats)) == len(seats), "a connection sends to one chat"
        self.tally = connections[0].tally
        self._start = self.tally.deliveries
        numbers = itertools.count()
        self.routes = [Route(sender, connections[sender.seat], numbers, content) for sender in senders]

    @property
    def acked(self) -> int:
        """Messages that were acknowledged."""
        return sum(route.acked for route in self.routes)

    async def settle(self) -> None:
        """Wait until every message was acknowledged and delivered to every member. Raises `Broken` if that fails."""
        deadline = time.monotonic() + SETTLE
        while True:
            self.tally.check()
            sent = sum(route.sent for route in self.routes)
            missing = sum(route.sent * route.members for route in self.routes) - (self.tally.deliveries - self._start)
            if sent == self.acked and missing == 0:
                return
            if time.monotonic() > deadline or missing < 0:
                msg = f"of {sent} messages {self.acked} were acknowledged, and {missing} deliveries are missing"
                raise Broken(msg)
            await asyncio.sleep(0.02)
