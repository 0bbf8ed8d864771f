"""Fills the data directory of a server that is not running: people with sessions, and chats.

Thousands of sign-ups over HTTP would take minutes and measure nothing. Runs in a process of its own, because the log
has one writer: a request comes in on standard input, the answer goes out on standard output.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

import msgspec
from sqlalchemy import insert

from batiyoun.auth.model import Session
from batiyoun.auth.secrets import hash_token
from batiyoun.chats.model import NewChat, Role
from batiyoun.chats.service import direct_key
from batiyoun.runtime import Runtime
from batiyoun.settings import load_settings
from batiyoun.storage.messages import message_store, migrate_messages
from batiyoun.storage.redis.parts import RedisParts
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.migrate import migrate
from batiyoun.storage.sql.tables import sessions, users

#: chats that are being made at the same time share a sync
TOGETHER = 500


class Town(msgspec.Struct, frozen=True):
    """So many people, and chats as lists of people; two make a direct chat."""

    data_dir: str
    people: int
    chats: list[list[int]]
    #: where messages, accounts and sessions are kept; in the data directory when None
    messages_url: str | None = None
    database_url: str | None = None
    redis_url: str | None = None


class Laid(msgspec.Struct, frozen=True):
    """One cookie per person and one id per chat, in the order asked for."""

    cookies: list[str]
    chat_ids: list[str]


async def lay(town: Town) -> Laid:
    """Write everything; durable on return."""
    runtime = Runtime()
    settings = load_settings(
        data_dir=Path(town.data_dir), messages_url=town.messages_url, database_url=town.database_url
    )
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    ids = [runtime.new_id() for _ in range(town.people)]
    tokens = [secrets.token_urlsafe(32) for _ in ids]
    database = Database(settings.accounts_url)
    try:
        await migrate(database)
        await _people(database, ids, tokens, runtime)
    finally:
        await database.close()
    if town.redis_url is not None:
        await _sign_in(town.redis_url, ids, tokens, runtime)
    await migrate_messages(settings.messages_address)
    log = message_store(settings.messages_address, runtime, connections=4, seconds=60)
    await log.open()
    try:
        chat_ids: list[str] = []
        for start in range(0, len(town.chats), TOGETHER):
            new = [_chat([ids[at] for at in members], runtime) for members in town.chats[start : start + TOGETHER]]
            await asyncio.gather(*(log.create(chat) for chat in new))
            chat_ids += [chat.id for chat in new]
    finally:
        await log.close()
    return Laid([f"batiyoun={token}" for token in tokens], chat_ids)


async def _people(database: Database, ids: Sequence[str], tokens: Sequence[str], runtime: Runtime) -> None:
    now = runtime.utcnow()
    people = [
        {
            "id": user_id,
            "username": f"person{number}",
            "username_key": f"person{number}",
            "display_name": f"Person {number}",
            "name_key": f"person {number}",
            "email": f"person{number}@example.org",
            "email_key": f"person{number}@example.org",
            "bio": "",
            "provider": "email",
            "verified": True,
            "disabled": False,
            "created_at": now,
            "updated_at": now,
        }
        for number, user_id in enumerate(ids)
    ]
    signed_in = [
        {
            "id": runtime.new_id(),
            "token_hash": hash_token(token),
            "user_id": user_id,
            "created_at": now,
            "last_seen_at": now,
            "proved_at": now,
            "user_agent": "benchmark",
        }
        for user_id, token in zip(ids, tokens, strict=True)
    ]
    async with database.writing() as connection:
        for start in range(0, len(people), TOGETHER):
            await connection.execute(insert(users), people[start : start + TOGETHER])
            await connection.execute(insert(sessions), signed_in[start : start + TOGETHER])


async def _sign_in(redis_url: str, ids: Sequence[str], tokens: Sequence[str], runtime: Runtime) -> None:
    """Sessions in Redis, where a server with one looks for them."""

    async def nobody(_: Collection[str]) -> Collection[str]:
        return ()

    parts = RedisParts(redis_url, connections=8, timeout=30)
    store = parts.sessions(runtime, nobody)
    now = runtime.utcnow()
    try:
        for start in range(0, len(ids), TOGETHER):
            chosen = zip(ids[start : start + TOGETHER], tokens[start : start + TOGETHER], strict=True)
            made = [
                Session(runtime.new_id(), hash_token(token), user_id, None, now, now, "benchmark", now)
                for user_id, token in chosen
            ]
            await asyncio.gather(*map(store.create, made))
    finally:
        await parts.link.close()


def _chat(members: Sequence[str], runtime: Runtime) -> NewChat:
    direct = len(members) == 2
    return NewChat(
        id=runtime.new_id(),
        type="direct" if direct else "group",
        encryption="none",
        name=None if direct else "Benchmark",
        creator_id=members[0],
        roles={member: Role.OWNER if member == members[0] and not direct else Role.MEMBER for member in members},
        direct_key=direct_key(members[0], members[1], "none") if direct else None,
        created_at=runtime.utcnow(),
    )


if __name__ == "__main__":
    laid = asyncio.run(lay(msgspec.json.decode(sys.stdin.buffer.read(), type=Town)))
    sys.stdout.buffer.write(msgspec.json.encode(laid))
