"""The tables of what people want of their chats. The chats themselves are in the message store."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, Table

from batiyoun.storage.sql.columns import Moment, id_type, metadata

chat_preferences = Table(
    "chat_preferences",
    metadata,
    Column("user_id", id_type(), ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    # no foreign key: chats are in another store
    Column("chat_id", id_type(), primary_key=True),
    Column("muted_until", Moment),
    Column("archived_seq", BigInteger),
    Column("pinned", BigInteger),
    Column("revision", Integer, nullable=False),
)
