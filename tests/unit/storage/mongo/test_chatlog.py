"""storage/mongo: what is particular to MongoDB. What every store promises is in the contract suites."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest
import pytest_asyncio
from pymongo import AsyncMongoClient
from pymongo.errors import AutoReconnect, OperationFailure

from batiyoun.chats.model import Appended, Refused, Replayed, Role, RosterChange
from batiyoun.errors import InvalidInput, Unavailable
from batiyoun.runtime import uuid7
from batiyoun.storage.mongo import MongoChatLog, client
from batiyoun.storage.mongo.lanes import LANES, _Lane, lane_of
from batiyoun.storage.mongo.schema import migrate_url
from batiyoun.storage.shared.batch import Batch
from tests.contracts.chat_stores import Clock, Scene, draft, read_all, stored
from tests.harness.mongo import Mongod


@pytest.fixture
def name() -> str:
    return Mongod.database()


@pytest_asyncio.fixture
async def store(mongo: Mongod, name: str) -> AsyncIterator[MongoChatLog]:
    await migrate_url(mongo.url(name))
    opened = MongoChatLog(mongo.url(name), Clock().runtime())
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def scene(store: MongoChatLog) -> Scene:
    return Scene(store, Clock())


async def test_documents_have_the_fields_that_others_read(scene: Scene, mongo: Mongod, name: str) -> None:
    """The schemas that the project began with; what was added stands beside them."""
    chat = await scene.group("bob")
    metadata = {"fileName": "a.pdf", "fileSize": 12, "mimeType": "application/pdf"}
    [envelope] = await scene.say(chat, "ann", "Y2lwaGVydGV4dA==", type_="file", metadata=metadata)
    with mongo.primary().client() as direct:
        message: dict[str, Any] = direct[name]["messages"].find_one() or {}
        found: dict[str, Any] = direct[name]["chats"].find_one() or {}
    kinds = {
        "_id": str, "chatId": str, "senderId": str, "content": str, "iv": str, "encrypted": bool, "type": str,
        "metadata": dict, "timestamp": datetime,
    }  # fmt: skip
    assert {field: type(message[field]) for field in kinds} == kinds
    assert (message["_id"], message["metadata"]) == (envelope.id, metadata)
    kinds = {"_id": str, "type": str, "participants": list, "lastMessage": str, "lastMessageAt": datetime}
    assert {field: type(found[field]) for field in kinds} == kinds
    assert (found["participants"], found["lastMessage"]) == (["ann", "bob"], envelope.id)
    assert isinstance(found["createdAt"], datetime)


async def test_participants_follow_the_roster(scene: Scene, mongo: Mongod, name: str) -> None:
    chat = await scene.group("bob")
    change = RosterChange(add={"cid": Role.MEMBER}, remove=("bob",))
    await scene.one(draft(chat, "ann", change=change))
    with mongo.primary().client() as direct:
        found: dict[str, Any] = direct[name]["chats"].find_one() or {}
    assert found["participants"] == ["ann", "cid"]


@pytest.mark.parametrize("metadata", [{"key": "\ud800"}, {"key": 2**70}, {"nul\0": 1}])
async def test_what_mongodb_cannot_hold_is_refused_alone(scene: Scene, metadata: dict[str, Any]) -> None:
    chat = await scene.group()
    bad = draft(chat, "ann", "bad", metadata=metadata)
    outcomes = await scene.store.append([draft(chat, "ann", "1"), bad, draft(chat, "ann", "2")])
    assert isinstance(outcomes[1], Refused)
    assert isinstance(outcomes[1].error, InvalidInput)
    assert await scene.bodies(chat) == ["1", "2"]


async def test_names_that_look_like_operators_are_names(scene: Scene) -> None:
    chat = await scene.group()
    [envelope] = await scene.say(chat, "ann", "$where", metadata={"$gt": "", "a.b": {"$ne": None}})
    assert await read_all(scene.store, chat.id) == [envelope]
    assert await scene.store.get('{"$ne": null}') is None


async def test_a_commit_whose_answer_was_lost_counts_once(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the driver makes of it: what was committed is found, is ours, and is not written again."""
    chat = await scene.group("bob")
    real = client._commit
    lost = False

    async def lossy(session: client.Session) -> None:
        nonlocal lost
        await real(session)
        if not lost:
            lost = True
            raise AutoReconnect("the answer was lost")

    monkeypatch.setattr(client, "_commit", lossy)
    change = RosterChange(add={"cid": Role.ADMIN}, remove=("bob",))
    outcomes = await scene.store.append([draft(chat, "ann", "1"), draft(chat, "ann", "2", change=change)])
    assert lost
    assert [type(outcome) for outcome in outcomes] == [Appended, Appended]
    assert outcomes[1] == Appended(stored(outcomes[1]), change)
    assert [stored(outcome) for outcome in outcomes] == await read_all(scene.store, chat.id)
    now = await scene.store.get(chat.id)
    assert now is not None
    assert set(now.members) == {"ann", "cid"}


