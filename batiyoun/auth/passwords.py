"""Hashing passwords: bcrypt over a SHA-256 pre-hash, never on the event loop.

bcrypt looks at 72 bytes only, so the password is hashed to 44 characters first: two passphrases that differ at byte 73
do not match, and no NUL can cut one (security check 5).
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
import os
import sys
import threading
import time
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

import bcrypt

from batiyoun.errors import Busy

log = logging.getLogger(__name__)

#: seconds between two lines in the log about too many sign-ins
SAY_EVERY = 60.0

Result = TypeVar("Result")


class PasswordHasher:
    """Hashes and checks in a few low-priority threads, with a bounded queue."""

    def __init__(self, cost: int, *, threads: int | None = None, max_waiting: int = 64) -> None:
        """`cost` is bcrypt's (log2 of the rounds); `threads` defaults to all processors but one, left to the loop."""
        self.cost = cost
        self._max_waiting = max_waiting
        self._waiting = 0
        self._said_at = float("-inf")
        self._pool = ThreadPoolExecutor(
            threads or max(1, (os.cpu_count() or 2) - 1), thread_name_prefix="password", initializer=_yield_to_others
        )
        # checked against when there is no account, so that both answers take the same time (security check 1)
        self._nobody = _hash("nobody", cost)

    async def hash(self, password: str) -> str:
        """The hash to keep. Raises `Busy` when too many are waiting."""
        return await self._run(_hash, password, self.cost)

    async def verify(self, password: str, password_hash: str | None) -> bool:
        """Whether the password is right; without a hash it takes as long and is not. Raises `Busy`.

        A wrong password takes as long as one of today's cost, too, while hashes of a lower one are left: nobody learns
        from the time which accounts were there before the cost was raised.
        """
        matches = await self._run(_verify, password, password_hash or self._nobody, self.cost)
        return matches and password_hash is not None

    def outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with another cost: after a good login it is made anew."""
        return not password_hash.startswith(f"$2b${self.cost:02d}$")

    def close(self) -> None:
        """Stop the threads; what is running finishes."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def check_room(self) -> None:
        """Whether another password could be hashed now. Raises `Busy`.

        Ask before anything else is looked up: whoever is turned away in a flood must cost next to nothing.
        """
        if self._waiting < self._max_waiting:
            return
        now = time.monotonic()
        if now - self._said_at >= SAY_EVERY:
            self._said_at = now
            log.warning("%d passwords wait to be checked: more people who sign in are told to come back", self._waiting)
        raise Busy("Too many people are signing in right now. Try again in a moment.", retry_after=2)

    async def _run(self, function: Callable[..., Result], *arguments: object) -> Result:
        self.check_room()
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, function, *arguments)
        finally:
            self._waiting -= 1


def _prehash(password: str) -> bytes:
    # RFC 8265 §4.2.2: the same characters, composed or not, are the same password
    password = unicodedata.normalize("NFC", password)
    return base64.b64encode(hashlib.sha256(password.encode()).digest())


def _hash(password: str, cost: int) -> str:
    return bcrypt.hashpw(_prehash(password), bcrypt.gensalt(cost)).decode()


def _verify(password: str, password_hash: str, cost: int) -> bool:
    prehash = _prehash(password)
    if bcrypt.checkpw(prehash, password_hash.encode()):
        return True
    # each cost is twice the work of the one below: n + n + 2n + … is the work of `cost`
    for lower in range(_cost_of(password_hash), cost):
        bcrypt.hashpw(prehash, bcrypt.gensalt(lower))
    return False


def _cost_of(password_hash: str) -> int:
    """`$2b$12$…` → 12."""
    return int(password_hash.split("$", 3)[2])


def _yield_to_others() -> None:
    """Lower this thread's priority: a flood of logins may slow logins, not messages (security check 7)."""
    if sys.platform == "linux":  # priorities are per thread only there (setpriority(2), "NOTES")
        with suppress(OSError):  # a sandbox may forbid it; hashing works all the same
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
