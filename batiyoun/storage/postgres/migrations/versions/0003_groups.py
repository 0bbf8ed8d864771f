"""The MLS groups of encrypted chats, and the Welcomes that wait for devices."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the tables. The bytes do not compress: they are keys and ciphertext."""
    op.execute("""
        create table chatlog.groups(
            chat bigint primary key references chatlog.chats(ref),
            generation integer not null, epoch bigint not null, open_from bigint not null, leaves bytea not null
        )
    """)
    op.execute("""
        create table chatlog.group_infos(chat bigint primary key references chatlog.chats(ref), info bytea not null)
    """)
    op.execute("""
        create table chatlog.welcomes(
            ref bigint generated always as identity primary key, id text not null unique,
            chat bigint not null references chatlog.chats(ref), generation integer not null, epoch bigint not null,
            made_at timestamptz not null, welcome bytea not null
        )
    """)
    op.execute("create index welcomes_made_at on chatlog.welcomes(made_at)")
    op.execute("""
        create table chatlog.welcomed(
            welcome bigint not null references chatlog.welcomes(ref) on delete cascade,
            device_id text not null, user_id text not null, primary key (device_id, welcome)
        )
    """)
    op.execute("create index welcomed_welcome on chatlog.welcomed(welcome)")
    for table, column in (("group_infos", "info"), ("welcomes", "welcome")):
        op.execute(f"alter table chatlog.{table} alter column {column} set storage external")
