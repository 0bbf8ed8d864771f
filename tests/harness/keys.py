"""Signing keys in memory, as `KeyFiles` keeps them in files."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from batiyoun.auth.keys import SigningKey, load_signing_key


class MemoryKeys:
    """`SigningKeyStore` that forgets everything at the end of the test."""

    def __init__(self, *pems: bytes, created_at: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self.keys = [load_signing_key(pem, created_at) for pem in pems]

    def load(self) -> list[SigningKey]:
        """See `SigningKeyStore`."""
        return list(self.keys)

    def add(self, pem: bytes, created_at: datetime) -> None:
        """See `SigningKeyStore`."""
        self.keys.append(load_signing_key(pem, created_at))

    def remove(self, keys: Collection[SigningKey]) -> None:
        """See `SigningKeyStore`."""
        gone = {key.id for key in keys}
        self.keys = [key for key in self.keys if key.id not in gone]
