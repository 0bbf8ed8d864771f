"""The bus over Redis or Valkey: publishes and subscriptions gather for a tick, and travel in one write.

Two connections, because one that subscribes may do nothing else. redis-py opens them (addresses, TLS, login), and then
they are spoken to directly: its own way costs many times more per message (docs/decisions/0014-redis.md).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Any, Final

import hiredis
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from batiyoun.realtime.bus import Deliver
from batiyoun.storage.redis.link import connection_options

logger = logging.getLogger(__name__)

#: payloads kept while the bus is away; beyond that the oldest go, and their chats heal by the next message
MAX_KEPT: Final = 10_000
#: bytes that may wait for a server that does not read
MAX_BUFFER: Final = 16 * 1024 * 1024
#: channels in one command
CHUNK: Final = 1_000
FIRST_DELAY: Final = 0.05
LONGEST_DELAY: Final = 2.0
#: seconds that an answer may be late by
GRACE: Final = 0.1

#: the stub of `pack_command` has it take one word
_pack: Final[Callable[[tuple[str | bytes, ...]], bytes]] = hiredis.pack_command  # type: ignore[assignment]
_PING: Final = _pack(("PING",))
_Kept = tuple[str, str, bytes]


class Wire(asyncio.Protocol):
    """One connection: answers go to `on_reply`. `lost` is done when it is gone."""

    def __init__(self, connection: Any, on_reply: Callable[[Any], None]) -> None:
        """Take over a connection of redis-py that has logged in."""
        self._connection = connection
        self._on_reply = on_reply
        self._reader = hiredis.Reader()
        self._out: list[bytes] = []
        #: a PING that has not been answered
        self.waiting = False
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        # asyncio's own way to change who reads; the library has no other way out
        self.transport: asyncio.Transport = connection._writer.transport
        self.transport.set_protocol(self)

    def write(self, command: bytes) -> None:
        """Send at the end of this tick."""
        if not self._out:
            asyncio.get_running_loop().call_soon(self._flush)
        self._out.append(command)

    def ping(self) -> None:
        """Ask for a sign of life."""
        self.waiting = True
        self.write(_PING)

    def cut(self) -> None:
        """End it at once."""
        self.transport.abort()

    async def close(self) -> None:
        """Let go of it."""
        self.cut()
        with contextlib.suppress(RedisError, OSError):
            await self._connection.disconnect(nowait=True)

    def data_received(self, data: bytes) -> None:
        """Whole answers are passed on."""
        self._reader.feed(data)
        try:
            while (reply := self._reader.gets()) is not False:
                self._on_reply(reply)
        except hiredis.ProtocolError:
            logger.exception("Redis sent something that is not its protocol")
            self.cut()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        if not self.lost.done():
            self.lost.set_result(None)

    def _flush(self) -> None:
        out, self._out = self._out, []
        if self.transport.is_closing():
            return
        if self.transport.get_write_buffer_size() > MAX_BUFFER:
            logger.warning("Redis does not read what is published; the connection is made anew")
            self.cut()
            return
        self.transport.write(b"".join(out))


class RedisBus:
    """`realtime.bus.Bus` over Redis. `start` it in the running loop; it connects, and connects again, by itself.

    A server that does not answer for `timeout` seconds counts as away.
    """

    def __init__(self, url: str, *, timeout: float = 1.0, ca: str | None = None) -> None:
        self._timeout = timeout
        self._pool: Any = ConnectionPool.from_url(url, **connection_options(url, timeout, ca))
        self._deliver: Deliver = _nobody
        self._restored: Callable[[], None] = _nothing
        #: channels by their name on the wire
        self._wanted: dict[bytes, str] = {}
        self._changed: set[str] = set()
        self._listening: set[str] = set()
        self._asked = 0
        self._answered = 0
        self._waiters: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._publisher: Wire | None = None
        self._subscriber: Wire | None = None
        #: what was published and not answered; None for what need not be kept
        self._sent: deque[_Kept | None] = deque()
        self._kept: OrderedDict[str, tuple[str, bytes]] = OrderedDict()
        self._keeper: asyncio.Task[None] | None = None
        self._closing = False

    @property
    def up(self) -> bool:
        """Connected, as far as anybody knows."""
        return self._publisher is not None

    def attach(self, deliver: Deliver, restored: Callable[[], None]) -> None:
        """See `Bus.attach`."""
        self._deliver, self._restored = deliver, restored

    def start(self) -> None:
        """Connect and stay connected."""
        self._keeper = asyncio.get_running_loop().create_task(self._keep(), name="bus")

    async def close(self) -> None:
        """Send what was published in this tick, and leave."""
        self._closing = True
        await asyncio.sleep(0)
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        await self._pool.aclose()

    # ── out ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def publish(self, channel: str, payload: bytes, *, keep: str | None = None) -> None:
        """See `Bus.publish`."""
        wire = self._publisher
        if wire is None:
            if keep is not None:
                self._keep_for_later(keep, channel, payload)
            return
        self._sent.append(None if keep is None else (keep, channel, payload))
        wire.write(_pack(("PUBLISH", channel, payload)))

    def _keep_for_later(self, keep: str, channel: str, payload: bytes) -> None:
        self._kept[keep] = (channel, payload)
        self._kept.move_to_end(keep)
        if len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)

    def _on_published(self, reply: Any) -> None:
        if isinstance(reply, int):
            self._sent.popleft()
        elif isinstance(reply, hiredis.ReplyError):
            self._sent.popleft()
            logger.warning("Redis refused something published: %s", str(reply).split(" ", 1)[0])
        elif self._publisher is not None:
            self._publisher.waiting = False

    # ── in ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def subscribe(self, channel: str) -> None:
        """See `Bus.subscribe`."""
        self._wanted[channel.encode()] = channel
        self._change(channel)

    def unsubscribe(self, channel: str) -> None:
        """See `Bus.unsubscribe`."""
        self._wanted.pop(channel.encode(), None)
        self._change(channel)

    async def settled(self) -> None:
        """See `Bus.settled`."""
        if self._changed:
            self._ask()
        if self._subscriber is None or self._answered >= self._asked:
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append((self._asked, waiter))
        await waiter

    def _change(self, channel: str) -> None:
        if self._subscriber is None:
            return
        if not self._changed:
            asyncio.get_running_loop().call_soon(self._ask)
        self._changed.add(channel)

    def _ask(self) -> None:
        """Make the server's idea of our subscriptions ours."""
        changed, self._changed = self._changed, set()
        if self._subscriber is None:
            return
        more = [each for each in changed if each.encode() in self._wanted and each not in self._listening]
        less = [each for each in changed if each.encode() not in self._wanted and each in self._listening]
        self._listening.update(more)
        self._listening.difference_update(less)
        for command, channels in (("SUBSCRIBE", more), ("UNSUBSCRIBE", less)):
            for start in range(0, len(channels), CHUNK):
                self._subscriber.write(_pack((command, *channels[start : start + CHUNK])))
        self._asked += len(more) + len(less)

    def _on_reply(self, reply: Any) -> None:
        if isinstance(reply, hiredis.ReplyError):
            logger.warning("Redis refused a subscription: %s", str(reply).split(" ", 1)[0])
            if self._subscriber is not None:
                self._subscriber.cut()
            return
        # without any subscription, a PING is answered as on other connections
        kind = reply[0] if isinstance(reply, list) else b"pong"
        if kind == b"message":
            # Unsubscribed meanwhile: membership that ended takes effect at once.
            channel = self._wanted.get(reply[1])
            if channel is not None:
                self._hand_over(channel, reply[2])
        elif kind == b"pong":
            if self._subscriber is not None:
                self._subscriber.waiting = False
        else:
            self._answered += 1
            while self._waiters and self._waiters[0][0] <= self._answered:
                _, waiter = self._waiters.popleft()
                if not waiter.done():
                    waiter.set_result(None)

    def _hand_over(self, channel: str, payload: bytes) -> None:
        try:
            self._deliver(channel, payload)
        except Exception:
            logger.exception("what the bus brought could not be delivered")

    # ── staying connected ─────────────────────────────────────────────────────────────────────────────────────────

    async def _keep(self) -> None:
        delay, times = FIRST_DELAY, 0
        while True:
            try:
                async with asyncio.timeout(2 * self._timeout):
                    publisher = await self._open(self._on_published)
                    try:
                        subscriber = await self._open(self._on_reply)
                    except BaseException:
                        await publisher.close()
                        raise
            except (RedisError, OSError, TimeoutError):
                await asyncio.sleep(delay * random.uniform(0.5, 1))  # noqa: S311 - spreads load, guards nothing
                delay = min(LONGEST_DELAY, 2 * delay)
                continue
            times += 1
            try:
                await self._connected(publisher, subscriber, again=times > 1)
                delay = FIRST_DELAY
                await self._watch(publisher, subscriber)
            finally:
                self._disconnected()
                await publisher.close()
                await subscriber.close()

    async def _open(self, on_reply: Callable[[Any], None]) -> Wire:
        connection = self._pool.make_connection()
        await connection.connect()
        return Wire(connection, on_reply)

    async def _connected(self, publisher: Wire, subscriber: Wire, *, again: bool) -> None:
        self._subscriber = subscriber
        self._asked = self._answered = 0
        self._listening.clear()
        self._changed = set(self._wanted.values())
        subscriber.ping()
        # Nobody hears `restored` before it is true; a server that stops answering now is noticed by the watch.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._timeout):
                await self.settled()
        self._publisher = publisher
        kept, self._kept = self._kept, OrderedDict()
        for keep, (channel, payload) in kept.items():
            self.publish(channel, payload, keep=keep)
        if again:
            logger.warning("The bus is back")
            self._restored()

    def _disconnected(self) -> None:
        if self.up and not self._closing:
            logger.error("The bus is away: other nodes are not heard until it is back")
        self._publisher = self._subscriber = None
        self._changed.clear()
        sent, self._sent = self._sent, deque()
        for each in sent:
            if each is not None:
                self._keep_for_later(*each)
        waiters, self._waiters = self._waiters, deque()
        for _, waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def _watch(self, *wires: Wire) -> None:
        """Until one of the connections is gone, or does not answer."""
        while True:
            for wire in wires:
                wire.ping()
            lost = [wire.lost for wire in wires]
            done, _ = await asyncio.wait(lost, timeout=self._timeout, return_when=asyncio.FIRST_COMPLETED)
            if not done and any(wire.waiting for wire in wires):
                # If it was us who were late, the answers are here already and only have to be read.
                await asyncio.sleep(GRACE)
            if done or any(wire.waiting for wire in wires):
                return


def _nobody(channel: str, payload: bytes) -> None:
    """Before anybody attached."""


def _nothing() -> None:
    """Before anybody attached."""
