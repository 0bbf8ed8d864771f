"""Short-lived access tokens: JWT signed with Ed25519 (RFC 8037), checked as RFC 8725 asks.

The token names its session; whoever accepts it also asks whether that session lives, so revoking works at once.
"""

from __future__ import annotations

import base64
import hashlib

import jwt
from cachetools import LRUCache
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from batiyoun.auth.model import TOKEN_LIFETIME, AccessToken
from batiyoun.errors import InvalidToken
from batiyoun.runtime import Runtime, from_millis

#: the only algorithm that is accepted, whatever a token's header says (RFC 8725 §3.1)
ALGORITHM = "EdDSA"
#: RFC 9068 §2.1: nothing else that is signed with this key can be taken for an access token
TYPE = "at+jwt"
AUDIENCE = "batiyoun"
#: a real one has about 400 characters
MAX_TOKEN = 2048
MAX_CHECKED = 10_000


def new_signing_key() -> bytes:
    """A fresh private key in PEM form (PKCS #8)."""
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


class TokenSigner:
    """Mints and checks access tokens with one key."""

    def __init__(self, key_pem: bytes, *, issuer: str, runtime: Runtime) -> None:
        """Raises `ValueError` when the PEM holds no Ed25519 private key."""
        key = load_pem_private_key(key_pem, password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError("the signing key is not an Ed25519 key")  # noqa: TRY004 the file's content is wrong
        self._private, self._public = key, key.public_key()
        raw = self._public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        #: names the key, so that a later one can take over while tokens of this one are still good
        self.key_id = base64.urlsafe_b64encode(hashlib.sha256(raw).digest()[:9]).decode()
        self._issuer = issuer
        #: tokens whose signature was found good: a reconnecting client shows the same one again
        self._checked: LRUCache[str, tuple[str, str, float]] = LRUCache(MAX_CHECKED)
        self._runtime = runtime

    def mint(self, user_id: str, session_id: str) -> AccessToken:
        """A token for the session, good for five minutes."""
        issued = int(self._runtime.now())
        expires = issued + int(TOKEN_LIFETIME.total_seconds())
        claims = {
            "iss": self._issuer, "aud": AUDIENCE, "sub": user_id, "sid": session_id, "iat": issued, "exp": expires,
        }  # fmt: skip
        token = jwt.encode(claims, self._private, ALGORITHM, {"typ": TYPE, "kid": self.key_id})
        return AccessToken(token, from_millis(expires * 1000))

    def check(self, token: str) -> tuple[str, str, float]:
        """(user id, session id, end in seconds since the epoch) of a good token. Raises `InvalidToken`.

        Nothing in the header chooses anything: one algorithm, one key; `jku`, `jwk` and `x5u` are not looked at.
        """
        if len(token) > MAX_TOKEN:
            raise InvalidToken
        claims = self._checked.get(token)
        if claims is None:
            claims = self._checked[token] = self._verify(token)
        if claims[2] <= self._runtime.now():
            raise InvalidToken
        return claims

    def _verify(self, token: str) -> tuple[str, str, float]:
        try:
            decoded = jwt.decode_complete(
                token,
                self._public,
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
        if header.get("typ") != TYPE or header.get("kid") != self.key_id:
            raise InvalidToken
        if not (isinstance(user_id, str) and isinstance(session_id, str) and type(expires) is int):
            raise InvalidToken
        return user_id, session_id, float(expires)
