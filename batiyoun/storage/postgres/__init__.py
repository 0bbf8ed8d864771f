"""Chats, rosters, receipts and the message log in PostgreSQL, for several nodes at once."""

from batiyoun.storage.postgres.chatlog import PostgresChatLog

__all__ = ["PostgresChatLog"]
