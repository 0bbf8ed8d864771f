"""A family's encrypted chat on a bad day: everything that can happen to a group happens at once, on every store.

Each sender gets an answer that a client understands. Whatever else a store raises would refuse a whole batch, with the
words of people who have nothing to do with it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest_asyncio

from batiyoun.chats.groups.model import Group, Leaf, Sealed, Step
from batiyoun.chats.log import Log
from batiyoun.chats.model import Appended, Chat, Draft, Envelope, Replayed, Role, RosterChange
from batiyoun.errors import BatiyounError, ChatNotFound, ClientIdReused, EpochStale, NotInGroup
from tests.contracts.chat_stores import Clock, Scene, draft, read_all, stored
from tests.harness.message_stores import MessageStores

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
PEOPLE = ("ann", "bob", "cid", "dev")
ROUNDS = 8
#: what clients know how to go on from
EXPECTED = {ChatNotFound, ClientIdReused, EpochStale, NotInGroup}


class Day:
    """One chat, the nodes it is used from, and what came of everything."""

    def __init__(self, nodes: list[Scene], chat: Chat) -> None:
        self.chat = chat
        self.nodes = nodes
        self.logs = [Log(node.store, publish=lambda _: None) for node in nodes]
        self.answers: list[Appended | Replayed] = []
        self.refusals: Counter[type[Exception]] = Counter()
        self._turn = 0

    async def send(self, item: Draft, *, times: int = 1) -> None:
        """Send it over some node, as often as a client that hears nothing would."""
        copies = [msgspec.structs.replace(item, id=self.nodes[0].clock.new_id()) for _ in range(times)]
        await asyncio.gather(*(self._one(copy) for copy in copies))

    async def _one(self, item: Draft) -> None:
        self._turn += 1
        try:
            self.answers.append(await self.logs[self._turn % len(self.logs)].send(item))
        except BatiyounError as error:
            self.refusals[type(error)] += 1

    async def commits(self, by: str) -> None:
        """Bring the group in line with the roster from wherever it seems to stand, twice, with a Welcome."""
        store = self.nodes[PEOPLE.index(by) % len(self.nodes)].store
        for number in range(ROUNDS):
            here = await store.group(self.chat.id)
            now = await store.get(self.chat.id)
            assert now is not None
            members = sorted(now.members)
            generation, epoch = (1, -1) if here is None else here.place
            leaves = tuple(Leaf(at, who, f"{who}-phone", who.encode()) for at, who in enumerate(members))
            after = Group(generation, epoch + 1, 0, leaves)
            to = tuple((who, f"{who}-phone") for who in members if who != by)
            step = Step(None if here is None else here.place, after, b"info", b"welcome" if to else None, to)
            body = f"{by} {number} {after.place} {members}"
            item = draft(self.chat, by, body, kind="commit", step=step, client_id=f"{by} {number}", mls="Y29tbWl0")
            await self.send(item, times=2)

    async def talks(self, by: str) -> None:
        """Say something in the newest epoch, and under a clientId that a commit may have taken."""
        store = self.nodes[-1].store
        for number in range(ROUNDS):
            here = await store.group(self.chat.id)
            place = Sealed((1, 0) if here is None else here.place)
            await self.send(draft(self.chat, by, f"{by} says {number}", mls="bWxz", sealed=place), times=2)
            client_id = f"{by} {number}"
            await self.send(draft(self.chat, by, "the same name", mls="bWxz", sealed=place, client_id=client_id))

    async def comes_and_goes(self, who: str) -> None:
        """The owner takes somebody out and in again."""
        for _ in range(ROUNDS):
            for change in (RosterChange(remove=(who,)), RosterChange(add={who: Role.MEMBER})):
                await self.send(draft(self.chat, "ann", kind="system", change=change, requires=Role.ADMIN))

    async def reads_and_wipes(self, who: str) -> None:
        """Fetch what waits for a phone, let it go, and have messages wiped."""
        for number, node in enumerate(self.nodes * ROUNDS):
            for each in await node.store.welcomes(who, f"{who}-phone", since=LONG_AGO, limit=3):
                await node.store.forget_welcome(who, f"{who}-phone", each.id)
            await node.store.redact(self.chat.id, number + 1)

    async def live(self) -> list[Envelope]:
        """Everything at once; returns the log at the end of the day."""
        await asyncio.gather(
            *(self.commits(who) for who in PEOPLE),
            *(self.talks(who) for who in PEOPLE),
            *(self.comes_and_goes(who) for who in ("cid", "dev")),
            *(self.reads_and_wipes(who) for who in ("bob", "dev")),
        )
        for log in self.logs:
            await log.close()
        return await read_all(self.nodes[0].store, self.chat.id)


async def _bad_day(nodes: list[Scene]) -> None:
    for node in nodes:
        node.encryption = "mls"
    day = Day(nodes, await nodes[0].group(*PEOPLE[1:]))
    log = await day.live()
    assert day.refusals.keys() <= EXPECTED, day.refusals
    assert [envelope.seq for envelope in log] == list(range(1, len(log) + 1))
    # who was answered finds it there, and what was sent twice is there once
    told = {stored(each).seq if isinstance(each, Appended) else each.envelope.seq for each in day.answers}
    assert told == {envelope.seq for envelope in log}
    assert sum(isinstance(each, Appended) for each in day.answers) == len(log)
    epochs = [envelope for envelope in log if envelope.kind == "commit"]
    final = await nodes[0].store.group(day.chat.id)
    assert final is not None
    assert final.place == (1, len(epochs) - 1)


async def test_every_sender_gets_an_answer_that_a_client_understands(scene: Scene) -> None:
    await _bad_day([scene])


@pytest_asyncio.fixture
async def nodes(shared_stores: MessageStores, clock: Clock, tmp_path: Path) -> AsyncIterator[list[Scene]]:
    """The same store, opened by two nodes."""
    async with AsyncExitStack() as stack:
        yield [
            Scene(await stack.enter_async_context(shared_stores.opened(tmp_path, clock.runtime(), seconds=60)), clock)
            for _ in range(2)
        ]


async def test_the_same_from_two_nodes(nodes: list[Scene]) -> None:
    await _bad_day(nodes)
