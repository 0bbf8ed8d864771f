"""The tables of keys: what others encrypt for somebody's devices with. The server holds nothing that opens anything."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, String, Table

from batiyoun.storage.sql.columns import Moment, id_type, metadata

identity_keys = Table(
    "identity_keys",
    metadata,
    Column("user_id", id_type(), ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("key", LargeBinary(32), nullable=False),
    Column("created_at", Moment, nullable=False),
    #: the key that takes its place at `reset_at`, and the session that asked for it
    Column("next_key", LargeBinary(32)),
    Column("reset_at", Moment),
    Column("reset_by", id_type()),
    #: when a device of the person was seen last that is gone now
    Column("seen_at", Moment),
    Index("ix_identity_keys_reset_at", "reset_at"),
)

devices = Table(
    "devices",
    metadata,
    Column("id", id_type(), primary_key=True),
    Column("user_id", id_type(), ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    # no foreign key: the sessions may be in Redis
    Column("session_id", id_type(), nullable=False, unique=True),
    Column("name", String(64), nullable=False),
    Column("certificate", LargeBinary, nullable=False),
    Column("signature_key", LargeBinary(32), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("last_seen_at", Moment, nullable=False),
    #: handed out again and again when no one-time key package is left
    Column("last_resort", LargeBinary),
    Column("last_resort_until", BigInteger),
    Index("ix_devices_user_id", "user_id"),
)

key_packages = Table(
    "key_packages",
    metadata,
    #: the KeyPackageRef (RFC 9420 §5.2)
    Column("ref", LargeBinary(64), primary_key=True),
    Column("device_id", id_type(), ForeignKey("devices.id", ondelete="CASCADE"), nullable=False),
    #: NULL: handed out. The row stays until the package would have expired, so that it cannot be uploaded again
    Column("package", LargeBinary),
    #: seconds since the epoch
    Column("not_after", BigInteger, nullable=False),
    Column("added_at", Moment, nullable=False),
    Index("ix_key_packages_device_id", "device_id", "added_at"),
    Index("ix_key_packages_not_after", "not_after"),
)

key_recoveries = Table(
    "key_recoveries",
    metadata,
    Column("user_id", id_type(), ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

#: the same keys, which a passkey opens: they are gone with it
key_passkeys = Table(
    "key_passkeys",
    metadata,
    Column("passkey_id", id_type(), ForeignKey("passkeys.id", ondelete="CASCADE"), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

key_archives = Table(
    "key_archives",
    metadata,
    Column("user_id", id_type(), ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("chat_id", id_type(), primary_key=True),
    Column("batch", Integer, primary_key=True),
    # before the data: SQLite reads a row from its beginning
    Column("size", Integer, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

key_links = Table(
    "key_links",
    metadata,
    Column("user_id", id_type(), ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("nonce", String(64), primary_key=True),
    Column("data", LargeBinary, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Index("ix_key_links_expires_at", "expires_at"),
)
