"""Fills a message store with a chat of many messages, past the log: sending ten million would take hours.

The rows are what the adapters write, made by their own functions; only the transactions are larger.
"""

from __future__ import annotations

import base64
import random
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from batiyoun.chats.model import Chat, Draft, NewChat, Role
from batiyoun.runtime import Runtime, to_millis
from batiyoun.storage.messages import message_store, migrate_messages

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

SENDER, OTHER = "asha", "bala"
#: characters of a message's body; so many different ones
CONTENT, BODIES = 200, 1_000
#: rows that are written at once
AT_ONCE = 20_000


async def fill(url: str, sizes: Sequence[int]) -> list[str]:
    """Make chats with so many messages, with a progress bar on standard error; returns their ids."""
    await migrate_messages(url)
    runtime = Runtime()
    store = message_store(url, runtime, connections=2, seconds=60)
    await store.open()
    try:
        chats = [await _chat(store.create, runtime) for _ in sizes]
    finally:
        await store.close()
    write = _into_sqlite if url.startswith("sqlite") else _into_mongo if url.startswith("mongodb") else _into_postgres
    with click.progressbar(length=sum(sizes), label=url.partition(":")[0].ljust(10), file=sys.stderr) as bar:
        for chat, size in zip(chats, sizes, strict=True):
            await write(url, chat, _drafts(chat.id, size, runtime), bar)
    return [chat.id for chat in chats]


async def _chat(create: Any, runtime: Runtime) -> Chat:
    roles = {SENDER: Role.OWNER, OTHER: Role.MEMBER}
    chat, _ = await create(
        NewChat(runtime.new_id(), "group", "none", "Benchmark", SENDER, roles, None, runtime.utcnow())
    )
    made: Chat = chat
    return made


def _drafts(chat_id: str, size: int, runtime: Runtime) -> Iterator[list[Draft]]:
    chance = random.Random(7)
    bodies = [base64.b64encode(chance.randbytes(CONTENT * 3 // 4)).decode() for _ in range(BODIES)]
    made = (
        Draft(
            id=runtime.new_id(),
            chat_id=chat_id,
            sender_id=SENDER,
            sender_device_id=None,
            client_id=runtime.new_id(),
            kind="message",
            type="text",
            content=bodies[number % BODIES],
            iv=None,
            encrypted=True,
            mls=None,
            metadata={},
            notify=True,
            digest=bytes(16),
        )
        for number in range(size)
    )
    while piece := list(islice(made, AT_ONCE)):
        yield piece


async def _into_sqlite(url: str, chat: Chat, drafts: Iterator[list[Draft]], bar: ProgressBar[int]) -> None:
    from batiyoun.storage.sqlite.rows import INSERT, to_row  # noqa: PLC0415

    millis = to_millis(Runtime().utcnow())
    with closing(sqlite3.connect(Path(url.removeprefix("sqlite:///")), isolation_level=None)) as db:
        db.execute("pragma synchronous=off")
        number = db.execute("select ref from chats where id = ?", (chat.id,)).fetchone()[0]
        person = db.execute("select ref from people where id = ?", (SENDER,)).fetchone()[0]
        refs = count(db.execute("select coalesce(max(ref), 0) + 1 from log").fetchone()[0])
        seqs = count(1)
        for piece in drafts:
            db.execute("begin")
            db.executemany(INSERT, [to_row(d, next(refs), number, next(seqs), person, millis) for d in piece])
            db.execute("commit")
            bar.update(len(piece))


async def _into_postgres(url: str, chat: Chat, drafts: Iterator[list[Draft]], bar: ProgressBar[int]) -> None:
    from batiyoun.storage.postgres.pool import connect  # noqa: PLC0415

    now = Runtime().utcnow()
    columns = [
        "chat", "seq", "timestamp", "id", "sender_id", "client_id", "kind", "type", "content", "encrypted", "notify",
        "digest",
    ]  # fmt: skip
    connection = await connect(url, statement_seconds=0)
    try:
        ref = await connection.fetchval("select ref from chatlog.chats where id = $1", chat.id)
        seqs = count(1)
        last = 0
        for piece in drafts:
            records = [
                (ref, last := next(seqs), now, d.id, d.sender_id, d.client_id, d.kind, d.type, d.content, d.encrypted,
                 d.notify, d.digest)
                for d in piece
            ]  # fmt: skip
            await connection.copy_records_to_table("log", schema_name="chatlog", columns=columns, records=records)
            bar.update(len(piece))
        await connection.execute(
            "update chatlog.chats set head_seq = $2, last_message_seq = $2, last_message_at = $3 where ref = $1",
            ref, last, now,
        )  # fmt: skip
        await connection.execute("vacuum analyze")
    finally:
        await connection.close()


async def _into_mongo(url: str, chat: Chat, drafts: Iterator[list[Draft]], bar: ProgressBar[int]) -> None:
    from batiyoun.storage.mongo.client import Mongo  # noqa: PLC0415
    from batiyoun.storage.mongo.documents import to_document  # noqa: PLC0415

    now = Runtime().utcnow()
    mongo = Mongo(url, connections=2, seconds=600)
    try:
        seqs = count(1)
        last: dict[str, Any] = {}
        for piece in drafts:
            documents = [to_document(draft, next(seqs), now) for draft in piece]
            await mongo.messages.insert_many(documents, ordered=False)
            last = documents[-1]
            bar.update(len(piece))
        shown = {
            "headSeq": last["seq"],
            "lastMessage": last["_id"],
            "lastMessageSeq": last["seq"],
            "lastMessageAt": now,
        }
        await mongo.chats.update_one({"_id": chat.id}, {"$set": shown})
    finally:
        await mongo.close()
