"""Keys that a passkey of the person opens."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0012"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "key_passkeys",
        sa.Column("passkey_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("passkey_id", name="pk_key_passkeys"),
        sa.ForeignKeyConstraint(
            ["passkey_id"], ["passkeys.id"], name="fk_key_passkeys_passkey_id_passkeys", ondelete="CASCADE"
        ),
    )
