"""The tables of what people want of their chats and of each other. The chats themselves are in the message store."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

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

blocks = Table(
    "blocks",
    metadata,
    Column("user_id", id_type(), ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("blocked_id", id_type(), ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("since", Moment, nullable=False),
    # the ids of their direct chats with a space between: asked for together, never one of them
    Column("chats", Text, nullable=False),
    # who blocks somebody is asked for as often as whom they block
    Index("ix_blocks_blocked_id", "blocked_id"),
)

reports = Table(
    "reports",
    metadata,
    Column("id", id_type(), primary_key=True),
    # with the reporter's account their words go; who is reported may have left for that very reason
    Column("reporter_id", id_type(), ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("user_id", id_type(), nullable=False),
    Column("chat_id", id_type()),
    Column("reason", String(32), nullable=False),
    Column("note", Text, nullable=False),
    # a JSON list: read with the report, never by itself
    Column("messages", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("closed_at", Moment),
    Index("ix_reports_reporter_id", "reporter_id"),
)
