"""The leaves of a group as the stores keep them: one value, read and written as a whole."""

from __future__ import annotations

import msgspec

from batiyoun.chats.groups.model import Leaf

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[Leaf, ...]).decode


def pack(leaves: tuple[Leaf, ...]) -> bytes:
    """MessagePack: [[index, user, device, mark], …]."""
    return _encode(leaves)


def unpack(data: bytes) -> tuple[Leaf, ...]:
    """What `pack` made. Raises `msgspec.MsgspecError`."""
    return _decode(data)
