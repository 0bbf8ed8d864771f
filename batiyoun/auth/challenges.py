"""Six digits sent somewhere, and accepted once, from the browser that asked for them (security checks 3 and 4)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from batiyoun.auth.model import CODE_DIGITS, CODE_LIFETIME, MAX_TRIES, Challenge, ChallengePurpose
from batiyoun.auth.secrets import SECRET_LENGTH, hash_token, new_secret
from batiyoun.auth.store import CodeStore
from batiyoun.errors import InvalidCode
from batiyoun.runtime import Runtime
from batiyoun.users.model import fold


@dataclass(frozen=True, slots=True)
class Issued:
    """A new code, and the secret for the cookie of the browser that may use it."""

    secret: str
    code: str
    expires_at: datetime


def new_code_key(runtime: Runtime) -> bytes:
    """A fresh key for the hashes of codes."""
    return runtime.random_bytes(32)


def new_code(runtime: Runtime) -> str:
    """Six digits, every number as likely as any other."""
    # 64 bits are so many more than the digits need that the remainder favours none
    return f"{int.from_bytes(runtime.random_bytes(8)) % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


class Challenges:
    """Makes and accepts codes.

    A code belongs to the browser that asked for it (by a cookie): nobody else can use it up or void it. Six digits
    could be tried out if they were stolen, so they are kept as a hash with a key that is not in the database.
    """

    def __init__(self, store: CodeStore, key: bytes, runtime: Runtime) -> None:
        self._store = store
        self._key = key
        self._runtime = runtime

    async def issue(
        self,
        purpose: ChallengePurpose,
        email: str,
        *,
        works: bool = True,
        bound_to: str = "",
        before: str | None = None,
    ) -> Issued:
        """A code for that mailbox, durable on return.

        `works`: with False it takes as long, and no code is right. `bound_to`: whose it is, if they are signed in.
        `before`: the secret of this browser's code until now, which is void. Raises `Unavailable`.
        """
        secret, code = new_secret(self._runtime), new_code(self._runtime)
        now = self._runtime.utcnow()
        request_hash = hash_token(secret)
        challenge = Challenge(
            request_hash=request_hash,
            purpose=purpose,
            email=email,
            code_hash=self._hash(request_hash, code if works else "", bound_to),
            expires_at=now + CODE_LIFETIME,
        )
        await self._store.put(challenge, replaces=hash_token(before) if before else None, now=now)
        return Issued(secret, code, challenge.expires_at)

    async def accept(
        self, secret: str | None, purposes: Collection[ChallengePurpose], email: str, code: str, *, bound_to: str = ""
    ) -> Challenge:
        """The challenge that this code meets; it is used up.

        Raises `InvalidCode`, the same for everything that can be wrong, and `Unavailable`.
        """
        if secret is None or len(secret) != SECRET_LENGTH:
            raise InvalidCode
        request_hash = hash_token(secret)
        challenge = await self._store.attempt(request_hash, self._runtime.utcnow(), MAX_TRIES)
        if challenge is None or not hmac.compare_digest(self._hash(request_hash, code, bound_to), challenge.code_hash):
            raise InvalidCode
        if challenge.purpose not in purposes or fold(email) != fold(challenge.email):
            raise InvalidCode
        if not await self._store.consume(request_hash):
            raise InvalidCode
        return challenge

    def _hash(self, request_hash: bytes, code: str, bound_to: str) -> bytes:
        return hmac.new(self._key, request_hash + code.encode() + bound_to.encode(), hashlib.sha256).digest()
