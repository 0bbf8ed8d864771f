"""log.db: chats, rosters, receipts and the message log in one SQLite file."""

from batiyoun.storage.sqlite.chatlog import SqliteChatLog
from batiyoun.storage.sqlite.errors import (
    StoreDamaged,
    StoreForeign,
    StoreInUse,
    StoreTooNew,
    StoreUnusable,
    StoreUnwritable,
)

__all__ = [
    "SqliteChatLog",
    "StoreDamaged",
    "StoreForeign",
    "StoreInUse",
    "StoreTooNew",
    "StoreUnusable",
    "StoreUnwritable",
]
