"""How often somebody may try to sign in or up.

Attempts are counted per address; wrong passwords per account *and* address, each making the next wait longer; and per
account over all addresses, where they only slow the answer down: nobody can lock somebody else out (security check 2).

The account is what was typed, a username or a mail address, and not whoever it belongs to. If wrong passwords for a
name made the mail address wait, too, anybody could try out whose address is whose, which nothing else here tells
(security check 1). Who knows both may guess twice as often for it: eight times an hour.
"""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from batiyoun.errors import RateLimited
from batiyoun.limiting import Backoff, Limiter, Rate, Verdict
from batiyoun.runtime import Runtime
from batiyoun.shared_limits import SharedLimits
from batiyoun.users.model import fold

LOGIN = Rate("login", burst=20, period=6)
SIGNUP = Rate("signup", burst=20, period=30)
NAME_CHECK = Rate("check-username", burst=60, period=0.5)
REQUEST_CODE = Rate("request-otp", burst=20, period=30)
VERIFY_CODE = Rate("verify-otp", burst=20, period=6)
SECOND_FACTOR = Rate("second-factor", burst=20, period=6)
#: a sign-in page asks when it opens
PASSKEY_OPTIONS = Rate("passkey-options", burst=60, period=1)
#: by person
STEP_UP = Rate("step-up", burst=20, period=6)
REQUEST_RESET = Rate("request-reset", burst=20, period=30)
RESET = Rate("reset-password", burst=20, period=6)
CHECK_PASSWORD = Rate("check-password", burst=60, period=0.5)
#: letters to one mailbox, whoever asks for them
MAILBOX = Rate("mailbox", burst=10, period=360)

SLOW_FROM = Rate("account", burst=50, period=36)
SLOWEST = 4.0


