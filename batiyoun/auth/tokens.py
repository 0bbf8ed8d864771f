"""Short-lived access tokens: JWT signed with Ed25519 (RFC 8037), checked as RFC 8725 asks.

The token names its session; whoever accepts it also asks whether that session lives, so revoking works at once.
"""

from __future__ import annotations

import jwt
from cachetools import LRUCache

from batiyoun.auth.keyring import KeyRing
from batiyoun.auth.model import TOKEN_LIFETIME, AccessToken
from batiyoun.errors import InvalidToken
from batiyoun.runtime import Runtime, from_millis

#: the only algorithm that is accepted, whatever a token's header says (RFC 8725 §3.1)
ALGORITHM = "EdDSA"
#: RFC 9068 §2.1: nothing else that is signed with these keys can be taken for an access token
TYPE = "at+jwt"
AUDIENCE = "batiyoun"
#: a real one has about 400 characters
MAX_TOKEN = 2048
MAX_CHECKED = 10_000


class TokenSigner:
    """Mints and checks access tokens with the keys of a ring."""

    def __init__(self, ring: KeyRing, *, issuer: str, runtime: Runtime) -> None:
        self._ring = ring
        self._issuer = issuer
        #: tokens whose signature was found good: a reconnecting client shows the same one again
        self._checked: LRUCache[str, tuple[str, str, float]] = LRUCache(MAX_CHECKED)
        self._generation = ring.generation
        self._runtime = runtime

    def mint(self, user_id: str, session_id: str) -> AccessToken:
        """A token for the session, good for five minutes."""
        issued = int(self._runtime.now())
        expires = issued + int(TOKEN_LIFETIME.total_seconds())
        claims = {
            "iss": self._issuer, "aud": AUDIENCE, "sub": user_id, "sid": session_id, "iat": issued, "exp": expires,
        }  # fmt: skip
        key = self._ring.signing()
        token = jwt.encode(claims, key.private, ALGORITHM, {"typ": TYPE, "kid": key.id})
        return AccessToken(token, from_millis(expires * 1000))

    def check(self, token: str) -> tuple[str, str, float]:
        """(user id, session id, end in seconds since the epoch) of a good token. Raises `InvalidToken`.

        The header chooses one of our own keys and nothing else; `alg`, `jku`, `jwk` and `x5u` are not looked at.
        """
        if len(token) > MAX_TOKEN:
            raise InvalidToken
        if self._generation != self._ring.generation:  # a key may have been taken away
            self._generation = self._ring.generation
            self._checked.clear()
        claims = self._checked.get(token)
        if claims is None:
            claims = self._checked[token] = self._verify(token)
        if claims[2] <= self._runtime.now():
            raise InvalidToken
        return claims

    def _verify(self, token: str) -> tuple[str, str, float]:
        try:
            key = self._ring.find(jwt.get_unverified_header(token).get("kid"))
            if key is None:
                raise InvalidToken
            decoded = jwt.decode_complete(
                token,
                key.public,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=self._issuer,
                # the end is checked at every use, against our clock
                options={
                    "require": ["iss", "aud", "sub", "sid", "iat", "exp"],
                    "verify_exp": False,
                    "verify_iat": False,
                },
            )
        except (jwt.PyJWTError, ValueError, RecursionError) as exc:
            raise InvalidToken from exc
        header, claims = decoded["header"], decoded["payload"]
        user_id, session_id, expires = claims["sub"], claims["sid"], claims["exp"]
        if header.get("typ") != TYPE:
            raise InvalidToken
        if not (isinstance(user_id, str) and isinstance(session_id, str) and type(expires) is int):
            raise InvalidToken
        return user_id, session_id, float(expires)
