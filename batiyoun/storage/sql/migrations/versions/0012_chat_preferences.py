"""What people want of their chats: mute, archived, on top."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "chat_preferences",
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("chat_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("muted_until", sa.BigInteger()),
        sa.Column("archived_seq", sa.BigInteger()),
        sa.Column("pinned", sa.BigInteger()),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "chat_id", name="pk_chat_preferences"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_chat_preferences_user_id_users", ondelete="CASCADE"
        ),
    )
