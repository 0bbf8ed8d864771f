"""The security log, which the database itself keeps from being changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

#: `insert or replace` deletes without a delete trigger (sqlite.org/lang_conflict.html), so that has one of its own
SQLITE = (
    """
    create trigger audit_events_keep_update before update on audit_events
    begin select raise(abort, 'the security log only grows'); end
    """,
    """
    create trigger audit_events_keep_delete before delete on audit_events
    begin select raise(abort, 'the security log only grows'); end
    """,
    """
    create trigger audit_events_keep_insert before insert on audit_events
    when exists (select 1 from audit_events where id = new.id)
    begin select raise(abort, 'the security log only grows'); end
    """,
)
POSTGRESQL = (
    """
    create function audit_events_keep() returns trigger language plpgsql as
    $$ begin raise exception 'the security log only grows' using errcode = 'restrict_violation'; end $$
    """,
    """
    create trigger audit_events_keep before update or delete or truncate on audit_events
    for each statement execute function audit_events_keep()
    """,
)


def upgrade() -> None:
    """Make the table. `details` is a JSON object of short words."""
    op.create_table(
        "audit_events",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("session_id", sa.Uuid(as_uuid=False)),
        sa.Column("browser", sa.String(64)),
        sa.Column("os", sa.String(64)),
        sa.Column("device_kind", sa.String(16), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_events"),
        # no cascade: who has a log stays, as a tombstone at least
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_audit_events_user_id_users"),
    )
    op.create_index("ix_audit_events_user_id", "audit_events", ["user_id", "id"])
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
