"""What serves end-to-end encrypted chats: the directory of devices, and the delivery service of their groups."""

from __future__ import annotations

from typing import Any

from batiyoun.chats.groups.payloads import MlsWelcome
from batiyoun.chats.groups.rules import Directory
from batiyoun.chats.groups.service import GroupService
from batiyoun.chats.log import Log
from batiyoun.live import Rooms, user_room
from batiyoun.runtime import Runtime
from batiyoun.settings import Settings
from batiyoun.storage.messages import MessageStore


class Encryption:
    """The server's side of encrypted chats. The attributes are its parts."""

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

    def state(self) -> dict[str, Any]:
        """What the routes find in `request.app.state`."""
        return {"groups": self.groups, "encryption": "mls" if self._settings.encryption == "on" else "none"}

    def _tell_welcome(self, user_id: str, chat_id: str) -> None:
        self._rooms.publish(user_room(user_id), "mls_welcome", MlsWelcome(chat_id))
