"""The message store that an address names."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from batiyoun.chats.store import ChatStore, LogStore
from batiyoun.errors import Unavailable
from batiyoun.runtime import Runtime
from batiyoun.storage.errors import StoreUnusable
from batiyoun.storage.mongo import MongoChatLog
from batiyoun.storage.mongo import schema as mongo_schema
from batiyoun.storage.postgres import PostgresChatLog
from batiyoun.storage.postgres import migrate as postgres_migrate
from batiyoun.storage.sqlite import SqliteChatLog

_SQLITE = "sqlite:///"


class MessageStore(LogStore, ChatStore, Protocol):
    """Chats and the log, and their life. Used between `open` and `close` only."""

    async def open(self) -> None:
        """Connect, and see that it can be served. Raises `StoreUnusable` with the way out."""
        ...

    async def close(self) -> None:
        """Let go. Idempotent."""
        ...

    async def ready(self) -> bool:
        """Whether it can serve now; answers in time also when the store does not."""
        ...


def message_store(url: str, runtime: Runtime, *, connections: int, seconds: float) -> MessageStore:
    """A store that is not open yet: `sqlite:///path`, `postgresql://…`, `mongodb://…` or `mongodb+srv://…`.

    `connections` and `seconds` (until something counts as unavailable) are for servers.
    """
    if url.startswith(_SQLITE):
        return SqliteChatLog(Path(url.removeprefix(_SQLITE)), runtime)
    if url.startswith("mongodb"):
        return MongoChatLog(url, runtime, connections=connections, seconds=seconds)
    return PostgresChatLog(url, runtime, connections=connections, seconds=seconds)


async def migrate_messages(url: str) -> tuple[str | None, str] | None:
    """Bring a server's tables or collections to this version; returns the revisions (before, now).

    None for SQLite, which follows by itself when it is opened. Raises `StoreUnusable` with the way out.
    """
    if url.startswith(_SQLITE):
        return None
    try:
        if url.startswith("mongodb"):
            before, now = await mongo_schema.migrate_url(url)
            return (str(before) if before else None, str(now))
        return await postgres_migrate.migrate(url)
    except Unavailable as error:
        raise StoreUnusable("The message store does not answer: start it, or correct BATIYOUN_MESSAGES_URL.") from error
