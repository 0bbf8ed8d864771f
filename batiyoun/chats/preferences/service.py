"""The rules of preferences: whose chats, and how many on top."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from batiyoun.chats.checks import access_chat
from batiyoun.chats.preferences.model import FOREVER, LONG_AGO, MAX_PINNED, Change, Preferences
from batiyoun.chats.preferences.payloads import ChatPreferences, EditPreferences
from batiyoun.chats.preferences.store import PreferenceStore
from batiyoun.chats.store import ChatStore
from batiyoun.errors import Conflict
from batiyoun.live import Rooms, user_room


class PreferenceService:
    """Preferences of one caller at a time; their other devices hear of every change."""

    def __init__(self, store: PreferenceStore, chats: ChatStore, rooms: Rooms) -> None:
        self._store = store
        self._chats = chats
        self._rooms = rooms

    async def of_user(self, user_id: str) -> Mapping[str, Preferences]:
        """What the person wants, by chat."""
        return await self._store.of_user(user_id)

    async def of_chat(self, user_id: str, chat_id: str) -> Preferences:
        """What the person wants of a chat that they are in."""
        return await self._store.of_chat(user_id, chat_id)

    async def change(self, user_id: str, chat_id: str, edit: EditPreferences) -> Preferences:
        """Change what is given. Raises `ChatNotFound`, `Conflict` (too many chats on top)."""
        access_chat(await self._chats.get(chat_id), user_id)
        if isinstance(edit.pinned, int):
            await self._forget_left(user_id)
        until = edit.muted_until
        if isinstance(until, datetime):
            until = max(LONG_AGO, min(until, FOREVER))
        change = Change(until, edit.archived_seq, edit.pinned)
        changed = await self._store.change(user_id, chat_id, change, most=MAX_PINNED)
        if changed is None:
            raise Conflict(f"At most {MAX_PINNED} chats can be on top. Take one down first.")
        self._rooms.publish(user_room(user_id), "chat_preferences", ChatPreferences(chat_id, changed))
        return changed

    async def _forget_left(self, user_id: str) -> None:
        """Chats that the person is not in any more take nobody's place on top."""
        pinned = {
            chat_id for chat_id, wanted in (await self._store.of_user(user_id)).items() if wanted.pinned is not None
        }
        left = pinned.difference(row.chat_id for row in await self._chats.memberships(user_id)) if pinned else ()
        if left:
            await self._store.forget(user_id, left)
