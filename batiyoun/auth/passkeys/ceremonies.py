"""Requests to make or use a passkey: each is answered once, in the browser that got it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from batiyoun.auth.model import OneTimeToken, TokenPurpose
from batiyoun.auth.passkeys.model import CEREMONY_LIFETIME
from batiyoun.auth.secrets import SECRET_LENGTH, new_secret
from batiyoun.auth.store import TokenStore
from batiyoun.errors import InvalidPasskey
from batiyoun.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Begun:
    """A fresh challenge, and the secret for the cookie of the browser that may answer it."""

    challenge: bytes
    browser: str


class Ceremonies:
    """Makes challenges and takes them back.

    WebAuthn §13.4.3: a challenge is used once, and answered in the session that asked for it. One cookie serves all
    tabs of a browser, so that a sign-in page which waits for a passkey does not void the one beside it.
    """

    def __init__(self, store: TokenStore, runtime: Runtime) -> None:
        self._store = store
        self._runtime = runtime

    async def begin(self, purpose: TokenPurpose, whose: str, browser: str | None, about: str = "") -> Begun:
        """A challenge for `whose` request (a session's id; empty for nobody's); `about` comes back with the answer.

        `browser` is the secret in this browser's cookie until now. Raises `Unavailable`.
        """
        challenge, now = self._runtime.random_bytes(32), self._runtime.utcnow()
        if browser is None or len(browser) != SECRET_LENGTH:
            browser = new_secret(self._runtime)
        # the store keeps one token for each subject: the nonce leaves room for several
        subject = " ".join((_binding(browser, whose), self._runtime.random_bytes(6).hex(), about))
        token = OneTimeToken(hashlib.sha256(challenge).digest(), purpose, subject, now + CEREMONY_LIFETIME)
        await self._store.put(token, now)
        return Begun(challenge, browser)

    async def finish(self, purpose: TokenPurpose, whose: str, browser: str | None, challenge: bytes) -> str:
        """Use up the challenge; returns what it was `about`. Raises `InvalidPasskey`, `Unavailable`."""
        token = await self._store.consume(hashlib.sha256(challenge).digest(), purpose, self._runtime.utcnow())
        if token is None or browser is None or len(browser) != SECRET_LENGTH:
            raise InvalidPasskey
        binding, _, about = token.subject.split(" ")
        if binding != _binding(browser, whose):
            raise InvalidPasskey
        return about


def _binding(browser: str, whose: str) -> str:
    return hashlib.sha256(f"{browser} {whose}".encode()).hexdigest()[:32]
