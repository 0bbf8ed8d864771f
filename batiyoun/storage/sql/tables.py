"""The tables of accounts.db, or of PostgreSQL. Changes go through a migration beside this file."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from batiyoun.storage.sql.chat_tables import blocks, chat_preferences, reports
from batiyoun.storage.sql.columns import Moment, id_type, key_type, metadata
from batiyoun.storage.sql.key_tables import (
    devices,
    identity_keys,
    key_archives,
    key_links,
    key_packages,
    key_passkeys,
    key_recoveries,
)

__all__ = [
    "account_notices",
    "api_tokens",
    "audit_events",
    "authenticators",
    "blocks",
    "chat_preferences",
    "departures",
    "devices",
    "email_codes",
    "ended_sessions",
    "errands",
    "identities",
    "identity_keys",
    "invite_uses",
    "invites",
    "key_archives",
    "key_links",
    "key_packages",
    "key_passkeys",
    "key_recoveries",
    "metadata",
    "needs",
    "one_time_tokens",
    "passkeys",
    "pending_logins",
    "recovery_codes",
    "reports",
    "sessions",
    "users",
]

users = Table(
    "users",
    metadata,
    Column("id", id_type(), primary_key=True),
    Column("username", String(32), nullable=False),
    Column("username_key", key_type(64), nullable=False, unique=True),
    Column("display_name", String(64), nullable=False),
    Column("name_key", key_type(64), nullable=False),
    Column("email", String(254), nullable=False),
    Column("email_key", key_type(254), nullable=False, unique=True),
    Column("password_hash", Text),
    Column("avatar", Text),
    Column("bio", Text, nullable=False),
    Column("provider", String(16), nullable=False),
    Column("provider_id", Text),
    Column("verified", Boolean, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("role", String(16), nullable=False, server_default="member"),
    #: nothing but the id is left of the person
    Column("deleted_at", Moment),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index("ix_users_name_key", "name_key"),
    Index("uq_users_provider_identity", "provider", "provider_id", unique=True),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", id_type(), primary_key=True),
    Column("token_hash", LargeBinary(32), nullable=False, unique=True),
    Column("user_id", id_type(), ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("device_id", id_type()),
    Column("created_at", Moment, nullable=False),
    Column("last_seen_at", Moment, nullable=False),
    Column("user_agent", String(256), nullable=False),
    Column("proved_at", Moment, nullable=False),
    Index("ix_sessions_user_id", "user_id"),
    Index("ix_sessions_last_seen_at", "last_seen_at"),
)

#: sign-ins that were ended from elsewhere, for as long as they could have lived; whose they were is not kept
ended_sessions = Table(
    "ended_sessions",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("ends_at", Moment, nullable=False),
    Index("ix_ended_sessions_ends_at", "ends_at"),
)

audit_events = Table(
    "audit_events",
    metadata,
    Column("id", id_type(), primary_key=True),
    # no cascade: who has a log stays, as a tombstone at least
    Column("user_id", id_type(), ForeignKey("users.id"), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("at", Moment, nullable=False),
    Column("session_id", id_type()),
    Column("browser", String(64)),
    Column("os", String(64)),
    Column("device_kind", String(16), nullable=False),
    Column("details", Text, nullable=False),
    Index("ix_audit_events_user_id", "user_id", "id"),
)

email_codes = Table(
    "email_codes",
    metadata,
    Column("request_hash", LargeBinary(32), primary_key=True),
    Column("purpose", String(16), nullable=False),
    Column("email", String(254), nullable=False),
    Column("code_hash", LargeBinary(32), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Index("ix_email_codes_expires_at", "expires_at"),
)

invites = Table(
    "invites",
    metadata,
    Column("id", id_type(), primary_key=True),
    Column("code_hash", LargeBinary(32), nullable=False, unique=True),
    Column("inviter_id", id_type(), ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("max_uses", Integer, nullable=False),
    Column("uses", Integer, nullable=False),
    Column("note", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Index("ix_invites_inviter_id", "inviter_id", "id"),
)

invite_uses = Table(
    "invite_uses",
    metadata,
    Column("invite_id", id_type(), ForeignKey("invites.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", id_type(), ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("at", Moment, nullable=False),
    Index("ix_invite_uses_user_id", "user_id"),
)

authenticators = Table(
    "authenticators",
    metadata,
    Column("user_id", id_type(), ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("confirmed", Boolean, nullable=False),
    Column("last_step", BigInteger, nullable=False),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("user_id", id_type(), ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("code_hash", LargeBinary(32), primary_key=True),
)

passkeys = Table(
    "passkeys",
    metadata,
    Column("id", id_type(), primary_key=True),
    Column("user_id", id_type(), ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(64), nullable=False),
    Column("credential_id", LargeBinary(1023), nullable=False, unique=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("transports", String(128), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("last_used_at", Moment),
    Index("ix_passkeys_user_id", "user_id"),
)

identities = Table(
    "identities",
    metadata,
    Column("id", id_type(), primary_key=True),
    Column("user_id", id_type(), ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("issuer", Text, nullable=False),
    Column("subject", String(255), nullable=False),
    Column("email", String(254), nullable=False),
    Column("linked_at", Moment, nullable=False),
    Index("uq_identities_issuer", "issuer", "subject", unique=True),
    Index("ix_identities_user_id", "user_id"),
)

pending_logins = Table(
    "pending_logins",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("user_id", id_type(), ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("proof", String(16), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Index("ix_pending_logins_user_id", "user_id"),
    Index("ix_pending_logins_expires_at", "expires_at"),
)

departures = Table(
    "departures",
    metadata,
    Column("user_id", id_type(), ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("avatar", Text),
    Column("at", Moment, nullable=False),
)

account_notices = Table(
    "account_notices",
    metadata,
    Column("id", id_type(), primary_key=True),
    Column("user_id", id_type(), nullable=False),
    Column("at", Moment, nullable=False),
)

one_time_tokens = Table(
    "one_time_tokens",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("purpose", String(16), nullable=False),
    Column("subject", String(254), nullable=False),
    Column("expires_at", Moment, nullable=False),
    Index("uq_one_time_tokens_subject", "purpose", "subject", unique=True),
    Index("ix_one_time_tokens_expires_at", "expires_at"),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", id_type(), primary_key=True),
    Column("token_hash", LargeBinary(32), nullable=False, unique=True),
    Column("user_id", id_type(), ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(64), nullable=False),
    Column("scopes", String(256), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("last_used_at", Moment),
    Column("valid_until", Moment),
    Index("ix_api_tokens_user_id", "user_id"),
    Index("ix_api_tokens_valid_until", "valid_until"),
)

#: one row: the oldest revision that a program must know to use these tables
needs = Table(
    "needs",
    metadata,
    Column("store", String(16), primary_key=True),
    Column("revision", String(16), nullable=False),
)

errands = Table(
    "errands",
    metadata,
    Column("id", id_type(), primary_key=True),
    Column("kind", String(32), nullable=False),
    # no foreign key: what is to be done may be about somebody whose row is gone
    Column("user_id", id_type(), nullable=False),
    Column("details", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("tries", Integer, nullable=False),
    Index("ix_errands_due_at", "due_at"),
)
