"""Where keys are kept. The guarantees are checked on every database by the same contract suite."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from batiyoun.keys.model import DeviceRecord


class DirectoryStore(Protocol):
    """Which devices people have."""

    async def records(self, user_ids: Collection[str]) -> list[DeviceRecord]:
        """The devices of these people, the oldest first; disabled people have none."""
        ...
