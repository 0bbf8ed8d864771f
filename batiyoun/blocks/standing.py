"""Which chats of two stand still because one of them blocks the other: in memory, because every message asks.

The direct chats of two people are known when one blocks the other, and no more are made while the block stands.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping

import msgspec

from batiyoun.blocks.store import BlockStore
from batiyoun.errors import BatiyounError, BlockedByYou, NotReachable, Unavailable
from batiyoun.live import Nodes, user_room

_log = logging.getLogger(__name__)

#: what nodes tell each other about a person
BLOCKS = "blocks"
#: seconds between two looks at what other nodes may have said while nobody listened here
EVERY = 30.0


class BlockWord(msgspec.Struct, array_like=True, frozen=True):
    """The user blocks somebody in these chats, or does not any more."""

    user_id: str
    chat_ids: list[str]
    blocked: bool


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(BlockWord).decode


class Standing:
    """Chat id → who blocks in it. A chat that is not here is as open as ever."""

    def __init__(self, store: BlockStore, nodes: Nodes) -> None:
        self._store = store
        self._nodes = nodes
        self._chats: dict[str, frozenset[str]] = {}
        self._version = 0
        self._task: asyncio.Task[None] | None = None

    def __contains__(self, chat_id: str) -> bool:
        """Whether somebody blocks the other in the chat."""
        return chat_id in self._chats

    def bars(self, chat_id: str, user_id: str) -> BatiyounError | None:
        """Why the person cannot write there; None when they can. Whoever is blocked is not told so."""
        by = self._chats.get(chat_id)
        if by is None:
            return None
        return BlockedByYou() if user_id in by else NotReachable()

    async def start(self) -> None:
        """Read what stands, and follow it. Raises `Unavailable`."""
        await self.look()
        self._task = asyncio.get_running_loop().create_task(self._follow(), name="blocks")

    async def close(self) -> None:
        """Stop following."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def say(self, user_id: str, other_id: str, chat_ids: Collection[str], *, blocked: bool) -> None:
        """It was stored: true here at once, and on the nodes where either of the two is."""
        self._put(user_id, chat_ids, blocked=blocked)
        word = _encode(BlockWord(user_id, list(chat_ids), blocked))
        for one in (user_id, other_id):
            self._nodes.tell(user_room(one), BLOCKS, word)

    def heard(self, room: str, data: bytes) -> None:
        """Another node stored it."""
        word = _decode(data)
        self._put(word.user_id, word.chat_ids, blocked=word.blocked)

    async def look(self) -> None:
        """Read all that stands. Raises `Unavailable`."""
        while True:
            version = self._version
            chats = _by_chat(await self._store.standing())
            if version == self._version:  # else something was said while we read
                self._chats = chats
                return

    def _put(self, user_id: str, chat_ids: Collection[str], *, blocked: bool) -> None:
        self._version += 1
        for chat_id in chat_ids:
            by = self._chats.get(chat_id, frozenset())
            by = by | {user_id} if blocked else by - {user_id}
            if by:
                self._chats[chat_id] = by
            else:
                self._chats.pop(chat_id, None)

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            try:
                await self.look()
            except Unavailable:
                _log.warning("who blocks whom could not be read; trying again")
            except Exception:
                _log.exception("who blocks whom could not be read")


def _by_chat(standing: Mapping[str, Collection[str]]) -> dict[str, frozenset[str]]:
    return {chat_id: frozenset(by) for chat_id, by in standing.items()}
