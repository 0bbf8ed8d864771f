"""A dict that forgets, for tens of thousands of entries made in one storm of handshakes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class ShortMemory(Generic[K, V]):
    """An entry stays for at least `least` seconds and at most twice as long; `now` is the clock.

    Entries are kept in two generations: new ones go to the young one, and every `least` seconds the old one is dropped
    whole. So an entry costs its place in a dict and nothing more (a list of times beside it took four times the memory
    and the time, per connection). Of more than `limit` entries the older ones may be forgotten early.
    """

    __slots__ = ("_least", "_limit", "_now", "_old", "_turn", "_young")

    def __init__(self, limit: int, least: float, now: Callable[[], float]) -> None:
        self._limit = limit
        self._least = least
        self._now = now
        self._young: dict[K, V] = {}
        self._old: dict[K, V] = {}
        self._turn = now() + least

    def get(self, key: K) -> V | None:
        """What is remembered, or None."""
        self._forget()
        value = self._young.get(key)
        return self._old.get(key) if value is None else value

    def __contains__(self, key: object) -> bool:
        self._forget()
        return key in self._young or key in self._old

    def __setitem__(self, key: K, value: V) -> None:
        self._forget()
        if len(self._young) * 2 >= self._limit:
            self._rotate()
        self._young[key] = value
        self._old.pop(key, None)

    def pop(self, key: K, default: V | None = None) -> V | None:
        """Forget the key; returns what was remembered, or `default`."""
        self._forget()
        old = self._old.pop(key, default)
        return self._young.pop(key, old)

    def keys(self) -> set[K]:
        """The keys that are remembered."""
        self._forget()
        return {*self._old, *self._young}

    def items(self) -> Iterator[tuple[K, V]]:
        """Keys and values, as of now."""
        self._forget()
        return iter([*self._old.items(), *self._young.items()])

    def __len__(self) -> int:
        self._forget()
        return len(self._old) + len(self._young)

    def _forget(self) -> None:
        now = self._now()
        late = now - self._turn
        if late >= self._least:
            self._old, self._young, self._turn = {}, {}, now + self._least
        elif late >= 0:
            # from when it was due, not from now: however late somebody looks, nothing stays for longer
            self._old, self._young, self._turn = self._young, {}, self._turn + self._least

    def _rotate(self) -> None:
        self._old, self._young, self._turn = self._young, {}, self._now() + self._least
