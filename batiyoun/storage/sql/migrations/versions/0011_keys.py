"""Identity keys, devices, key packages, and what people keep sealed on the server."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def _of_a_person(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=f"fk_{table}_user_id_users", ondelete="CASCADE")


def upgrade() -> None:
    """Make the tables."""
    _directory()
    _sealed()


def _directory() -> None:
    op.create_table(
        "identity_keys",
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("key", sa.LargeBinary(32), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("next_key", sa.LargeBinary(32)),
        sa.Column("reset_at", sa.BigInteger()),
        sa.Column("reset_by", sa.Uuid(as_uuid=False)),
        sa.Column("seen_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("user_id", name="pk_identity_keys"),
        _of_a_person("identity_keys"),
    )
    op.create_index("ix_identity_keys_reset_at", "identity_keys", ["reset_at"])
    op.create_table(
        "devices",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("session_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("signature_key", sa.LargeBinary(32), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("last_resort", sa.LargeBinary()),
        sa.Column("last_resort_until", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_devices"),
        sa.UniqueConstraint("session_id", name="uq_devices_session_id"),
        _of_a_person("devices"),
    )
    op.create_index("ix_devices_user_id", "devices", ["user_id"])
    op.create_table(
        "key_packages",
        sa.Column("ref", sa.LargeBinary(64), nullable=False),
        sa.Column("device_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("package", sa.LargeBinary()),
        sa.Column("not_after", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("ref", name="pk_key_packages"),
        sa.ForeignKeyConstraint(
            ["device_id"], ["devices.id"], name="fk_key_packages_device_id_devices", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_key_packages_device_id", "key_packages", ["device_id", "added_at"])
    op.create_index("ix_key_packages_not_after", "key_packages", ["not_after"])


def _sealed() -> None:
    op.create_table(
        "key_recoveries",
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_key_recoveries"),
        _of_a_person("key_recoveries"),
    )
    op.create_table(
        "key_archives",
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("chat_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "chat_id", "batch", name="pk_key_archives"),
        _of_a_person("key_archives"),
    )
    op.create_table(
        "key_links",
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("nonce", sa.String(64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "nonce", name="pk_key_links"),
        _of_a_person("key_links"),
    )
    op.create_index("ix_key_links_expires_at", "key_links", ["expires_at"])
