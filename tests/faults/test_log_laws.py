"""The laws of the log under any interleaving of sends, retries, crashes and readers (reliability.md, criterion P).

1. what was acknowledged is in the log; 2. one (sender, clientId) has one id, and a retry returns it; 3. every member's
timeline, made of what was published and of fetches, equals the log; 4. what was acknowledged before another was sent
comes before it; 5. what was refused never appears; 6. nobody sends, hears or reads outside of their membership.
"""

from __future__ import annotations

import asyncio
import itertools
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from batiyoun.chats.log import Log
from batiyoun.chats.model import Appended, Chat, Draft, Envelope, Outcome, Refused, Role, RosterChange
from batiyoun.errors import BatiyounError, ChatNotFound, ClientIdReused, Forbidden
from batiyoun.runtime import Runtime
from batiyoun.storage.messages import MessageStore
from tests.contracts.chat_stores import START, Clock, Scene, draft, read_all
from tests.faults.lives import FileLives, Lives, ServerLives
from tests.harness.message_stores import stores_of

PEOPLE = ["ann", "bob", "cid", "dan"]


@dataclass(frozen=True)
class Send:
    """`who` sends message `number` to `chat`; the same number again is a retry, an honest one if `body` is the same."""

    who: str
    chat: int
    number: int
    body: int = 0


@dataclass(frozen=True)
class Change:
    """`who` adds or removes `whom`, or makes them an admin."""

    who: str
    chat: int
    whom: str
    what: str


@dataclass(frozen=True)
class Step:
    """`turn`: the loop turns; `settle`: everything is answered; `hold`, `let`: the disk; `read`; `crash`; `restart`."""

    what: str


sends = st.builds(Send, st.sampled_from(PEOPLE), st.integers(0, 1), st.integers(0, 4), st.sampled_from([0, 0, 0, 1]))
changes = st.builds(
    Change,
    st.sampled_from(PEOPLE[:2]),
    st.integers(0, 1),
    st.sampled_from(PEOPLE),
    st.sampled_from(["add", "remove", "raise"]),
)
steps = st.builds(Step, st.sampled_from(["turn", "turn", "settle", "hold", "let", "read", "read", "crash", "restart"]))
stories = st.lists(st.one_of(sends, sends, sends, changes, steps), max_size=60)


@dataclass
class Timeline:
    """What one member's client shows of one chat: live envelopes in order, fetched ones where there is a gap."""

    cursor: int
    shown: list[Envelope] = field(default_factory=list)

    def hear(self, envelope: Envelope) -> None:
        """A live envelope counts only when it is the next; a gap is left to the next fetch."""
        if envelope.seq == self.cursor + 1:
            self.shown.append(envelope)
            self.cursor = envelope.seq


@dataclass
class Told:
    """What a sender knows of a draft."""

    item: Draft
    #: how many acknowledgements there had been when it was sent
    sent_after: int
    outcome: Outcome | None = None
    #: its own place among the acknowledgements
    acked_as: int | None = None


_worlds = itertools.count()


