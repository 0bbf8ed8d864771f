"""Which versions may use the tables, and what is still to be done in other stores."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the tables. Nothing was taken away so far, so whoever knows the first revision may use them."""
    needs = op.create_table(
        "needs",
        sa.Column("store", sa.String(16), nullable=False),
        sa.Column("revision", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("store", name="pk_needs"),
    )
    op.bulk_insert(needs, [{"store": "accounts", "revision": "0001"}])
    op.create_table(
        "errands",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_errands"),
    )
    op.create_index("ix_errands_due_at", "errands", ["due_at"])
