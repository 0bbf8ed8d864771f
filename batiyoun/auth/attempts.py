"""Requests that a browser takes elsewhere (to an authenticator, to another provider) and that come back answered.

Each is answered once, within ten minutes, in the browser that began it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from batiyoun.auth.model import ATTEMPT_LIFETIME, OneTimeToken, TokenPurpose
from batiyoun.auth.secrets import SECRET_LENGTH, new_secret
from batiyoun.auth.store import TokenStore
from batiyoun.runtime import Runtime

CHALLENGE_BYTES = 32


@dataclass(frozen=True, slots=True)
class Begun:
    """A fresh challenge, and the secret for the cookie of the browser that may answer it."""

    challenge: bytes
    browser: str


class Attempts:
    """Makes challenges and takes them back.

    WebAuthn §13.4.3 and RFC 9700 §2.1.2: a challenge is used once, and answered in the browser that got it. One cookie
    serves all tabs, so that a sign-in page which waits for a passkey does not void the one beside it.
    """

    def __init__(self, store: TokenStore, runtime: Runtime) -> None:
        self._store = store
        self._runtime = runtime

    async def begin(self, purpose: TokenPurpose, whose: str, browser: str | None, about: str = "") -> Begun:
        """A challenge for `whose` request (a session's id; empty for nobody's).

        `about` (without spaces, at most 180 characters) comes back with the answer. `browser` is the secret in this
        browser's cookie until now. Raises `Unavailable`.
        """
        challenge, now = self._runtime.random_bytes(CHALLENGE_BYTES), self._runtime.utcnow()
        if browser is None or len(browser) != SECRET_LENGTH:
            browser = new_secret(self._runtime)
        # the store keeps one token for each subject: the nonce leaves room for several
        subject = " ".join((_binding(browser, whose), self._runtime.random_bytes(6).hex(), about))
        token = OneTimeToken(hashlib.sha256(challenge).digest(), purpose, subject, now + ATTEMPT_LIFETIME)
        await self._store.put(token, now)
        return Begun(challenge, browser)

    async def finish(self, purpose: TokenPurpose, whose: str, browser: str | None, challenge: bytes) -> str | None:
        """Use up the challenge; returns what it was `about`, or None when it is not good here. Raises `Unavailable`."""
        token = await self._store.consume(hashlib.sha256(challenge).digest(), purpose, self._runtime.utcnow())
        if token is None or browser is None or len(browser) != SECRET_LENGTH:
            return None
        binding, _, about = token.subject.split(" ")
        return about if binding == _binding(browser, whose) else None


def _binding(browser: str, whose: str) -> str:
    return hashlib.sha256(f"{browser} {whose}".encode("utf-8", "replace")).hexdigest()[:32]
