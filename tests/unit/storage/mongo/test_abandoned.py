"""storage/mongo/abandoned: what a killed node was writing does not keep others out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import pymongo
import pytest
import pytest_asyncio

from batiyoun.chats.model import Appended, Chat
from batiyoun.errors import Unavailable
from batiyoun.runtime import Runtime
from batiyoun.storage.mongo import MongoChatLog
from batiyoun.storage.mongo.client import APP_NAME
from batiyoun.storage.mongo.schema import migrate_url
from tests.contracts.chat_stores import Clock, Scene, draft
from tests.harness.mongo import Mongod

#: seconds for one append: more than it takes to find out, less than MongoDB's own patience
SECONDS = 6.0


@pytest.fixture
def url(mongo: Mongod) -> str:
    return mongo.url()


@pytest_asyncio.fixture
async def scene(url: str) -> AsyncIterator[Scene]:
    await migrate_url(url)
    store = MongoChatLog(url, Runtime(), seconds=SECONDS)
    await store.open()
    yield Scene(store, Clock())
    await store.close()


@contextmanager
def left_open(url: str, chat: Chat, *, by: str) -> Iterator[None]:
    """Somebody has written to the chat in a transaction and is not heard of again."""
    with pymongo.MongoClient[dict[str, object]](url, appname=by) as client, client.start_session() as session:
        session.start_transaction()
        chats = client.get_default_database()["chats"]
        chats.update_one({"_id": chat.id}, {"$set": {"headSeq": 1}}, session=session)
        yield


async def test_what_a_node_left_open_is_undone(scene: Scene, url: str) -> None:
    chat = await scene.group()
    with left_open(url, chat, by=APP_NAME):
        outcome = await scene.one(draft(chat, "ann"))
        assert isinstance(outcome, Appended)
        assert outcome.envelope.seq == 1


async def test_what_other_programs_do_is_left_alone(scene: Scene, url: str) -> None:
    chat = await scene.group()
    with left_open(url, chat, by="another program"), pytest.raises(Unavailable):
        await scene.one(draft(chat, "ann"))
    assert isinstance(await scene.one(draft(chat, "ann")), Appended)
