"""Roles, deleted accounts, and invitations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the columns and tables. Who has the oldest account owns the server."""
    # not in a batch: SQLite would copy the table and, dropping the old one, delete what hangs on it
    op.add_column("users", sa.Column("role", sa.String(16), nullable=False, server_default="member"))
    op.add_column("users", sa.Column("deleted_at", sa.BigInteger()))
    op.execute("update users set role = 'owner' where id = (select id from users order by created_at, id limit 1)")
    op.create_table(
        "invites",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("inviter_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("max_uses", sa.Integer(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_invites"),
        sa.UniqueConstraint("code_hash", name="uq_invites_code_hash"),
        sa.ForeignKeyConstraint(["inviter_id"], ["users.id"], name="fk_invites_inviter_id_users", ondelete="CASCADE"),
    )
    op.create_index("ix_invites_inviter_id", "invites", ["inviter_id", "id"])
    op.create_table(
        "invite_uses",
        sa.Column("invite_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("invite_id", "user_id", name="pk_invite_uses"),
        sa.ForeignKeyConstraint(
            ["invite_id"], ["invites.id"], name="fk_invite_uses_invite_id_invites", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_invite_uses_user_id_users", ondelete="CASCADE"),
    )
    op.create_index("ix_invite_uses_user_id", "invite_uses", ["user_id"])
