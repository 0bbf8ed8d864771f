"""Token buckets: per socket, per user, per address."""

from __future__ import annotations

from batiyoun.realtime.settings import Rate


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

    def is_full(self, rate: Rate, now: float) -> bool:
        """Whether forgetting this bucket would change nothing."""
        return self._tokens + (now - self._stamp) * rate.per_second >= rate.burst


class Account:
    """What is counted of one user or address: open sockets and events."""

    __slots__ = ("events", "handshakes", "key", "sockets")

    def __init__(self, key: str, events: Rate, handshakes: Rate, now: float) -> None:
        self.key = key
        self.sockets = 0
        self.events = Bucket(events, now)
        self.handshakes = Bucket(handshakes, now)


class Accounts:
    """Accounts by key, forgotten when they hold nothing: no open socket and full buckets."""

    __slots__ = ("_accounts", "_events", "_handshakes", "_sweep_at")

    #: accounts before the first sweep, which then happens at twice what was left
    SWEEP = 1024

    def __init__(self, events: Rate, handshakes: Rate) -> None:
        self._events = events
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
            account = self._accounts[key] = Account(key, self._events, self._handshakes, now)
        return account

    def _sweep(self, now: float) -> None:
        self._accounts = {
            key: account
            for key, account in self._accounts.items()
            if account.sockets
            or not account.events.is_full(self._events, now)
            or not account.handshakes.is_full(self._handshakes, now)
        }
        self._sweep_at = max(self.SWEEP, 2 * len(self._accounts))
