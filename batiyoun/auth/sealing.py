"""Encrypting what must be kept but not read by whoever gets hold of the database alone."""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from batiyoun.runtime import Runtime

KEY_BYTES = 32
NONCE_BYTES = 12


class Unsealable(Exception):
    """It was sealed with another key, for another place, or was changed."""


def new_sealing_key(runtime: Runtime) -> bytes:
    """A fresh key."""
    return runtime.random_bytes(KEY_BYTES)


class Sealer:
    """AES-256-GCM with random nonces: good for 2³² seals with one key (NIST SP 800-38D §8.3)."""

    def __init__(self, key: bytes, runtime: Runtime) -> None:
        """Raises `ValueError` when the key has not 32 bytes."""
        if len(key) != KEY_BYTES:
            msg = f"a sealing key has {KEY_BYTES} bytes"
            raise ValueError(msg)
        self._cipher = AESGCM(key)
        self._runtime = runtime

    def seal(self, secret: bytes, place: str) -> bytes:
        """The nonce and the ciphertext; they open only at that `place` (what it is, and whose)."""
        nonce = self._runtime.random_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """The secret. Raises `Unsealable`."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode())
        except (InvalidTag, ValueError) as exc:
            raise Unsealable from exc
