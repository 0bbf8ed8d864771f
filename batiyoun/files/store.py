"""Where large things are kept, by names that the server made. Implemented by `storage/blobs`."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Protocol

#: a folder and an unguessable name: nothing of it comes from a person (security check 41)
KEY = re.compile(r"[a-z]{1,16}/[A-Za-z0-9_-]{43}(?:-[0-9]{1,5})?\.[a-z0-9]{1,8}")


class BlobStore(Protocol):
    """Bytes by key. A key has the form of `KEY`; others raise `ValueError` before anything is touched.

    Raises `Unavailable` when the place cannot be reached or is full.
    """

    async def put(self, key: str, content: bytes) -> None:
        """Keep it, whole or not at all; durable on return."""
        ...

    async def get(self, key: str) -> bytes | None:
        """The bytes, or None."""
        ...

    async def old_keys(self, folder: str, before: datetime) -> list[str]:
        """The keys of that folder that were put before that moment."""
        ...

    async def delete(self, key: str) -> None:
        """Forget it; nothing happens when it is not there."""
        ...
