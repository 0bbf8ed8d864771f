"""Sign-ins that were ended from elsewhere."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "ended_sessions",
        sa.Column("token_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_ended_sessions"),
    )
    op.create_index("ix_ended_sessions_ends_at", "ended_sessions", ["ends_at"])
