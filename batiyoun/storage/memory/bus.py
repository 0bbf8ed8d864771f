"""The bus within one process: what the embedded default needs, and what tests join several hubs with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from batiyoun.realtime.bus import Deliver


class MemoryExchange:
    """Where the nodes of one process meet; each makes its `MemoryBus` from it."""

    def __init__(self) -> None:
        self._nodes: list[MemoryBus] = []

    def node(self) -> MemoryBus:
        """A node's own end of the bus."""
        bus = MemoryBus(self)
        self._nodes.append(bus)
        return bus

    def others(self, node: MemoryBus) -> list[MemoryBus]:
        """Everybody but that node."""
        return [other for other in self._nodes if other is not node]

    def remove(self, node: MemoryBus) -> None:
        """The node is gone."""
        if node in self._nodes:
            self._nodes.remove(node)


class MemoryBus:
    """`realtime.bus.Bus` in memory. Delivers on the next turn of the loop, as a network would: never from within."""

    def __init__(self, exchange: MemoryExchange | None = None) -> None:
        self._exchange = exchange or MemoryExchange()
        self._channels: set[str] = set()
        self._deliver: Deliver | None = None

    def attach(self, deliver: Deliver, restored: Callable[[], None]) -> None:
        """Have everything from other nodes delivered; this bus is never away."""
        self._deliver = deliver

    def publish(self, channel: str, payload: bytes, *, keep: str | None = None) -> None:
        """Send to all other nodes subscribed to the channel; nothing ever has to be kept."""
        for node in self._exchange.others(self):
            if channel in node._channels:
                asyncio.get_running_loop().call_soon(node._receive, channel, payload)

    def subscribe(self, channel: str) -> None:
        """A member of ours listens now."""
        self._channels.add(channel)

    def unsubscribe(self, channel: str) -> None:
        """No member of ours listens any more."""
        self._channels.discard(channel)

    async def settled(self) -> None:
        """Subscriptions take effect at once."""

    def close(self) -> None:
        """Leave the exchange."""
        self._exchange.remove(self)
        self._channels.clear()

    def _receive(self, channel: str, payload: bytes) -> None:
        # Unsubscribed meanwhile: membership that ended takes effect at once.
        if self._deliver is not None and channel in self._channels:
            self._deliver(channel, payload)
