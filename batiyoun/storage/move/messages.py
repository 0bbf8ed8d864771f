"""Moves chats and messages: chat by chat, from where an earlier try stopped, and compares what arrived."""

from __future__ import annotations

from pathlib import Path

from batiyoun.storage.move.model import Fingerprint, Moved, MovedChat, MoveFailed, Progress, Target
from batiyoun.storage.move.mongo_target import MongoTarget
from batiyoun.storage.move.postgres_target import PostgresTarget
from batiyoun.storage.move.sqlite_source import SqliteSource

PAGE = 500


def target_of(url: str) -> Target:
    """The store at that address."""
    return MongoTarget(url) if url.startswith("mongodb") else PostgresTarget(url)


async def move_messages(path: Path, url: str, *, total: Progress, progress: Progress) -> Moved:
    """Copy a log.db to the store at `url`. `total` is told how many steps there are, `progress` of each that is done.

    Raises `MoveFailed`; another call goes on where this one stopped. The file must be `held`. In the target nobody is a
    member of a chat before all of it is there.
    """
    moved = Moved({"chats": 0, "messages": 0})
    target = target_of(url)
    with SqliteSource(path) as source:
        total(2 * source.rows())  # once to copy, once to compare
        await target.open()
        try:
            if await target.ids() - source.ids():
                raise MoveFailed("The target has chats of another installation: move into an empty store.")
            for chat in source.chats():
                await _copy(source, target, chat, progress)
                moved.counts["messages"] += await _compare(source, target, chat, progress)
                await target.finish(chat)
                moved.counts["chats"] += 1
        finally:
            await target.close()
    return moved


async def _copy(source: SqliteSource, target: Target, chat: MovedChat, progress: Progress) -> None:
    at = await target.begin(chat)
    progress(min(at, chat.head_seq))
    while rows := source.page(chat, at, PAGE):
        await target.put(chat, rows)
        at = rows[-1].envelope.seq
        progress(len(rows))


async def _compare(source: SqliteSource, target: Target, chat: MovedChat, progress: Progress) -> int:
    sent, arrived = Fingerprint(), Fingerprint()
    at = 0
    while True:
        rows, there = source.page(chat, at, PAGE), await target.page(chat, at, PAGE)
        sent.add(rows)
        arrived.add(there)
        if not rows:
            break
        progress(len(rows))
        at = rows[-1].envelope.seq
    if sent.proof != arrived.proof:
        raise MoveFailed(
            f"Chat {chat.id} has {sent.count} messages here and {arrived.count} in the target, and they are not the "
            "same: the target was in use. Move into an empty store."
        )
    return sent.count
