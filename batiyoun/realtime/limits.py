"""Token buckets: per connection, per user, per address."""

from __future__ import annotations

from collections.abc import Sequence

from batiyoun.realtime.settings import Allowance, Rate


class Bucket:
    """Tokens of one who is limited. Times are seconds of a monotonic clock."""

    __slots__ = ("_stamp", "_tokens")

    def __init__(self, rate: Rate, now: float) -> None:
        self._tokens = rate.burst
        self._stamp = now

    def take(self, rate: Rate, now: float, cost: float = 1.0) -> float:
        """Take `cost` tokens; 0.0 when they were there, else the seconds until they will be, and none is taken.

        A cost above the burst is answered as the burst: it waits for a full bucket and empties it.
        """
        tokens = min(rate.burst, self._tokens + (now - self._stamp) * rate.per_second)
        self._stamp = now
        cost = min(cost, rate.burst)
        if tokens >= cost:
            self._tokens = tokens - cost
            return 0.0
        self._tokens = tokens
        return (cost - tokens) / rate.per_second

    def give_back(self, rate: Rate, cost: float = 1.0) -> None:
        """Undo a `take`."""
        self._tokens = min(rate.burst, self._tokens + min(cost, rate.burst))

    def is_full(self, rate: Rate, now: float) -> bool:
        """Whether forgetting this bucket would change nothing."""
        return self._tokens + (now - self._stamp) * rate.per_second >= rate.burst


class Meter:
    """What one connection, user or address may still send: events, bytes and joins.

    Every event costs one of the first and some of the second, so both share a time stamp; joins are seldom and have a
    bucket of their own once there was one.
    """

    __slots__ = ("_allowance", "_bytes", "_events", "_joins", "_stamp")

    def __init__(self, allowance: Allowance, now: float) -> None:
        self._allowance = allowance
        self._events = allowance.events.burst
        self._bytes = allowance.bytes.burst
        self._joins: Bucket | None = None
        self._stamp = now

    def take(self, now: float, size: int, *, is_join: bool) -> float:
        """Take what an event of `size` bytes costs; 0.0 when it was there, else the seconds until it will be.

        All of it or none. An event larger than the burst of bytes waits for all of them and takes all of them.
        """
        events, volume = self._allowance.events, self._allowance.bytes
        passed = now - self._stamp
        self._stamp = now
        have = min(events.burst, self._events + passed * events.per_second)
        room = min(volume.burst, self._bytes + passed * volume.per_second)
        cost = min(volume.burst, size)
        if have >= 1.0 and room >= cost:
            wait = self._take_join(now) if is_join else 0.0
            if not wait:
                self._events = have - 1.0
                self._bytes = room - cost
                return 0.0
        else:
            wait = max((1.0 - have) / events.per_second, (cost - room) / volume.per_second)
            if is_join:
                wait = max(wait, self._join_wait(now))
        self._events = have
        self._bytes = room
        return wait

    def give_back(self, size: int, *, is_join: bool) -> None:
        """Undo a `take`."""
        volume = self._allowance.bytes
        self._events += 1.0
        self._bytes += min(size, volume.burst)
        if is_join and self._joins is not None:
            self._joins.give_back(self._allowance.joins)

    def is_full(self, now: float) -> bool:
        """Whether forgetting this meter would change nothing."""
        allowance, passed = self._allowance, now - self._stamp
        return (
            self._events + passed * allowance.events.per_second >= allowance.events.burst
            and self._bytes + passed * allowance.bytes.per_second >= allowance.bytes.burst
            and (self._joins is None or self._joins.is_full(allowance.joins, now))
        )

    def _take_join(self, now: float) -> float:
        if self._joins is None:
            self._joins = Bucket(self._allowance.joins, now)
        return self._joins.take(self._allowance.joins, now)

    def _join_wait(self, now: float) -> float:
        wait = self._take_join(now)
        if not wait and self._joins is not None:
            self._joins.give_back(self._allowance.joins)
        return wait


def take_all(meters: Sequence[Meter], now: float, size: int, *, is_join: bool) -> float:
    """Take an event's cost from every meter; 0.0 when each had it, else the seconds until all of them will have it.

    Nothing is taken from anybody then: who is refused by one limit does not use up the others.
    """
    for number, meter in enumerate(meters):
        wait = meter.take(now, size, is_join=is_join)
        if wait:
            for earlier in meters[:number]:
                earlier.give_back(size, is_join=is_join)
            for later in meters[number + 1 :]:
                other = later.take(now, size, is_join=is_join)
                if other:
                    wait = max(wait, other)
                else:
                    later.give_back(size, is_join=is_join)
            return wait
    return 0.0


class Account:
    """What is counted of one user or address: open sockets, new connections, and what all of them together send."""

    __slots__ = ("handshakes", "key", "meter", "sockets")

    def __init__(self, key: str, allowance: Allowance, handshakes: Rate, now: float) -> None:
        self.key = key
        self.sockets = 0
        self.meter = Meter(allowance, now)
        self.handshakes = Bucket(handshakes, now)


class Accounts:
    """Accounts by key, forgotten when they hold nothing: no open socket and full buckets."""

    __slots__ = ("_accounts", "_allowance", "_handshakes", "_sweep_at")

    #: accounts before the first sweep, which then happens at twice what was left
    SWEEP = 1024

    def __init__(self, allowance: Allowance, handshakes: Rate) -> None:
        self._allowance = allowance
        self._handshakes = handshakes
        self._accounts: dict[str, Account] = {}
        self._sweep_at = self.SWEEP

    def __len__(self) -> int:
        return len(self._accounts)

    def of(self, key: str, now: float) -> Account:
        """The account of that key."""
        account = self._accounts.get(key)
        if account is None:
            if len(self._accounts) >= self._sweep_at:
                self._sweep(now)
            account = self._accounts[key] = Account(key, self._allowance, self._handshakes, now)
        return account

    def _sweep(self, now: float) -> None:
        self._accounts = {
            key: account
            for key, account in self._accounts.items()
            if account.sockets
            or not account.meter.is_full(now)
            or not account.handshakes.is_full(self._handshakes, now)
        }
        self._sweep_at = max(self.SWEEP, 2 * len(self._accounts))
