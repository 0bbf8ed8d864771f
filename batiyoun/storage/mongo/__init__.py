"""Chats, rosters, receipts and the message log in MongoDB, for several nodes at once."""

from batiyoun.storage.mongo.chatlog import MongoChatLog

__all__ = ["MongoChatLog"]
