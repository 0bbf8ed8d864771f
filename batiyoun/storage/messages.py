"""The message store that an address names."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from batiyoun.chats.groups.store import GroupStore
from batiyoun.chats.store import ChatStore, LogStore
from batiyoun.errors import Unavailable
from batiyoun.runtime import Runtime
from batiyoun.storage.errors import StoreUnusable
from batiyoun.storage.reasons import cannot_be_used
from batiyoun.storage.shared.revisions import Phase
from batiyoun.storage.sqlite import SqliteChatLog

_SQLITE = "sqlite:///"


class MessageStore(LogStore, ChatStore, GroupStore, Protocol):
    """Chats, their groups and the log, and their life. Used between `open` and `close` only."""

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
    # the drivers take 15 MB of memory, which only those pay who use them
    if url.startswith("mongodb"):
        from batiyoun.storage.mongo import MongoChatLog  # noqa: PLC0415

        return MongoChatLog(url, runtime, connections=connections, seconds=seconds)
    from batiyoun.storage.postgres import PostgresChatLog  # noqa: PLC0415

    return PostgresChatLog(url, runtime, connections=connections, seconds=seconds)


async def migrate_messages(url: str, phase: Phase = "post") -> tuple[str | None, str] | None:
    """Bring a server's tables or collections to this version; returns the revisions (before, now).

    `pre`: what the programs of this version need; `post`: also what may come when no older ones are left. None for
    SQLite, which follows by itself when it is opened. Raises `StoreUnusable` with the way out.
    """
    if url.startswith(_SQLITE):
        return None
    try:
        if url.startswith("mongodb"):
            from batiyoun.storage.mongo.schema import migrate_url  # noqa: PLC0415

            before, now = await migrate_url(url, phase)
            return (str(before) if before else None, str(now))
        from batiyoun.storage.postgres.migrate import migrate  # noqa: PLC0415

        return await migrate(url, phase)
    except Unavailable as error:
        authority = "sslrootcert=/path/ca.pem" if url.startswith("postgres") else "tlsCAFile=/path/ca.pem"
        what, setting = "The message store", "BATIYOUN_MESSAGES_URL"
        raise StoreUnusable(cannot_be_used(what, error, setting=setting, authority=authority)) from error
