"""Who has which devices: asked for every commit and message of an encrypted chat, so it is remembered."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection

from batiyoun.keys.model import DeviceRecord
from batiyoun.keys.store import DirectoryStore

log = logging.getLogger(__name__)

#: people whose devices are remembered
CACHE_SIZE = 10_000


class Directory:
    """The devices of people. Believe it as of now: what changes in this process is known at once.

    Where other processes change devices, too, nothing is remembered (`believe_nothing`).
    """

    def __init__(self, store: DirectoryStore) -> None:
        self._store = store
        self._known: dict[str, list[DeviceRecord]] = {}
        self._limit = CACHE_SIZE
        #: counts changes: an answer that was under way during one is not remembered
        self._changes = 0
        #: called with (user id, device id) after a device is gone: its leaves are due for removal
        self.on_device_gone: list[Callable[[str, str], Awaitable[None]]] = []

    async def devices_of(self, user_ids: Collection[str]) -> dict[str, list[DeviceRecord]]:
        """The devices of each of these people, the oldest first; nothing for nobody. Raises `Unavailable`."""
        found = {user_id: self._known[user_id] for user_id in user_ids if user_id in self._known}
        missing = set(user_ids) - found.keys()
        if missing:
            changes, asked = self._changes, {user_id: list[DeviceRecord]() for user_id in missing}
            for record in await self._store.records(missing):
                asked[record.user_id].append(record)
            if changes == self._changes:
                self._remember(asked)
            found |= asked
        return {user_id: list(records) for user_id, records in found.items()}

    def believe_nothing(self) -> None:
        """Ask the store every time: other processes change devices, too."""
        self._limit = 0
        self._known.clear()

    def forget(self, user_id: str) -> None:
        """The devices of this person changed."""
        self._changes += 1
        self._known.pop(user_id, None)

    async def gone(self, user_id: str, device_id: str) -> None:
        """The device is gone: tell everybody who wants to know."""
        self.forget(user_id)
        for tell in self.on_device_gone:
            try:
                await tell(user_id, device_id)
            except Exception:
                # its leaf is due anyway: whoever looks at the group next finds that it has no device
                log.exception("that a device is gone could not be passed on")

    def _remember(self, found: dict[str, list[DeviceRecord]]) -> None:
        if len(self._known) + len(found) > self._limit:
            self._known.clear()
        if len(found) <= self._limit:
            self._known.update(found)