async def test_a_chat_whose_answer_was_lost_is_ours_and_new(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    real = client._commit
    lost = False

    async def lossy(session: client.Session) -> None:
        nonlocal lost
        await real(session)
        if not lost:
            lost = True
            raise AutoReconnect("the answer was lost")

    monkeypatch.setattr(client, "_commit", lossy)
    chat = await scene.direct("ann", "bob")
    assert lost
    assert set(chat.members) == {"ann", "bob"}


def test_lanes_are_even_and_the_same_on_every_node() -> None:
    lanes = Counter(lane_of(uuid7()) for _ in range(4_000))
    assert set(lanes) == set(range(LANES))
    assert min(lanes.values()) > 800
    assert lane_of("0192f0aa-0000-7000-8000-000000000000") == 1
    assert lane_of("\ud800") in range(LANES)


class TestAlone:
    """Which chats leave their lane."""

    def lane(self) -> _Lane:
        return _Lane(Batch(enumerate(draft(chat_id, "ann") for chat_id in "abc")))

    def test_a_chat_that_others_write_meanwhile_goes_alone(self) -> None:
        lane = self.lane()
        for head in range(3):
            assert lane.contested() == set()
            lane.saw({"a": 5, "b": 10 + head, "c": 7})
        assert lane.contested() == {"b"}

    def test_after_many_attempts_everybody_does(self) -> None:
        lane = self.lane()
        lane.batch.attempts = 6
        assert lane.contested() == set("abc")

    def test_one_that_is_alone_stays_so(self) -> None:
        lane = _Lane(Batch([(0, draft("a", "ann"))]))
        lane.batch.attempts = 50
        assert lane.contested() == set()


async def test_writers_of_one_node_do_not_undo_each_other(
    scene: Scene, store: MongoChatLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = await scene.group()
    tries = 0
    attempt = store._lanes._attempt

    async def counted(lane: _Lane) -> None:
        nonlocal tries
        tries += 1
        await attempt(lane)

    monkeypatch.setattr(store._lanes, "_attempt", counted)
    outcomes = await asyncio.gather(*(scene.one(draft(chat, "ann", f"{number}")) for number in range(20)))
    assert all(isinstance(outcome, Appended) for outcome in outcomes)
    assert tries == 20
    assert await scene.bodies(chat) == [f"{number}" for number in range(20)], "in the order they came"


async def test_a_conflict_with_another_node_is_tried_again(scene: Scene, store: MongoChatLog) -> None:
    """Another transaction holds the chat while ours wants it."""
    chat = await scene.group()
    mongo = store._mongo
    async with mongo.transaction() as session:
        await mongo.chats.update_one({"_id": chat.id}, {"$set": {"headSeq": 0, "note": 1}}, session=session)
        sending = asyncio.create_task(scene.one(draft(chat, "ann", client_id="c")))
        await asyncio.sleep(0.1)
        assert not sending.done()
    assert isinstance(await sending, Appended)
    assert isinstance(await scene.one(draft(chat, "ann", client_id="c")), Replayed)


async def test_what_is_in_the_way_does_not_count_against_the_server(scene: Scene, mongo: Mongod, name: str) -> None:
    """A transaction of another program, which is not undone: this chat waits, the others and the node are well."""
    chat, other = await scene.group("bob"), await scene.group("bob")
    url = mongo.url(name)
    impatient = MongoChatLog(url, Clock().runtime(), seconds=0.7)
    await impatient.open()
    another: AsyncMongoClient[Any] = AsyncMongoClient(url, appname="another")
    async with another as stranger, stranger.start_session() as session:
        await session.start_transaction()
        await stranger[name]["chats"].update_one({"_id": chat.id}, {"$set": {"headSeq": 9}}, session=session)
        for _ in range(3):
            stuck, fine = await impatient.append([draft(chat, "ann", "1"), draft(other, "ann", "2")])
            assert isinstance(stuck, Refused)
            assert isinstance(stuck.error, Unavailable)
            assert isinstance(fine, Appended)
        assert not impatient._writing.lost
        await session.abort_transaction()
    assert isinstance((await impatient.append([draft(chat, "ann", "3")]))[0], Appended)
    await impatient.close()


async def test_a_full_disk_is_said_to_be_one_and_reading_goes_on(
    scene: Scene, store: MongoChatLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = await scene.group()
    await scene.say(chat, "ann", "before")

    async def full(*_: Any) -> Any:
        raise OperationFailure("No space left on device", code=14031)

    with monkeypatch.context() as patched:
        patched.setattr(store._lanes, "_write", full)
        for _ in range(3):
            with pytest.raises(Unavailable):
                await scene.one(draft(chat, "ann", "lost"))
        assert await scene.bodies(chat) == ["before"]
    await asyncio.sleep(1.1)  # it is tried again after a second
    assert await store.ready()
    await scene.say(chat, "ann", "after")
    assert await scene.bodies(chat) == ["before", "after"]
