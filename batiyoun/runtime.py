"""Clock, ids and randomness as arguments, so that tests decide them."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import uuid_utils


def uuid7() -> str:
    """A UUIDv7 (RFC 9562 §5.7) as a string: unique without coordination, ordered by time in a B-tree."""
    return str(uuid_utils.uuid7())


@dataclass(frozen=True, slots=True)
class Runtime:
    """What the world decides.

    `now` is wall time in seconds since the epoch, `monotonic` seconds for durations, `new_id` a UUIDv7,
    `random_bytes(n)` n unpredictable bytes.
    """

    now: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    new_id: Callable[[], str] = uuid7
    random_bytes: Callable[[int], bytes] = secrets.token_bytes

    def utcnow(self) -> datetime:
        """Wall time in UTC, cut to the millisecond: what is stored is what is shown."""
        return from_millis(int(self.now() * 1000))


def from_millis(millis: int) -> datetime:
    """The UTC time of `millis` milliseconds since the epoch."""
    return datetime.fromtimestamp(millis / 1000, UTC)


def to_millis(moment: datetime) -> int:
    """Milliseconds since the epoch."""
    return round(moment.timestamp() * 1000)
