"""Codes by mail, and tokens that are good once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables. Times are milliseconds since the epoch; secrets are kept as hashes of 32 bytes."""
    op.create_table(
        "email_codes",
        sa.Column("request_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("request_hash", name="pk_email_codes"),
    )
    op.create_index("ix_email_codes_expires_at", "email_codes", ["expires_at"])
    op.create_table(
        "one_time_tokens",
        sa.Column("token_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(254), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_one_time_tokens"),
    )
    op.create_index("uq_one_time_tokens_subject", "one_time_tokens", ["purpose", "subject"], unique=True)
    op.create_index("ix_one_time_tokens_expires_at", "one_time_tokens", ["expires_at"])
