"""One write per connection and loop tick.

Whatever is sent within a tick gathers in the connection's out-list; the first item marks the connection dirty, and
one callback at the end of the tick writes everything: most system calls disappear under load, nothing waits when idle.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

logger = logging.getLogger(__name__)


class Flushable(Protocol):
    """A connection with something to write."""

    def flush(self) -> None:
        """Write what has gathered."""
        ...

    def abort(self, reason: str) -> None:
        """Writing failed: give the connection up."""
        ...


class Pulse:
    """The end of the tick, shared by all connections of an engine."""

    __slots__ = ("_after", "_loop", "_scheduled", "dirty")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._scheduled = False
        self._after: list[Callable[[], None]] = []
        #: connections to flush; whoever appends calls `schedule` in the same tick
        self.dirty: list[Flushable] = []

    def mark(self, connection: Flushable) -> None:
        """Flush the connection at the end of this tick."""
        self.dirty.append(connection)
        if not self._scheduled:
            self.schedule()

    def schedule(self) -> None:
        """Make sure the end of this tick is noticed."""
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._beat)

    def after(self, callback: Callable[[], None]) -> None:
        """Call back once everything sent before has been handed to its transport."""
        self._after.append(callback)
        self.schedule()

    def _beat(self) -> None:
        # Swapped first: what fails or sends more inside a flush must not wedge later ticks.
        dirty, self.dirty = self.dirty, []
        after, self._after = self._after, []
        self._scheduled = False
        for connection in dirty:
            try:
                connection.flush()
            except Exception:
                logger.exception("Writing to a connection failed; it is dropped")
                connection.abort("transport error")
        for callback in after:
            try:
                callback()
            except Exception:
                logger.exception("A callback after flushing failed")