class World:
    """Two chats, their people, and a server that crashes."""

    def __init__(self, lives: Callable[[Runtime], Lives]) -> None:
        self.life = 0
        # ids come from the time, and worlds may share a store
        self.clock = Clock(START + 3_600 * next(_worlds))
        self.lives = lives(self.clock.runtime())
        self.answered = asyncio.Event()
        self.told: list[Told] = []
        self.acks = 0
        self.timelines: dict[tuple[str, str], Timeline] = {}
        self.roster: dict[str, set[str]] = {}
        self.chats: list[Chat] = []

    @property
    def store(self) -> MessageStore:
        """The store of this life."""
        return self.lives.store

    async def start(self) -> None:
        """A server on what the last one left."""
        await self.lives.start()
        self.log = Log(self.store, publish=self.publish, max_rows=5)

    async def stop(self) -> None:
        """SIGTERM: everything waiting is answered first."""
        self.lives.let()
        await self.log.close()
        await self.store.close()

    async def crash(self) -> None:
        """kill -9: the store stays as it is, everything in memory is gone, nobody is told anything."""
        await self.lives.crash()
        for told in self.told:
            if told.outcome is None:
                told.outcome = Refused(Lost())
        self.log._publish = lambda _: None
        await self.stop()
        self.life += 1
        await self.start()
        # people reconnect: their timelines go on from their cursors, the hub has the roster from the store
        for chat in self.chats:
            now = await self.store.get(chat.id)
            assert now is not None
            self.roster[chat.id] = set(now.members)

    def publish(self, appended: Sequence[Appended]) -> None:
        """The hub: to the members at this point of the log."""
        for item in appended:
            envelope, change = item.envelope, item.change
            members = self.roster[envelope.chat_id]
            if change is not None:
                members |= set(change.add)
                for who in change.add:
                    self.timelines[who, envelope.chat_id] = Timeline(envelope.seq - 1)
            for who in members:
                self.timelines[who, envelope.chat_id].hear(envelope)
            if change is not None:
                members -= set(change.remove)

    def send(self, item: Draft) -> None:
        """Send and remember what is said about it."""
        told = Told(item, self.acks)
        self.told.append(told)

        def done(outcome: Outcome) -> None:
            if told.outcome is not None:
                return  # its process is dead: nobody hears this
            told.outcome = outcome
            self.answered.set()
            if not isinstance(outcome, Refused):
                self.acks += 1
                told.acked_as = self.acks

        self.log.append(item, done)

    async def settle(self) -> None:
        """Until everybody has an answer."""
        self.lives.let()
        while any(told.outcome is None for told in self.told):
            self.answered.clear()
            await self.answered.wait()

    async def fetch(self) -> None:
        """Every member fetches what they miss, while live envelopes go on coming."""
        for chat in self.chats:
            now = await self.store.get(chat.id)
            assert now is not None
            for who, member in now.members.items():
                timeline = self.timelines.get((who, chat.id))
                if timeline is None or timeline.cursor < member.joined_seq:
                    timeline = self.timelines[who, chat.id] = Timeline(member.joined_seq)
                for envelope in await read_all(self.store, chat.id, floor=timeline.cursor, step=3):
                    assert envelope.seq <= timeline.cursor + 1
                    timeline.hear(envelope)


class Lost(BatiyounError):
    """The connection broke before the answer came."""


async def tell(world: World, story: list[Any]) -> None:
    """Live the story, to its end."""
    await world.start()
    scene = Scene(world.store, world.clock)
    world.chats = [await scene.group("bob", "cid", name=str(number)) for number in range(2)]
    for chat in world.chats:
        world.roster[chat.id] = set(chat.members)
        world.timelines.update({(who, chat.id): Timeline(0) for who in chat.members})
    for number, part in enumerate(story):
        match part:
            case Send(who, chat_number, message, body):
                chat = world.chats[chat_number]
                world.send(draft(chat, who, f"{who}{message}.{body}", client_id=f"c{message}"))
            case Change(who, chat_number, whom, what):
                change = {
                    "add": RosterChange(add={whom: Role.MEMBER}),
                    "remove": RosterChange(remove=(whom,)) if whom != "ann" else RosterChange(),
                    "raise": RosterChange(roles={whom: Role.ADMIN}),
                }[what]
                item = draft(
                    world.chats[chat_number],
                    who,
                    f"{what} {whom}",
                    client_id=f"change{number}",
                    kind="system",
                    requires=Role.ADMIN,
                    change=change,
                )
                world.send(item)
            case Step("turn"):
                await asyncio.sleep(0)
            case Step("settle"):
                await world.settle()
            case Step("hold"):
                world.lives.hold()
            case Step("let"):
                world.lives.let()
                await asyncio.sleep(0.001)
            case Step("read"):
                world.lives.let()
                await world.fetch()
            case Step("crash"):
                await world.crash()
            case Step("restart"):
                await world.settle()
                await world.stop()
                await world.start()
    await world.settle()
    if not world.life:
        # what was published tells the whole roster
        now = [await world.store.get(chat.id) for chat in world.chats]
        assert world.roster == {chat.id: set(chat.members) for chat in now if chat}
    await world.fetch()


