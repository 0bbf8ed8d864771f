"""Who blocks whom."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "blocks",
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("blocked_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("chats", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "blocked_id", name="pk_blocks"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_blocks_user_id_users", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["blocked_id"], ["users.id"], name="fk_blocks_blocked_id_users", ondelete="CASCADE"),
    )
    op.create_index("ix_blocks_blocked_id", "blocks", ["blocked_id"])