class Throttle:
    """Limits of the sign-in edge. With `enabled=False` all is allowed; with `shared` all nodes count together."""

    def __init__(
        self,
        runtime: Runtime,
        *,
        enabled: bool = True,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        shared: SharedLimits | None = None,
    ) -> None:
        self._runtime = runtime
        self._enabled = enabled
        self._sleep = sleep
        self._limiters: dict[Rate, Limiter] = {}
        self._wrong = Backoff(free=5, first=2, longest=900)
        #: codes of an authenticator app: at most four in an hour once twenty were wrong, so guessing takes decades
        self._guessed = Backoff(free=20, first=15, longest=900)
        self._slow = Limiter(SLOW_FROM)
        self._slower = Backoff(free=1, first=0.25, longest=SLOWEST)
        self._mailed = Backoff(free=1, first=30, longest=900)
        #: tries that have not come out yet, by key
        self._running: Counter[str] = Counter()
        self._shared = shared
        if shared is not None:
            shared.share(self._slow)
            for name, backoff in (
                ("wrong", self._wrong), ("slower", self._slower), ("guessed", self._guessed), ("mailed", self._mailed),
            ):  # fmt: skip
                shared.share_failures(name, backoff)

    def check(self, rate: Rate, key: str) -> Verdict | None:
        """Count one request by that key; None when limits are off."""
        if not self._enabled:
            return None
        limiter = self._limiters.get(rate)
        if limiter is None:
            limiter = self._limiters[rate] = Limiter(rate)
            if self._shared is not None:
                self._shared.share(limiter)
        return limiter.hit(key, self._runtime.monotonic())

    @contextmanager
    def attempt(self, identifier: str, address: str) -> Iterator[None]:
        """Around the try of a password of this account from this address. Raises `RateLimited` instead of beginning.

        Whoever tries many at once is stopped as if they came one after the other.
        """
        if not self._enabled:
            yield
            return
        pair = _pair(identifier, address)
        wait = self._wrong.wait(pair, self._runtime.monotonic(), running=self._running[pair])
        if wait > 0:
            raise RateLimited("That was the wrong password too often. Wait a moment and try again.", retry_after=wait)
        with self._trying(pair):
            yield

    async def slow_down(self, identifier: str) -> None:
        """Wait a little when the account is under attack from many addresses."""
        if not self._enabled:
            return
        key = _account(identifier)
        wait = min(self._slower.wait(key, self._runtime.monotonic()), SLOWEST)
        if wait > 0:
            await self._sleep(wait)

    def failed(self, identifier: str, address: str) -> None:
        """Count a wrong password."""
        now = self._runtime.monotonic()
        self._wrong.failed(_pair(identifier, address), now)
        if not self._slow.hit(_account(identifier), now).allowed:
            self._slower.failed(_account(identifier), now)

    def succeeded(self, identifier: str, address: str) -> None:
        """Forget the wrong passwords of this account from this address."""
        self._wrong.succeeded(_pair(identifier, address))

    @contextmanager
    def code_attempt(self, user_id: str, address: str, *, guessable: bool = True) -> Iterator[None]:
        """Around the try of a second factor of this account from this address.

        Codes that are `guessable` are also counted over all addresses: only somebody who has the first factor gets
        here, and could try from a thousand addresses, all at once. Raises `RateLimited` instead of beginning.
        """
        if not self._enabled:
            yield
            return
        now = self._runtime.monotonic()
        keys = [_pair(_second(user_id), address)]
        wait = self._wrong.wait(keys[0], now, running=self._running[keys[0]])
        if guessable:
            keys.append(_account(_second(user_id)))
            wait = max(wait, self._guessed.wait(keys[1], now, running=self._running[keys[1]]))
        if wait > 0:
            raise RateLimited(
                "Too many codes were wrong. Wait a moment, or use a recovery code or a passkey.", retry_after=wait
            )
        with self._trying(*keys):
            yield

    def code_failed(self, user_id: str, address: str) -> None:
        """Count a wrong code."""
        now = self._runtime.monotonic()
        self._wrong.failed(_pair(_second(user_id), address), now)
        self._guessed.failed(_account(_second(user_id)), now)

    def code_succeeded(self, user_id: str, address: str) -> None:
        """Forget the wrong codes of this account."""
        self._wrong.succeeded(_pair(_second(user_id), address))
        self._guessed.succeeded(_account(_second(user_id)))

    def check_mail(self, email: str, address: str) -> float:
        """Count a letter that this address asks to be sent to a mailbox; returns the seconds until the next one may.

        Each makes the next wait longer, so that nobody's mailbox is filled by somebody who types their address. It is
        the same for mailboxes with and without an account. Raises `RateLimited`.
        """
        if not self._enabled:
            return 0.0
        now = self._runtime.monotonic()
        pair = _pair(email, address)
        wait = self._mailed.wait(pair, now)
        if wait <= 0:
            verdict = self.check(MAILBOX, _account(email))
            wait = 0.0 if verdict is None else verdict.retry_after
        if wait > 0:
            raise RateLimited("A letter is on its way. Wait a moment before you ask for another.", retry_after=wait)
        self._mailed.failed(pair, now)
        return self._mailed.wait(pair, now)

    @contextmanager
    def _trying(self, *keys: str) -> Iterator[None]:
        self._running.update(keys)
        try:
            yield
        finally:
            self._running.subtract(keys)
            for key in keys:
                if not self._running[key]:
                    del self._running[key]


def network_of(address: str) -> str:
    """What counts as one caller: an IPv4 address, or the /64 that one IPv6 customer has for themselves."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    mapped = parsed.ipv4_mapped
    return str(mapped) if mapped else str(ipaddress.ip_network((parsed, 64), strict=False))


def _account(identifier: str) -> str:
    # hashed: an identifier may be long, and what people type here need not stay in memory
    return hashlib.blake2b(fold(identifier).encode("utf-8", "replace"), digest_size=16).hexdigest()


def _second(user_id: str) -> str:
    return f"second factor {user_id}"


def _pair(identifier: str, address: str) -> str:
    return f"{_account(identifier)} {network_of(address)}"
