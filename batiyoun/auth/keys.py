"""Signing keys that take turns: which one signs, which are still believed, and when one is over. Pure."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from batiyoun.auth.model import TOKEN_LIFETIME

#: A new key is published this long before it signs: whoever keeps a copy of the key set, and every process that shares
#: the directory, knows it by then.
AHEAD = timedelta(minutes=10)
#: after its last token is over, for clocks that differ
GRACE = timedelta(minutes=1)


@dataclass(frozen=True)
class SigningKey:
    """An Ed25519 key. `id` names it in tokens and in the key set; it says nothing about the key itself."""

    private: Ed25519PrivateKey
    created_at: datetime

    @cached_property
    def public(self) -> Ed25519PublicKey:
        """What everybody may know."""
        return self.private.public_key()

    @cached_property
    def id(self) -> str:
        """The beginning of the key's hash."""
        return base64.urlsafe_b64encode(hashlib.sha256(self._raw).digest()[:9]).decode()

    @property
    def _raw(self) -> bytes:
        return self.public.public_bytes(Encoding.Raw, PublicFormat.Raw)

    def jwk(self) -> dict[str, Any]:
        """The public half as a JSON Web Key (RFC 8037 §2)."""
        x = base64.urlsafe_b64encode(self._raw).decode().rstrip("=")
        return {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": self.id, "use": "sig", "alg": "EdDSA"}


def new_signing_key() -> bytes:
    """A fresh private key in PEM form (PKCS #8)."""
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def load_signing_key(pem: bytes, created_at: datetime) -> SigningKey:
    """Raises `ValueError` when the PEM holds no Ed25519 private key."""
    key = load_pem_private_key(pem, password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("the signing key is not an Ed25519 key")  # noqa: TRY004 the file's content is wrong
    return SigningKey(key, created_at)


class SigningKeyStore(Protocol):
    """Where signing keys are kept. Raises `OSError` when it cannot be read or written."""

    def load(self) -> list[SigningKey]:
        """The keys that may be used, in any order; what others can read is left out."""
        ...

    def add(self, pem: bytes, created_at: datetime) -> None:
        """Keep a new key; durable on return."""
        ...

    def remove(self, keys: Collection[SigningKey]) -> None:
        """Forget keys that are over."""
        ...


@dataclass(frozen=True, slots=True)
class KeySet:
    """The keys at one moment, the oldest first; never empty."""

    keys: Sequence[SigningKey]

    def signs(self, now: datetime) -> SigningKey:
        """The newest key that has been published for long enough; with none so old, the oldest."""
        ready = [key for key in self.keys if key.created_at + AHEAD <= now]
        return ready[-1] if ready else self.keys[0]

    def over(self, now: datetime) -> list[SigningKey]:
        """The keys whose last token is over: a younger one has been signing for longer than a token lives."""
        return [
            key
            for key, younger in zip(self.keys, self.keys[1:], strict=False)
            if younger.created_at + AHEAD + TOKEN_LIFETIME + GRACE <= now
        ]

    def due(self, now: datetime, age: timedelta | None) -> bool:
        """Whether the youngest key is of that age, so that the next one is to be made; never with None."""
        return age is not None and self.keys[-1].created_at + age <= now


def key_set(keys: Collection[SigningKey]) -> KeySet:
    """Those keys in order. Raises `ValueError` for none."""
    if not keys:
        raise ValueError("there is no signing key")
    return KeySet(sorted(keys, key=lambda key: (key.created_at, key.id)))
