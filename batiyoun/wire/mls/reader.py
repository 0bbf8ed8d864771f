"""Reads the presentation language that MLS is written in (RFC 9420 §2.1). Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from batiyoun.wire.errors import ProtocolError

T = TypeVar("T")


class MlsError(ProtocolError):
    """The bytes are not what RFC 9420 describes."""


class Reader:
    """Takes numbers and vectors off the front of some bytes. Everything raises `MlsError` for what does not fit."""

    __slots__ = ("_data", "position")

    def __init__(self, data: bytes) -> None:
        self._data = data
        #: where the next read begins
        self.position = 0

    @property
    def done(self) -> bool:
        """Whether everything has been read."""
        return self.position >= len(self._data)

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        end = self.position + count
        if end > len(self._data):
            raise MlsError("an MLS object ends too early")
        taken = self._data[self.position : end]
        self.position = end
        return taken

    def u8(self) -> int:
        """One byte."""
        return self.take(1)[0]

    def u16(self) -> int:
        """Two bytes."""
        return int.from_bytes(self.take(2), "big")

    def u32(self) -> int:
        """Four bytes."""
        return int.from_bytes(self.take(4), "big")

    def u64(self) -> int:
        """Eight bytes."""
        return int.from_bytes(self.take(8), "big")

    def length(self) -> int:
        """A length in its shortest form (RFC 9420 §2.1.2): two bits say how many bytes it has."""
        first = self.u8()
        prefix = first >> 6
        if prefix == 3:
            raise MlsError("a length of an MLS vector has an unknown form")
        length = first & 0x3F
        for _ in range((1 << prefix) - 1):
            length = length << 8 | self.u8()
        if prefix and length < 1 << (8 * (1 << prefix - 1) - 2):
            raise MlsError("a length of an MLS vector is not in its shortest form")
        return length

    def vector(self) -> bytes:
        """`opaque x<V>`."""
        return self.take(self.length())

    def many(self, read: Callable[[Reader], T]) -> list[T]:
        """`T x<V>`: as many as fill the vector."""
        inside = Reader(self.vector())
        found = []
        while not inside.done:
            found.append(read(inside))
        return found

    def optional(self, read: Callable[[Reader], T]) -> T | None:
        """`optional<T>`: a byte that says whether there is one."""
        present = self.u8()
        if present > 1:
            raise MlsError("the presence of an optional MLS value is neither 0 nor 1")
        return read(self) if present else None

    def since(self, start: int) -> bytes:
        """What has been read from that position on."""
        return self._data[start : self.position]

    def end(self) -> None:
        """There must be nothing left."""
        if not self.done:
            raise MlsError("bytes follow an MLS object")


def length_of(count: int) -> bytes:
    """The length of a vector in its shortest form. Raises `ValueError` past 2³⁰."""
    if count < 1 << 6:
        return bytes([count])
    if count < 1 << 14:
        return (count | 1 << 14).to_bytes(2, "big")
    if count < 1 << 30:
        return (count | 2 << 30).to_bytes(4, "big")
    raise ValueError("too long for an MLS vector")


def vector_of(data: bytes) -> bytes:
    """`opaque x<V>` of those bytes."""
    return length_of(len(data)) + data
