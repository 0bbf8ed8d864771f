"""storage/mongo/schema.py: collections and indexes, made however often, and a server that can keep promises."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from batiyoun.runtime import Runtime
from batiyoun.storage.errors import StoreOutdated, StoreTooNew, StoreUnfit, StoreUnusable
from batiyoun.storage.mongo import MongoChatLog
from batiyoun.storage.mongo.schema import STEPS, migrate_url
from tests.harness.mongo import Mongod


@pytest.fixture
def name() -> str:
    """Of a database that is not there."""
    return Mongod.database()


@pytest.fixture
def url(mongo: Mongod, name: str) -> str:
    return mongo.url(name)


@pytest.fixture(scope="module")
def standalone() -> Iterator[Mongod]:
    """A server that is no member of a set."""
    with Mongod(members=0) as running:
        yield running


async def opens(url: str, seconds: float = 5) -> None:
    store = MongoChatLog(url, Runtime(), seconds=seconds)
    await store.open()
    await store.close()


def change_version(mongo: Mongod, name: str, **values: int) -> None:
    with mongo.primary().client() as client:
        client[name]["schema"].update_one({"_id": "messages"}, {"$set": values})


async def test_once_however_often_and_by_many_at_once(url: str) -> None:
    await asyncio.gather(*(migrate_url(url) for _ in range(4)))
    assert await migrate_url(url) == (len(STEPS), len(STEPS))
    await opens(url)


async def test_every_unique_index_begins_with_the_chat_so_that_it_can_be_sharded(
    mongo: Mongod, url: str, name: str
) -> None:
    await migrate_url(url)
    with mongo.primary().client() as client:
        for collection in ("messages", "members", "chats", "directs"):
            unique: list[dict[str, Any]] = [
                index for index in client[name][collection].index_information().values() if index.get("unique")
            ]
            assert bool(unique) == (collection in {"messages", "members"})
            assert all(index["key"][0][0] == "chatId" for index in unique)


async def test_an_empty_database_is_refused_with_the_way_out(url: str) -> None:
    with pytest.raises(StoreOutdated, match="batiyoun migrate"):
        await opens(url)


async def test_a_standalone_server_is_refused_with_the_way_out(standalone: Mongod) -> None:
    for use in (opens, migrate_url):
        with pytest.raises(StoreUnfit, match="--replSet"):
            await use(standalone.url())


async def test_old_nodes_go_on_until_they_are_too_old(mongo: Mongod, url: str, name: str) -> None:
    await migrate_url(url)
    change_version(mongo, name, version=99)
    await opens(url)
    assert await migrate_url(url) == (99, 99)
    change_version(mongo, name, needs=98)
    with pytest.raises(StoreTooNew, match="98"):
        await opens(url)


async def test_a_server_that_is_not_there_is_named_with_its_setting() -> None:
    with pytest.raises(StoreUnusable, match="BATIYOUN_MESSAGES_URL"):
        await opens("mongodb://127.0.0.1:1/x", seconds=0.5)
