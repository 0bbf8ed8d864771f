"""The rules of blocking: whom one may block, and who of others stands apart."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime

from batiyoun.blocks.payloads import BlocksChanged
from batiyoun.blocks.standing import Standing
from batiyoun.blocks.store import BlockStore
from batiyoun.errors import Conflict, InvalidInput
from batiyoun.live import Rooms, user_room
from batiyoun.runtime import Runtime
from batiyoun.users.service import UserService

#: The ids of the direct chats of two people.
Between = Callable[[str, str], Awaitable[Collection[str]]]

#: people that one person blocks
MAX_BLOCKED = 1000


class BlockService:
    """Blocks of one caller at a time. Their other devices hear of every change; nobody else does."""

    def __init__(
        self,
        store: BlockStore,
        standing: Standing,
        between: Between,
        users: UserService,
        rooms: Rooms,
        runtime: Runtime,
    ) -> None:
        self._store = store
        self._standing = standing
        self._between = between
        self._users = users
        self._rooms = rooms
        self._runtime = runtime
        #: told of two people with a direct chat who are apart from now on, and of two who are not any more
        self.parted: list[Callable[[str, str], Awaitable[None]]] = []
        self.rejoined: list[Callable[[str, str], Awaitable[None]]] = []

    async def of_user(self, user_id: str) -> Mapping[str, datetime]:
        """Whom the person blocks, and since when; the newest first."""
        return await self._store.of_user(user_id)

    async def block(self, user_id: str, other_id: str) -> None:
        """Block a person; again, it does nothing. Raises `UserNotFound`, `InvalidInput` (oneself), `Conflict`."""
        if other_id == user_id:
            raise InvalidInput("Nobody can block themselves.", fields={"userId": "oneself"})
        other = await self._users.get(other_id)
        new = await self._write(user_id, other.id, await self._between(user_id, other.id))
        if new is None:
            raise Conflict(f"At most {MAX_BLOCKED:,} people can be blocked. Unblock somebody first.")
        await self.met(user_id, other.id)  # a chat that was made before the block was seen
        if new:
            self._tell(user_id, other_id, blocked=True)
            await self._introduce(self.parted, user_id, other_id)

    async def _write(self, user_id: str, other_id: str, chats: Collection[str]) -> bool | None:
        new = await self._store.block(user_id, other_id, self._runtime.utcnow(), chats=chats, most=MAX_BLOCKED)
        if new is not None:
            self._standing.say(user_id, other_id, chats, blocked=True)
        return new

    async def met(self, one: str, other: str) -> None:
        """A direct chat of the two was made, perhaps while one of them blocked the other: it stands still, too."""
        for user_id, other_id in ((one, other), (other, one)):
            if other_id in await self._store.of_user(user_id):
                chats = await self._between(user_id, other_id)
                if any(chat_id not in self._standing for chat_id in chats):
                    await self._write(user_id, other_id, chats)

    async def unblock(self, user_id: str, other_id: str) -> None:
        """Take it back; nothing to take back is as good."""
        if other_id in await self._store.of_user(user_id) and await self._store.unblock(user_id, other_id):
            self._standing.say(user_id, other_id, await self._between(user_id, other_id), blocked=False)
            self._tell(user_id, other_id, blocked=False)
            if not await self._store.apart(user_id, [other_id]):
                await self._introduce(self.rejoined, user_id, other_id)

    async def apart(self, user_id: str, other_ids: Collection[str]) -> set[str]:
        """Those of the others whom the person blocks, or who block the person."""
        return await self._store.apart(user_id, other_ids) if other_ids else set()

    async def _introduce(self, to: list[Callable[[str, str], Awaitable[None]]], one: str, other: str) -> None:
        if await self._between(one, other):
            for tell in to:
                await tell(one, other)

    def _tell(self, user_id: str, other_id: str, *, blocked: bool) -> None:
        self._rooms.publish(user_room(user_id), "blocks_changed", BlocksChanged(other_id, blocked))
