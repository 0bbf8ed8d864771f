"""Keys of people and their devices: what other features may ask, and what keeps everything in order."""

from __future__ import annotations

import asyncio
import logging

from batiyoun.errors import Unavailable
from batiyoun.keys.devices import Devices
from batiyoun.keys.directory import Directory
from batiyoun.keys.identity import Identities
from batiyoun.keys.packages import Packages
from batiyoun.keys.sealed import Sealed

__all__ = ["Devices", "Directory", "Identities", "KeyService", "Packages", "Sealed"]

log = logging.getLogger(__name__)

#: seconds between two looks at what is due
EVERY = 30.0
#: of those, every so many also look for what is old
OLD_EVERY = 120


class KeyService:
    """The parts, and their housekeeping. The server holds nothing with which a message could be read."""

    def __init__(
        self,
        *,
        directory: Directory,
        identities: Identities,
        devices: Devices,
        packages: Packages,
        sealed: Sealed,
    ) -> None:
        self.directory = directory
        self.identities = identities
        self.devices = devices
        self.packages = packages
        self.sealed = sealed
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look at what is due; call it in the running loop."""
        self._task = asyncio.create_task(self._run(), name="keys")

    async def close(self) -> None:
        """Stop, after what is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self.devices.close()

    async def look_at(self, user_id: str) -> None:
        """Somebody decided about this person elsewhere. Raises `Unavailable`."""
        await self.devices.look_at(user_id)

    async def sweep(self) -> None:
        """Forget what is old. Raises `Unavailable`."""
        await self.packages.sweep()
        await self.devices.sweep()

    async def _run(self) -> None:
        round_ = 0
        while True:
            try:
                await self.identities.sweep()
                if round_ % OLD_EVERY == 0:
                    await self.sweep()
            except Unavailable:
                log.warning("what is due of keys could not be read; trying again")
            except Exception:
                log.exception("what is due of keys could not be done")
            round_ += 1
            await asyncio.sleep(EVERY)
