"""How often something may happen. Pure: the time is an argument, nothing waits here.

`Limiter` is the generic cell rate algorithm (ITU-T I.371; the leaky bucket as one number per key). `Backoff` makes
repeated failures slower and slower. Why not a library: docs/decisions/0005-identity.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

#: beyond this many keys the stalest are forgotten, so that a flood of keys cannot fill the memory
MAX_KEYS = 100_000


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` at once, then one every `period` seconds. `name` is shown in the RateLimit headers."""

    name: str
    burst: int
    period: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """`remaining` more may happen now; the next is possible in `retry_after` seconds (0 when allowed)."""

    rate: Rate
    allowed: bool
    remaining: int
    retry_after: float

    def headers(self) -> dict[str, str]:
        """`RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10)."""
        rate = self.rate
        # the draft asks for whole seconds: `t` is when the quota has room again
        wait = -(-self.retry_after // 1) if not self.allowed else -(-rate.period // 1)
        return {
            "RateLimit-Policy": f'"{rate.name}";q={rate.burst};w={max(1, round(rate.burst * rate.period))}',
            "RateLimit": f'"{rate.name}";r={self.remaining};t={int(wait)}',
        }


class Limiter:
    """Counts by key against one `Rate`."""

    def __init__(self, rate: Rate, *, max_keys: int = MAX_KEYS) -> None:
        self.rate = rate
        self._max_keys = max_keys
        #: key → theoretical arrival time; in the past means a full quota
        self._due: dict[str, float] = {}
        #: told of every key that was counted
        self.counted: Callable[[str], None] | None = None

    def hit(self, key: str, now: float) -> Verdict:
        """Take one from the key's quota if there is one."""
        rate = self.rate
        due = max(self._due.get(key, now), now)
        wait = due - now - (rate.burst - 1) * rate.period
        if wait > 1e-9:
            return Verdict(rate, allowed=False, remaining=0, retry_after=wait)
        due += rate.period
        if key not in self._due and len(self._due) >= self._max_keys:
            self._forget(now)
        self._due[key] = due
        if self.counted is not None:
            self.counted(key)
        remaining = int((rate.burst * rate.period - (due - now)) / rate.period + 1e-9)
        return Verdict(rate, allowed=True, remaining=remaining, retry_after=0.0)

    def learn(self, key: str, ahead: float, now: float) -> None:
        """Somebody else counted the key, too: its quota is used up for `ahead` seconds from now, all in all."""
        if ahead > 0 and (key in self._due or len(self._due) < self._max_keys):
            self._due[key] = max(self._due.get(key, now), now + ahead)

    def __len__(self) -> int:
        return len(self._due)

    def _forget(self, now: float) -> None:
        """Drop the keys with a full quota, then, if that is not enough, the tenth nearest to it."""
        self._due = {key: due for key, due in self._due.items() if due > now}
        if len(self._due) >= self._max_keys:
            for key in sorted(self._due, key=self._due.__getitem__)[: max(1, self._max_keys // 10)]:
                del self._due[key]


@dataclass(slots=True)
class _Failures:
    count: int = 0
    last: float = 0.0


@dataclass(slots=True)
class Backoff:
    """After `free` failures in a row each further one doubles the wait, from `first` up to `longest` seconds.

    A success, or `longest` seconds without a failure after the wait is over, forgets them.
    """

    free: int
    first: float
    longest: float
    max_keys: int = MAX_KEYS
    #: told of every failure and success
    counted: Callable[[str, bool], None] | None = None
    _failures: dict[str, _Failures] = field(default_factory=dict)

    def wait(self, key: str, now: float, *, running: int = 0) -> float:
        """Seconds until the key may try again; 0 means now.

        `running`: tries of the key that have not come out yet. They count as failures of this moment, or whoever tries
        often enough at once would be through before the first failure is known.
        """
        failures = self._failures.get(key)
        count, last = (0, now) if failures is None or self._over(failures, now) else (failures.count, failures.last)
        if running:
            count, last = count + running, now
        return max(0.0, last + self._delay(count) - now)

    def failed(self, key: str, now: float) -> None:
        """Count a failure."""
        failures = self._failures.get(key)
        if failures is None:
            if len(self._failures) >= self.max_keys:
                self._forget(now)
            failures = self._failures[key] = _Failures()
        elif self._over(failures, now):
            failures.count = 0
        failures.count += 1
        failures.last = now
        if self.counted is not None:
            self.counted(key, False)

    def learn(self, key: str, count: int) -> None:
        """Somebody else counted the key, too: so many failures, all in all."""
        failures = self._failures.get(key)
        if failures is not None:
            failures.count = max(failures.count, count)

    def succeeded(self, key: str) -> None:
        """Forget the key's failures."""
        self._failures.pop(key, None)
        if self.counted is not None:
            self.counted(key, True)

    def _delay(self, count: int) -> float:
        over = count - self.free
        return 0.0 if over < 0 else min(self.longest, self.first * 2.0 ** min(over, 60))

    def _over(self, failures: _Failures, now: float) -> bool:
        return now - failures.last > self._delay(failures.count) + self.longest

    def _forget(self, now: float) -> None:
        self._failures = {key: value for key, value in self._failures.items() if not self._over(value, now)}
        if len(self._failures) >= self.max_keys:
            for key in sorted(self._failures, key=lambda key: self._failures[key].last)[: max(1, self.max_keys // 10)]:
                del self._failures[key]
