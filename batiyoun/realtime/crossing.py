"""The hub's side of the bus: what a payload holds, and what becomes of those that arrive.

A payload is one byte (the version), sixteen (the publishing node) and one of three messages in MessagePack:
`Framed` is a ready-made frame for a room's members; `Stamped` the same with an application's stamp, whose turn the
application decides; `Told` is for the nodes themselves. Nodes of another version ignore it: chats heal by sequence.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from typing import Final

import msgspec

from batiyoun.realtime.bus import Bus, channel_of
from batiyoun.realtime.frames import Broadcast
from batiyoun.runtime import uuid7
from batiyoun.wire.packets import Parts

logger = logging.getLogger(__name__)

VERSION: Final = b"\x01"


class Framed(msgspec.Struct, array_like=True, frozen=True, tag="f", gc=False):
    """`parts` are Socket.IO's JSON form, written to WebSockets as they are."""

    room: str
    parts: tuple[bytes, ...]


class Stamped(msgspec.Struct, array_like=True, frozen=True, tag="s", gc=False):
    """A frame and what the application needs to know before it is delivered."""

    room: str
    parts: tuple[bytes, ...]
    stamp: bytes


class Told(msgspec.Struct, array_like=True, frozen=True, tag="t", gc=False):
    """Something for the nodes that have members in the room; connections hear nothing of it by itself."""

    room: str
    name: str
    data: bytes


Message = Framed | Stamped | Told
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Message).decode

OnFrame = Callable[[str, Broadcast], None]
OnStamped = Callable[[str, Broadcast, bytes], None]
OnTold = Callable[[str, bytes], None]


class Crossing:
    """Sends to the other nodes, and hands what they sent to `on_frame`, `on_stamped` or the listener of its name."""

    def __init__(self, bus: Bus, on_frame: OnFrame) -> None:
        self.bus = bus
        self._origin = VERSION + uuid.UUID(uuid7()).bytes
        self._on_frame = on_frame
        self.on_stamped: OnStamped | None = None
        self.on_told: dict[str, OnTold] = {}
        self.on_restored: list[Callable[[], None]] = []
        self._foreign_versions: set[bytes] = set()
        bus.attach(self._arrived, self._restored)

    def frame(self, room: str, parts: Parts) -> None:
        """To the room's members on other nodes."""
        channel = channel_of(room)
        if channel is not None:
            self.bus.publish(channel, self._origin + _encode(Framed(room, tuple(parts))))

    def stamped(self, room: str, parts: Parts, stamp: bytes) -> None:
        """The same, through the other nodes' `on_stamped`. If the bus is away, the newest of the room follows."""
        channel = channel_of(room)
        if channel is not None:
            self.bus.publish(channel, self._origin + _encode(Stamped(room, tuple(parts), stamp)), keep=channel)

    def tell(self, room: str, name: str, data: bytes) -> None:
        """To the other nodes with members in the room; it follows later if the bus is away."""
        channel = channel_of(room)
        if channel is not None:
            payload = _encode(Told(room, name, data))
            self.bus.publish(channel, self._origin + payload, keep=f"{name} {room} {data.hex()}")

    def _restored(self) -> None:
        for callback in self.on_restored:
            callback()

    def _arrived(self, channel: str, payload: bytes) -> None:
        head = payload[:17]
        if head == self._origin:
            return
        if head[:1] != VERSION:
            self._note_version(head[:1])
            return
        try:
            message = _decode(memoryview(payload)[17:])
        except msgspec.DecodeError:
            logger.warning("The bus delivered something that is no message")
            return
        if isinstance(message, Framed):
            self._on_frame(message.room, Broadcast.ready(message.parts))
        elif isinstance(message, Stamped):
            if self.on_stamped is not None:
                self.on_stamped(message.room, Broadcast.ready(message.parts), message.stamp)
        elif (listener := self.on_told.get(message.name)) is not None:
            listener(message.room, message.data)

    def _note_version(self, version: bytes) -> None:
        if version not in self._foreign_versions and len(self._foreign_versions) < 8:
            self._foreign_versions.add(version)
            logger.warning("Another node speaks version %s of the bus; its frames are caught up on", version.hex())
