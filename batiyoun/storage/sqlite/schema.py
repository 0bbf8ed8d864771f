"""The tables of log.db, how they came to be, and how its connections are set up."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from batiyoun.storage.sqlite.errors import StoreForeign, StoreTooNew, StoreUnwritable

#: `PRAGMA application_id`: "BATY" tells our file from others. https://www.sqlite.org/fileformat.html#application_id
APPLICATION_ID = 0x42415459

#: Applied in order, each in its own transaction; `PRAGMA user_version` counts them. Never edit one that was released.
#:
#: Chats and people are small integers inside (`ref`): index entries of 10 bytes instead of 80. `log` is a rowid table
#: with two unique indexes and none on the message id (design D4). Its `ref` grows in commit order, so one number, the
#: last synced `ref`, is the durable watermark of all chats. The clientId leads its index: clients make UUIDv7, so new
#: entries of all chats meet on the last pages instead of dirtying a page per chat, which a commit would write and sync.
#: Small columns come first: counting and measuring never touch the overflow pages of a long body. `checksum` is a
#: CRC-32 over the row (see rows.py).
MIGRATIONS: tuple[str, ...] = (
    """
    create table store(key text primary key, value integer not null) without rowid;
    insert into store values ('opened', 0), ('checkpoints', 0);

    create table people(
      ref integer primary key, id text not null unique, checksum integer not null
    );
    create table chats(
      ref integer primary key, id text not null unique, type text not null, encryption text not null, name text,
      creator integer not null, direct_key text unique, created_at integer not null, checksum integer not null
    );
    create table members(
      person integer not null, chat integer not null, role integer not null, joined_seq integer not null,
      delivered_seq integer not null, read_seq integer not null, shared_read_seq integer not null,
      checksum integer not null,
      primary key (person, chat), unique (chat, person)
    ) without rowid;
    create table log(
      ref integer primary key, chat integer not null, seq integer not null, sender integer not null,
      kind integer not null, flags integer not null, timestamp integer not null, size integer not null,
      checksum integer not null, id text not null, client_id text not null, device text, type text not null, iv text,
      digest blob not null, metadata text, content text not null, mls text,
      unique (chat, seq), unique (client_id, chat, sender)
    );
    """,
    # what was asked for when a client chose a chat's id; beside the chats, for it is looked at by retries only
    """
    create table wishes(chat integer primary key, digest blob not null, checksum integer not null);
    """,
    # the MLS groups of encrypted chats. The large description stays apart: a group is read when its chat is
    """
    create table groups(
      chat integer primary key, generation integer not null, epoch integer not null, open_from integer not null,
      leaves blob not null, checksum integer not null
    );
    create table group_infos(chat integer primary key, info blob not null, checksum integer not null);
    create table welcomes(
      ref integer primary key, id text not null unique, chat integer not null, generation integer not null,
      epoch integer not null, made_at integer not null, welcome blob not null, checksum integer not null
    );
    create index welcomes_made_at on welcomes(made_at);
    create table welcomed(
      device text not null, welcome integer not null, user text not null, primary key (device, welcome)
    ) without rowid;
    create index welcomed_welcome on welcomed(welcome);
    """,
)

PAGE_SIZE = 4096

#: in KiB: holds the hot pages of both indexes of a few thousand active chats
_WRITER_CACHE = 32 * 1024
_READER_CACHE = 8 * 1024


def connect(path: Path, *, reader: bool = False) -> sqlite3.Connection:
    """A connection in autocommit mode that any one thread at a time may use.

    `busy_timeout=0`: waiting for a lock would freeze whoever waits (design D4). `synchronous=normal`: a commit reaches
    the page cache and the syncer takes it to the disk; a checkpoint syncs the WAL before and the database after, and
    a restarted WAL gets its header synced first (https://www.sqlite.org/pragma.html#pragma_synchronous).
    """
    connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        connection.execute(f"pragma page_size={PAGE_SIZE}")
        connection.execute("pragma synchronous=normal")
        connection.execute("pragma wal_autocheckpoint=0")
        connection.execute("pragma trusted_schema=off")
        connection.execute("pragma temp_store=memory")
        # what is wiped from a chat must not stay readable in free pages
        connection.execute("pragma secure_delete=on")
        connection.execute(f"pragma cache_size=-{_READER_CACHE if reader else _WRITER_CACHE}")
        if reader:
            connection.execute("pragma query_only=on")
            connection.execute("pragma cell_size_check=on")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def use_wal(connection: sqlite3.Connection) -> None:
    """Switch the file to write-ahead logging. Raises `StoreUnwritable` where that is impossible (network disks)."""
    mode = connection.execute("pragma journal_mode=wal").fetchone()[0]
    if mode != "wal":
        raise StoreUnwritable(
            "The message log needs write-ahead logging, which this disk does not allow (network disks do not). "
            "Put BATIYOUN_DATA_DIR on a local disk."
        )


def check_version(connection: sqlite3.Connection, path: Path) -> int:
    """The version of the file, 0 for an empty one. Raises `StoreForeign`, `StoreTooNew`."""
    application = connection.execute("pragma application_id").fetchone()[0]
    version = int(connection.execute("pragma user_version").fetchone()[0])
    empty = connection.execute("select count(*) from sqlite_schema").fetchone()[0] == 0
    if application != APPLICATION_ID and not empty:
        raise StoreForeign(f"{path} is a database of something else. Move it away, or set BATIYOUN_DATA_DIR.")
    if version > len(MIGRATIONS):
        raise StoreTooNew(
            f"{path} was written by a newer Batiyoun (version {version}, this one knows {len(MIGRATIONS)}). "
            "Install that version again, or restore a backup made with this one."
        )
    return version


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the file up to the newest version, one transaction per step. Raises as `check_version`."""
    version = check_version(connection, path)
    for number, script in enumerate(MIGRATIONS[version:], version + 1):
        try:
            connection.executescript(
                f"begin immediate; {script} pragma application_id={APPLICATION_ID};"
                f" pragma user_version={number}; commit;"
            )
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute("rollback")
            raise
