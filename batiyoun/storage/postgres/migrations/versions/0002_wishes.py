"""What was asked for when a client chose a chat's id."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column; chats that have none were not made by such a wish, so no retry can mean them."""
    op.execute("alter table chatlog.chats add column digest bytea")