async def check_laws(world: World) -> None:
    """Criterion P."""
    logs = {chat.id: await read_all(world.store, chat.id) for chat in world.chats}
    for chat_id, log in logs.items():
        assert [envelope.seq for envelope in log] == list(range(1, len(log) + 1))
        check_membership(log)
        for who in world.roster[chat_id]:
            # 3: what a member has on the screen is the log from where they came in
            timeline = world.timelines[who, chat_id]
            assert timeline.shown == log[len(log) - len(timeline.shown) :]
            assert timeline.cursor == len(log)

    by_key = {(chat_id, e.sender_id, e.client_id): e for chat_id, log in logs.items() for e in log}
    assert len(by_key) == sum(map(len, logs.values()))
    attempts: dict[Key, list[Told]] = {}
    for told in world.told:
        attempts.setdefault((told.item.chat_id, told.item.sender_id, told.item.client_id), []).append(told)
    for key, tries in attempts.items():
        check_answers(by_key.get(key), tries)
    for log in logs.values():
        check_order(log, attempts)


Key = tuple[str, str, str]


def check_answers(stored: Envelope | None, tries: list[Told]) -> None:
    """1, 2 and 5: what the answers to one clientId say is what the log says."""
    for told in tries:
        assert told.outcome is not None
        if not isinstance(told.outcome, Refused):
            assert stored == told.outcome.envelope
            assert stored.content == told.item.content
        elif isinstance(told.outcome.error, ClientIdReused):
            assert stored is not None
            assert stored.content != told.item.content
        elif isinstance(told.outcome.error, ChatNotFound | Forbidden):
            # who has left may still learn that it was stored
            acked = [each.acked_as for each in tries if each.item.content == told.item.content and each.acked_as]
            assert not any(each <= told.sent_after for each in acked)
        else:
            assert isinstance(told.outcome.error, Lost)
    if stored is not None:
        mine = [told.outcome for told in tries if told.item.content == stored.content]
        assert any(not isinstance(outcome, Refused) or isinstance(outcome.error, Lost) for outcome in mine)


def check_order(log: list[Envelope], attempts: dict[Key, list[Told]]) -> None:
    """4: what stands earlier in the log was not sent after the ack of what stands later."""
    never = 1 << 30
    sent, acked = [], []
    for envelope in log:
        tries = attempts[envelope.chat_id, envelope.sender_id, envelope.client_id]
        tries = [told for told in tries if told.item.content == envelope.content]
        sent.append(min(told.sent_after for told in tries))
        acked.append(min((told.acked_as for told in tries if told.acked_as is not None), default=never))
    for later in range(len(log)):
        assert all(sent[earlier] < acked[later] for earlier in range(later))


def check_membership(log: list[Envelope]) -> None:
    """6: at every place of the log the sender was a member, and an admin where that was required."""
    roles = {"ann": 3, "bob": 1, "cid": 1}
    for envelope in log:
        assert envelope.sender_id in roles
        if envelope.kind == "system":
            assert roles[envelope.sender_id] >= Role.ADMIN
            what, whom = envelope.content.split()
            if what == "add":
                roles.setdefault(whom, 1)
            elif what == "remove" and whom != "ann":
                roles.pop(whom, None)
            elif what == "raise" and whom in roles:
                roles[whom] = 2


async def live(story: list[Any], lives: Callable[[Runtime], Lives]) -> None:
    """One life of the world."""
    world = World(lives)
    await tell(world, story)
    await check_laws(world)
    await world.stop()
    event(f"crashes: {min(world.life, 3)}")


def run_on_files(story: list[Any]) -> None:
    """On SQLite, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(live(story, partial(FileLives, Path(folder))))


@pytest.fixture(scope="module", params=["postgresql", "mongodb"])
def url(request: pytest.FixtureRequest) -> str:
    """A store for all stories: each looks at its own chats only."""
    return asyncio.run(stores_of(request.param, request).url(Path()))


few = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
many = settings(few, max_examples=3_000)


@settings(few, max_examples=60)
@given(stories)
def test_the_laws_of_the_log(story: list[Any]) -> None:
    run_on_files(story)


@few
@given(stories)
def test_the_laws_of_the_log_on_servers(url: str, story: list[Any]) -> None:
    asyncio.run(live(story, partial(ServerLives, url)))


@pytest.mark.soak
@many
@given(stories)
def test_the_laws_of_the_log_at_length(story: list[Any]) -> None:
    run_on_files(story)


@pytest.mark.soak
@settings(many, max_examples=1_000)
@given(stories)
def test_the_laws_of_the_log_on_servers_at_length(url: str, story: list[Any]) -> None:
    asyncio.run(live(story, partial(ServerLives, url)))
