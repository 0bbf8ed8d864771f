"""The presentation language of RFC 9420 section 2.1: numbers, and vectors behind their length."""

from __future__ import annotations


class Reader:
    """Takes bytes from the front."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def at(self) -> int:
        """How much was taken."""
        return self._at

    @property
    def over(self) -> bool:
        """Whether nothing is left."""
        return self._at == len(self._data)

    def take(self, count: int) -> bytes:
        """So many bytes."""
        taken = self._data[self._at : self._at + count]
        assert len(taken) == count, "it ends too early"
        self._at += count
        return taken

    def number(self, size: int) -> int:
        """An unsigned number of so many bytes."""
        return int.from_bytes(self.take(size))

    def vector(self) -> bytes:
        """What stands behind its length; how the length is written says its first two bits."""
        first = self.number(1)
        more = (1 << (first >> 6)) - 1
        assert more < 7, "a length of that form means nothing"
        length = int.from_bytes(bytes([first & 0x3F]) + self.take(more))
        return self.take(length)

    def rest(self) -> bytes:
        """All that is left."""
        return self.take(len(self._data) - self._at)

    def since(self, start: int) -> bytes:
        """What was taken since then."""
        return self._data[start : self._at]


def vector(data: bytes) -> bytes:
    """The bytes behind their length."""
    size = len(data)
    if size < 1 << 6:
        return size.to_bytes(1) + data
    if size < 1 << 14:
        return (size | 1 << 14).to_bytes(2) + data
    return (size | 2 << 30).to_bytes(4) + data
