"""One timing wheel instead of a timer per connection: 20,000 heartbeats cost one wake-up per tick."""

from __future__ import annotations

import asyncio
import logging

logger = logging.getLogger(__name__)


class Timer:
    """Something that is due once. Subclasses say what happens in `fire`; starting again replaces the old time."""

    __slots__ = ("_slot",)

    def __init__(self) -> None:
        self._slot = 0

    def fire(self) -> None:
        """The time has come."""
        raise NotImplementedError


class Wheel:
    """Timers in buckets of `tick_ms`; each fires at its time or up to one tick later, never before.

    Nothing runs while no timer is started. An exception of one timer is logged and harms no other.
    """

    __slots__ = ("_buckets", "_handle", "_loop", "_next", "_origin", "_tick")

    def __init__(self, loop: asyncio.AbstractEventLoop, tick_ms: int) -> None:
        self._loop = loop
        self._tick = tick_ms / 1000
        self._origin = loop.time()
        self._buckets: dict[int, set[Timer]] = {}
        self._handle: asyncio.TimerHandle | None = None
        self._next = 0

    def start(self, timer: Timer, delay_ms: float) -> None:
        """Have the timer fire once in `delay_ms` milliseconds, instead of whenever it was to."""
        if timer._slot:
            self.cancel(timer)
        slot = int((self._loop.time() - self._origin + delay_ms / 1000) / self._tick) + 1
        timer._slot = slot
        bucket = self._buckets.get(slot)
        if bucket is None:
            self._buckets[slot] = {timer}
            if self._handle is None or slot < self._next:
                self._arm(slot)
        else:
            bucket.add(timer)

    def cancel(self, timer: Timer) -> None:
        """The timer will not fire. Harmless when it was not started."""
        bucket = self._buckets.get(timer._slot)
        if bucket is not None:
            bucket.discard(timer)
            if not bucket:
                del self._buckets[timer._slot]
        timer._slot = 0

    def close(self) -> None:
        """Nothing fires any more."""
        if self._handle is not None:
            self._handle.cancel()
        self._handle = None
        self._buckets.clear()

    def _arm(self, slot: int) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._next = slot
        self._handle = self._loop.call_at(self._origin + slot * self._tick, self._turn)

    def _turn(self) -> None:
        self._handle = None
        now = int((self._loop.time() - self._origin) / self._tick + 1e-6)
        now = max(now, self._next)
        for slot in sorted(slot for slot in self._buckets if slot <= now):
            for timer in self._buckets.pop(slot, ()):
                if timer._slot != slot:  # cancelled or started anew by one that fired before it
                    continue
                timer._slot = 0
                try:
                    timer.fire()
                except Exception:
                    logger.exception("A timer failed")
        if self._buckets and self._handle is None:
            self._arm(min(self._buckets))
