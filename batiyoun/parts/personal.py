"""What people decide for themselves, put together: how they want to meet their chats."""

from __future__ import annotations

from typing import Any

from batiyoun.chats.preferences.service import PreferenceService
from batiyoun.chats.store import ChatStore
from batiyoun.live import Rooms
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.preferences import SqlPreferenceStore


class Personal:
    """The parts are attributes."""

    def __init__(self, database: Database, chats: ChatStore, rooms: Rooms) -> None:
        self.preferences = PreferenceService(SqlPreferenceStore(database), chats, rooms)

    def state(self) -> dict[str, Any]:
        """What the routes look for."""
        return {"preferences": self.preferences}
