"""What serves end-to-end encrypted chats: the directory of devices, and the delivery service of their groups."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from batiyoun.chats.groups.payloads import MlsWelcome
from batiyoun.chats.groups.rules import Directory
from batiyoun.chats.groups.service import GroupService
from batiyoun.chats.log import Log
from batiyoun.errors import Unavailable
from batiyoun.live import Rooms, user_room
from batiyoun.runtime import Runtime
from batiyoun.settings import Settings
from batiyoun.storage.messages import MessageStore

log = logging.getLogger(__name__)

#: seconds between two looks at which Welcomes are old, and before the first
EVERY = 3600.0
FIRST = 90.0


class Encryption:
    """The server's side of encrypted chats. The attributes are its parts; `start` and `close` bound its chores."""

    def __init__(
        self,
        settings: Settings,
        runtime: Runtime,
        *,
        messages: MessageStore,
        log: Log,
        rooms: Rooms,
        directory: Directory,
    ) -> None:
        self._settings = settings
        self._rooms = rooms
        self.directory = directory
        self.groups = GroupService(messages, messages, log, self.directory, runtime)
        self.groups.welcomed.append(self._tell_welcome)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to let go of what is old; call it in the running loop. Several at once do no harm."""
        self._task = asyncio.create_task(self._sweep(), name="welcomes")

    async def close(self) -> None:
        """Stop."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def state(self) -> dict[str, Any]:
        """What the routes find in `request.app.state`."""
        return {"groups": self.groups, "encryption": "mls" if self._settings.encryption == "on" else "none"}

    def _tell_welcome(self, user_id: str, chat_id: str) -> None:
        self._rooms.publish(user_room(user_id), "mls_welcome", MlsWelcome(chat_id))

    async def _sweep(self) -> None:
        pause = FIRST
        while True:
            await asyncio.sleep(pause)
            pause = EVERY
            try:
                gone = await self.groups.sweep()
            except Unavailable:
                log.warning("old Welcomes could not be let go; trying again in an hour")
            except Exception:
                log.exception("old Welcomes could not be let go")
            else:
                if gone:
                    log.info("%s Welcomes that nobody fetched are gone", gone)
