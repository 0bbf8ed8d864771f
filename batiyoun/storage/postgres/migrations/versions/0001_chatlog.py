"""Chats, rosters, receipts and the message log."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables.

    Chats have a small number (`ref`) that the other tables refer to: index entries of 16 bytes instead of 45.
    Identifiers compare byte by byte (`collate "C"`). `chats` changes with every batch and never in an indexed column,
    so with room in its pages an update touches no index (PostgreSQL manual, "Heap-Only Tuples"). What people write is
    ciphertext, which does not compress: `external` storage spares the attempt. The index of clientIds begins with
    them: ours are UUIDv7, so new entries of all chats meet on its last pages. `log` has no foreign key: its chat is
    locked while it is written.
    """
    op.execute("""
        create table chatlog.chats(
            ref bigint generated always as identity primary key,
            id text collate "C" not null unique,
            type text not null,
            encryption text not null,
            name text,
            creator_id text collate "C" not null,
            direct_key text collate "C" unique,
            created_at timestamptz not null,
            head_seq bigint not null default 0,
            roster_seq bigint not null default 0,
            last_message_seq bigint not null default 0,
            last_message_at timestamptz
        ) with (fillfactor = 70)
    """)
    op.execute("""
        create table chatlog.members(
            chat bigint not null references chatlog.chats,
            user_id text collate "C" not null,
            role smallint not null,
            joined_seq bigint not null,
            delivered_seq bigint not null,
            read_seq bigint not null,
            shared_read_seq bigint not null,
            primary key (chat, user_id)
        ) with (fillfactor = 80)
    """)
    op.execute("create index members_of_user on chatlog.members(user_id)")
    op.execute("""
        create table chatlog.log(
            chat bigint not null,
            seq bigint not null,
            timestamp timestamptz not null,
            encrypted boolean not null,
            notify boolean not null,
            kind text not null,
            type text not null,
            id text not null,
            sender_id text collate "C" not null,
            sender_device_id text,
            client_id text collate "C" not null,
            iv text,
            digest bytea not null,
            metadata json,
            content text not null,
            mls text,
            primary key (chat, seq),
            constraint log_client_id unique (client_id, chat, sender_id)
        )
    """)
    op.execute("alter table chatlog.log alter content set storage external, alter mls set storage external")
    # what a program must know to use these tables: see `check` in migrate.py
    op.execute("create table chatlog.needs(revision text not null)")
    op.execute("insert into chatlog.needs values ('0001')")
