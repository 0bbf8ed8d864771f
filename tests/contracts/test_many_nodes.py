"""Several nodes on one message store: what the log promises holds whoever writes. SQLite has one writer by design."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from batiyoun.chats.model import Appended, Chat, NewChat, Outcome, Receipt, Refused, Replayed, Role, RosterChange
from batiyoun.errors import ChatNotFound, Forbidden
from tests.contracts.chat_stores import Clock, Scene, draft, read_all, stored
from tests.harness.message_stores import MessageStores

NODES = 4
WRITERS = 50


@pytest_asyncio.fixture
async def nodes(shared_stores: MessageStores, clock: Clock, tmp_path: Path) -> AsyncIterator[list[Scene]]:
    """The same store, opened by four nodes."""
    async with AsyncExitStack() as stack:
        yield [
            Scene(await stack.enter_async_context(shared_stores.opened(tmp_path, clock.runtime(), seconds=30)), clock)
            for _ in range(NODES)
        ]


async def seqs_and_ids(scene: Scene, chat: Chat) -> list[tuple[str, str]]:
    """(sender, clientId) of the whole log, which has no gap and no twin."""
    log = await read_all(scene.store, chat.id)
    assert [envelope.seq for envelope in log] == list(range(1, len(log) + 1))
    names = [(envelope.sender_id, envelope.client_id) for envelope in log]
    assert len(set(names)) == len(names)
    return names


async def test_fifty_writers_leave_no_gap_and_keep_their_order(nodes: list[Scene]) -> None:
    """A hot chat and a few others, from four nodes at once; every writer sends the next after the ack of the last."""
    hot = await nodes[0].group("bob")
    quiet = [await nodes[0].direct("ann", f"friend{number}") for number in range(5)]
    places: dict[tuple[str, int], list[int]] = {}

    async def write(writer: int) -> None:
        scene = nodes[writer % NODES]
        for number in range(6):
            chats = [hot, quiet[writer % 5]]
            drafts = [draft(chat, "ann", client_id=f"{writer}.{number}") for chat in chats]
            for chat, outcome in zip(chats, await scene.store.append(drafts), strict=True):
                assert isinstance(outcome, Appended)
                places.setdefault((chat.id, writer), []).append(outcome.envelope.seq)

    await asyncio.gather(*map(write, range(WRITERS)))
    assert len(await seqs_and_ids(nodes[1], hot)) == WRITERS * 6
    assert sum([len(await seqs_and_ids(nodes[2], chat)) for chat in quiet]) == WRITERS * 6
    assert all(seen == sorted(seen) for seen in places.values())


async def test_the_same_message_on_every_node_at_once_is_one(nodes: list[Scene]) -> None:
    chat = await nodes[0].group()
    for number in range(10):
        answers = await asyncio.gather(
            *(scene.one(draft(chat, "ann", "x", client_id=f"c{number}")) for scene in nodes for _ in range(3))
        )
        assert len({(stored(answer).id, stored(answer).seq) for answer in answers}) == 1
        assert sum(isinstance(answer, Appended) for answer in answers) == 1
    assert len(await seqs_and_ids(nodes[0], chat)) == 10


async def test_one_of_fifty_compare_and_sets_succeeds(nodes: list[Scene]) -> None:
    """The owner hands the group to fifty people at once: the first takes it, and then ann is no owner any more."""
    heirs = [f"heir{number}" for number in range(WRITERS)]
    chat = await nodes[0].group(*heirs)
    for scene in nodes:  # all of them remember the roster
        await scene.say(chat, "ann", "hello")

    async def hand_over(number: int) -> Outcome:
        change = RosterChange(roles={heirs[number]: Role.OWNER, "ann": Role.ADMIN})
        return await nodes[number % NODES].one(draft(chat, "ann", requires=Role.OWNER, change=change))

    outcomes = await asyncio.gather(*map(hand_over, range(WRITERS)))
    assert sum(isinstance(outcome, Appended) for outcome in outcomes) == 1
    refused = [outcome.error for outcome in outcomes if isinstance(outcome, Refused)]
    assert all(isinstance(error, Forbidden) for error in refused)
    now = await nodes[0].store.get(chat.id)
    assert now is not None
    owners = [user for user, member in now.members.items() if member.role is Role.OWNER]
    assert len(owners) == 1
    assert now.members["ann"].role is Role.ADMIN
    assert len(await seqs_and_ids(nodes[0], chat)) == NODES + 1


async def test_a_direct_chat_that_all_make_at_once_is_one(nodes: list[Scene]) -> None:
    scene = nodes[0]
    wishes = [
        NewChat(
            id=scene.clock.new_id(),
            type="direct",
            encryption="none",
            name=None,
            creator_id="ann",
            roles={"ann": Role.MEMBER, "bob": Role.MEMBER},
            direct_key="ann:bob",
            created_at=scene.clock.runtime().utcnow(),
        )
        for _ in range(WRITERS)
    ]
    made = await asyncio.gather(
        *(node.store.create(wish) for node, wish in zip(itertools.cycle(nodes), wishes, strict=False))
    )
    assert len({chat.id for chat, _ in made}) == 1
    assert [new for _, new in made].count(True) == 1


class TestRostersThatOthersRemember:
    async def test_who_was_removed_elsewhere_is_refused_at_once(self, nodes: list[Scene]) -> None:
        chat = await nodes[0].group("bob")
        await nodes[1].say(chat, "bob", "here")
        await nodes[0].one(draft(chat, "ann", "kick", change=RosterChange(remove=("bob",))))
        refused = await nodes[1].one(draft(chat, "bob", "still here"))
        assert isinstance(refused, Refused)
        assert isinstance(refused.error, ChatNotFound)
        assert await nodes[2].bodies(chat) == ["here", "kick"]

    async def test_who_was_added_elsewhere_may_write_at_once(self, nodes: list[Scene]) -> None:
        chat = await nodes[0].group()
        assert isinstance(await nodes[1].one(draft(chat, "bob", "too early")), Refused)
        await nodes[0].one(draft(chat, "ann", "add", change=RosterChange(add={"bob": Role.MEMBER})))
        assert isinstance(await nodes[1].one(draft(chat, "bob", "in time")), Appended)
        assert isinstance(await nodes[1].one(draft(chat, "bob", "no admin", requires=Role.ADMIN)), Refused)
        await nodes[2].one(draft(chat, "ann", "raise", change=RosterChange(roles={"bob": Role.ADMIN})))
        assert isinstance(await nodes[1].one(draft(chat, "bob", "admin", requires=Role.ADMIN)), Appended)

    async def test_nothing_of_theirs_follows_their_removal(self, nodes: list[Scene]) -> None:
        """Sends and kicks race on all nodes; the log itself shows that nobody wrote while they were out."""
        chat = await nodes[0].group("bob")
        stop = asyncio.Event()
        accepted = 0

        async def send(scene: Scene) -> None:
            nonlocal accepted
            while not stop.is_set():
                outcomes = await scene.store.append([draft(chat, "bob"), draft(chat, "bob")])
                accepted += sum(isinstance(outcome, Appended) for outcome in outcomes)

        async def govern(scene: Scene) -> None:
            for _ in range(12):
                await scene.one(draft(chat, "ann", "remove", change=RosterChange(remove=("bob",))))
                await asyncio.sleep(0.01)
                await scene.one(draft(chat, "ann", "add", change=RosterChange(add={"bob": Role.MEMBER})))
                await asyncio.sleep(0.02)
            stop.set()

        await asyncio.gather(*map(send, nodes[1:]), govern(nodes[0]))
        inside = True
        for envelope in await read_all(nodes[3].store, chat.id):
            if envelope.sender_id == "ann":
                inside = envelope.content == "add"
            else:
                assert inside, envelope.seq
        assert accepted == [name for name, _ in await seqs_and_ids(nodes[0], chat)].count("bob")
        assert accepted > 0

    async def test_a_retry_on_another_node_after_the_removal_is_answered(self, nodes: list[Scene]) -> None:
        chat = await nodes[0].group("bob")
        [said] = await nodes[0].say(chat, "bob", "bye", client_id="c")
        await nodes[1].one(draft(chat, "bob", "left", change=RosterChange(remove=("bob",))))
        assert await nodes[2].one(draft(chat, "bob", "bye", client_id="c")) == Replayed(said)


async def test_receipts_from_several_devices_only_move_forward(nodes: list[Scene]) -> None:
    chat = await nodes[0].group("bob")
    await nodes[0].say(chat, "ann", *map(str, range(40)))
    places = list(range(1, 41))

    async def read(number: int) -> None:
        order = places[number % len(places) :] + places[: number % len(places)]
        for seq in order[::5]:
            await nodes[number % NODES].store.advance([Receipt(chat.id, "bob", seq, read=bool(number % 2))])

    await asyncio.gather(*map(read, range(16)), nodes[1].store.advance([Receipt(chat.id, "bob", 40, read=True)]))
    now = await nodes[3].store.get(chat.id)
    assert now is not None
    bob = now.members["bob"]
    assert (bob.delivered_seq, bob.read_seq, bob.shared_read_seq) == (40, 40, 40)


@pytest.mark.parametrize("node", range(NODES))
async def test_what_one_node_stored_every_node_reads(nodes: list[Scene], node: int) -> None:
    chat = await nodes[node].group("bob", name="here")
    [envelope] = await nodes[node].say(chat, "ann", "words", message_id=nodes[0].clock.new_id())
    for scene in nodes:
        assert await read_all(scene.store, chat.id) == [envelope]
        assert await scene.store.locate("bob", envelope.id) == envelope
        assert await scene.store.heads([chat.id, "no-such-chat"]) == {chat.id: 1}
        [(found, last, unread)] = await scene.store.list_of("bob", limit=5, before=None)
        assert (found.id, last, unread) == (chat.id, envelope, 1)
