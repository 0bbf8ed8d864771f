"""The bus: what other processes publish reaches our members, and ours reaches theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

import msgspec

#: `deliver(channel, payload)`: called on the event loop for every payload another node published
Deliver = Callable[[str, bytes], None]

_CHAT: Final = "chat:"
_USER: Final = "user:"


class Bus(Protocol):
    """Channels between nodes.

    Guarantees: payloads of one publisher on one channel arrive in order and at most once; a node gets those published
    after its `subscribe` took effect. They may be lost when the bus fails: clients recover by sequence.
    """

    def attach(self, deliver: Deliver) -> None:
        """Have everything from other nodes delivered. One's own payloads may come back; the hub ignores them."""
        ...

    def publish(self, channel: str, payload: bytes) -> None:
        """Send to all other nodes subscribed to the channel. Never blocks; what cannot be sent is dropped."""
        ...

    def subscribe(self, channel: str) -> None:
        """A member of ours listens now."""
        ...

    def unsubscribe(self, channel: str) -> None:
        """No member of ours listens any more."""
        ...


class Envelope(msgspec.Struct, array_like=True, frozen=True):
    """A payload: the ready-made frame and the room it is for.

    `parts` are Socket.IO's JSON form, written to WebSockets as they are. `origin` is the publishing node's id.
    """

    origin: str
    room: str
    parts: tuple[bytes, ...]


def channel_of(room: str) -> str | None:
    """The channel a room's frames travel on; None for rooms that exist only on one node.

    `chat:{id}` → `chat:{id}`, `user:{id}` → `user:{id}:notifications`.
    """
    if room.startswith(_CHAT):
        return room
    if room.startswith(_USER):
        return f"{room}:notifications"
    return None
