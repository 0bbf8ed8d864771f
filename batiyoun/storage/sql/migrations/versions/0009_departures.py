"""Deleted accounts that are not quite done with, and word between processes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "departures",
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("avatar", sa.Text()),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_departures"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_departures_user_id_users", ondelete="CASCADE"),
    )
    op.create_table(
        "account_notices",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_account_notices"),
    )
