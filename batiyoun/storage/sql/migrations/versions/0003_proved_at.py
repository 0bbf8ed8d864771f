"""When the person last proved who they are in a session."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column; a session that exists was proved when it began."""
    with op.batch_alter_table("sessions") as table:
        table.add_column(sa.Column("proved_at", sa.BigInteger(), nullable=True))
    op.execute("update sessions set proved_at = created_at")
    with op.batch_alter_table("sessions") as table:
        table.alter_column("proved_at", existing_type=sa.BigInteger(), nullable=False)
