"""The load generator for XMPP servers: pairs in a closed loop, over plain TCP on loopback.

python -m benchmarks.load.xmpp reads one `XmppPairs` from standard input and answers with a `Throughput`.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import cast

import msgspec
import uvloop

from benchmarks.accounting import Meter
from benchmarks.load.connection import Broken
from benchmarks.load.jobs import Answer, Failed, Throughput
from benchmarks.load.sending import SETTLE
from benchmarks.servers.ejabberd import plain

HEADER = (
    "<?xml version='1.0'?><stream:stream to='localhost' xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
)
#: ends every delivered message: the bodies hold no markup
DELIVERY = b"</body>"


class XmppPairs(msgspec.Struct, frozen=True):
    """`pairs` people of even number keep `window` messages in flight to their odd neighbours."""

    port: int
    pids: Sequence[int]
    pairs: int
    window: int
    content: int
    warmup: float
    seconds: float


class Stream(asyncio.Protocol):
    """One person's connection."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.received = 0
        #: called with how many messages arrived
        self.on_messages: Callable[[int], None] | None = None
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._waiting: tuple[bytes, asyncio.Future[None]] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio: connected."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by class

    def data_received(self, data: bytes) -> None:
        """asyncio: bytes came; either an answer of the handshake or messages."""
        self._buffer += data
        if self._waiting is not None:
            until, done = self._waiting
            if until in self._buffer and not done.done():
                self._buffer = b""
                done.set_result(None)
            return
        number = self._buffer.count(DELIVERY)
        if number:
            self._buffer = self._buffer[self._buffer.rindex(DELIVERY) + len(DELIVERY) :]
            self.received += number
            if self.on_messages is not None:
                self.on_messages(number)

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio: the connection is gone."""
        if self._waiting is not None and not self._waiting[1].done():
            self._waiting[1].set_exception(Broken(f"the server closed the connection of {self.name}"))

    def write(self, text: str) -> None:
        """Send XML."""
        assert self._transport is not None
        self._transport.write(text.encode())

    async def ask(self, text: str, until: str) -> None:
        """Send XML and wait for an answer that contains `until`."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting = until.encode(), done
        self.write(text)
        try:
            await asyncio.wait_for(done, 30)
        except TimeoutError:
            msg = f"no {until!r} but {self._buffer[:300]!r}"
            raise Broken(msg) from None
        self._waiting = None

    async def sign_in(self) -> None:
        """SASL PLAIN, bind a resource, become available (RFC 6120 §6, §7; RFC 6121 §4.2)."""
        await self.ask(HEADER, "</stream:features>")
        sasl = "urn:ietf:params:xml:ns:xmpp-sasl"
        await self.ask(f"<auth xmlns='{sasl}' mechanism='PLAIN'>{plain(self.name)}</auth>", "<success")
        await self.ask(HEADER, "</stream:features>")
        bind = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>bench</resource></bind>"
        await self.ask(f"<iq type='set' id='bind'>{bind}</iq>", "</iq>")
        self.write("<presence/>")


async def run_pairs(job: XmppPairs) -> Throughput:
    """Connect, load, count between two instants, and let everything arrive."""
    loop = asyncio.get_running_loop()
    people: list[Stream] = []
    for number in range(2 * job.pairs):
        _, person = await loop.create_connection(partial(Stream, f"person{number}"), "127.0.0.1", job.port)
        await person.sign_in()
        people.append(person)
    await asyncio.sleep(1)
    numbers = itertools.count()
    body = "x" * job.content
    running = True
    sent = 0

    def send(sender: Stream, receiver: Stream) -> None:
        nonlocal sent
        sent += 1
        mail = (
            f"<message to='{receiver.name}@localhost' type='chat' id='m{next(numbers)}'><body>{body}</body></message>"
        )
        sender.write(mail)

    def refill(sender: Stream, receiver: Stream, number: int) -> None:
        for _ in range(number if running else 0):
            send(sender, receiver)

    pairs = list(zip(people[::2], people[1::2], strict=True))
    for sender, receiver in pairs:
        receiver.on_messages = partial(refill, sender, receiver)
        for _ in range(job.window):
            send(sender, receiver)
    meter = Meter(job.pids)

    def snapshot() -> tuple[float, int, float, float]:
        used = meter.read().cpu
        return time.perf_counter(), sum(receiver.received for _, receiver in pairs), used, time.process_time()

    await asyncio.sleep(job.warmup)
    begin = snapshot()
    await asyncio.sleep(job.seconds)
    end = snapshot()
    running = False
    deadline = time.monotonic() + SETTLE
    while (arrived := sum(receiver.received for _, receiver in pairs)) < sent:
        if time.monotonic() > deadline:
            msg = f"{arrived} of {sent} messages arrived"
            raise Broken(msg)
        await asyncio.sleep(0.05)
    seconds, messages, cpu, generator = (b - a for a, b in zip(begin, end, strict=True))
    return Throughput(seconds, int(messages), int(messages), cpu, generator)


async def main() -> None:
    """Do the one job."""
    answer: Answer
    try:
        answer = await run_pairs(msgspec.json.decode(sys.stdin.buffer.readline(), type=XmppPairs))
    except Exception as exc:
        answer = Failed(f"{type(exc).__name__}: {exc}")
    sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")


if __name__ == "__main__":
    uvloop.run(main())
