"""A circuit breaker: while a dependency is down, nobody waits for it, and it is not stormed when it comes back."""

from __future__ import annotations

import logging
from collections.abc import Callable

from batiyoun.errors import Unavailable

logger = logging.getLogger(__name__)


class Breaker:
    """Opens after `after` failures in a row, then lets one attempt through every `rest` seconds until one succeeds.

    The caller says how an attempt ended. `now` is a monotonic clock in seconds.
    """

    def __init__(self, name: str, now: Callable[[], float], *, after: int = 3, rest: float = 1.0) -> None:
        self._name = name
        self._now = now
        self._after = after
        self._rest = rest
        self._failures = 0
        self._until = 0.0

    @property
    def is_open(self) -> bool:
        """The dependency counts as down."""
        return self._failures >= self._after

    def check(self) -> None:
        """Ask before an attempt. Raises `Unavailable` while the circuit is open and no attempt is due."""
        if not self.is_open:
            return
        now = self._now()
        if now < self._until:
            raise Unavailable(retry_after=max(0.1, round(self._until - now, 1)))
        # Only this one tries; the others wait for what becomes of it.
        self._until = now + self._rest

    def succeeded(self) -> None:
        """An attempt was answered."""
        if self.is_open:
            logger.warning("%s answers again", self._name)
        self._failures = 0

    def failed(self) -> None:
        """An attempt was not answered, or not in time."""
        self._failures += 1
        self._until = self._now() + self._rest
        if self._failures == self._after:
            logger.error("%s does not answer; it is left alone and tried once in %.1f s", self._name, self._rest)
