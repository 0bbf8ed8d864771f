"""The bus: what other processes publish reaches our members, and ours reaches theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

#: `deliver(channel, payload)`: called on the event loop for every payload another node published
Deliver = Callable[[str, bytes], None]

_CHAT: Final = "chat:"
_OPEN: Final = "open:"
_USER: Final = "user:"


class Bus(Protocol):
    """Channels between nodes.

    Guarantees: payloads of one publisher on one channel arrive in order; a node gets those published after its
    `subscribe` took effect. They may be lost when the bus fails, and those with `keep` may then come twice: chats heal
    by sequence.
    """

    def attach(self, deliver: Deliver, restored: Callable[[], None]) -> None:
        """Have everything from other nodes delivered. One's own payloads may come back; the hub ignores them.

        `restored` is called when the bus was away and all subscriptions are in effect again: what was published
        meanwhile is lost.
        """
        ...

    def publish(self, channel: str, payload: bytes, *, keep: str | None = None) -> None:
        """Send to all other nodes subscribed to the channel. Never blocks.

        What cannot be sent is dropped; with `keep` the newest payload of that name is sent when the bus is back, to the
        nodes that are back by then (the others are told `restored` later).
        """
        ...

    def subscribe(self, channel: str) -> None:
        """A member of ours listens now."""
        ...

    def unsubscribe(self, channel: str) -> None:
        """No member of ours listens any more."""
        ...

    async def settled(self) -> None:
        """Every `subscribe` so far is in effect. Returns at once while the bus is away (then `restored` will come)."""
        ...


def channel_of(room: str) -> str | None:
    """The channel a room's frames travel on; None for rooms that exist only on one node.

    `chat:{id}` and `open:{id}` → `chat:{id}`, `user:{id}` → `user:{id}:notifications`.
    """
    if room.startswith(_CHAT):
        return room
    if room.startswith(_USER):
        return f"{room}:notifications"
    if room.startswith(_OPEN):
        return f"{_CHAT}{room.removeprefix(_OPEN)}"
    return None


def listens_to(room: str) -> str | None:
    """The channel a node subscribes to while it has a member in the room.

    None for `open:{id}`: who shows a chat is in the chat's room, too.
    """
    return None if room.startswith(_OPEN) else channel_of(room)
