"""The message store hangs or dies under a node (reliability.md): nobody waits longer than the deadline, nothing is
acknowledged that is not stored, the queue stays bounded, and everything heals when the store is back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from batiyoun.chats.log import Log
from batiyoun.chats.model import Chat, Outcome, Receipt, Refused
from batiyoun.errors import BatiyounError, Busy, Unavailable
from batiyoun.runtime import Runtime
from batiyoun.storage.messages import MessageStore
from tests.contracts.chat_stores import Clock, Scene, draft, read_all, stored
from tests.harness.message_stores import MessageStores
from tests.harness.mongo import Mongod
from tests.harness.postgres import Postgres

#: how long the store may take, and how long a caller may wait at most: MongoDB's driver is given a second more
SECONDS = 1.0
AT_MOST = 2 * SECONDS + 1.5
#: drafts that may wait
QUEUE = 100
Server = Postgres | Mongod


@pytest.fixture(scope="module", params=["postgresql", "mongodb"])
def stores(request: pytest.FixtureRequest) -> Iterator[MessageStores]:
    """On a server of its own: the faults stop everything on it."""
    with Postgres() if request.param == "postgresql" else Mongod() as server:
        yield MessageStores(request.param, server)


def server_of(stores: MessageStores) -> Server:
    assert stores.server is not None
    return stores.server


class Desk:
    """A store, its log, and a chat; `tries` has what became of every message by clientId."""

    def __init__(self, store: MessageStore, chat: Chat) -> None:
        self.store = store
        self.chat = chat
        self.published: list[int] = []
        self.log = Log(
            store,
            publish=lambda batch: self.published.extend(item.envelope.seq for item in batch),
            max_waiting=QUEUE,
            stall_seconds=SECONDS,
        )
        self.tries: dict[str, list[Outcome]] = {}
        self.slowest = 0.0

    async def send(self, client_id: str) -> Outcome:
        """Send once, and note how long the answer took."""
        began = time.monotonic()
        try:
            outcome: Outcome = await self.log.send(draft(self.chat, "ann", client_id, client_id=client_id))
        except BatiyounError as error:
            outcome = Refused(error)
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.tries.setdefault(client_id, []).append(outcome)
        return outcome

    async def send_all(self, name: str, count: int) -> list[Outcome]:
        """That many at the same moment."""
        return list(await asyncio.gather(*(self.send(f"{name}{number}") for number in range(count))))

    async def healed(self, within: float = 15) -> None:
        """The store answers again; then every message is sent once more, as clients do."""
        deadline = time.monotonic() + within
        while not await self.store.ready():
            assert time.monotonic() < deadline, "the store did not come back"
            await asyncio.sleep(0.1)
        for client_id in list(self.tries):
            assert not isinstance(await self.send(client_id), Refused), client_id

    async def check(self) -> None:
        """Each message is in the log once, at the place that was acknowledged, whichever try that was."""
        log = {envelope.client_id: envelope for envelope in await read_all(self.store, self.chat.id)}
        assert sorted(envelope.seq for envelope in log.values()) == list(range(1, len(self.tries) + 1))
        for client_id, tries in self.tries.items():
            acknowledged = [stored(outcome) for outcome in tries if not isinstance(outcome, Refused)]
            assert acknowledged, client_id
            assert all(envelope == log[client_id] for envelope in acknowledged), client_id
        assert len(set(self.published)) == len(self.published), "published twice"


@asynccontextmanager
async def desk(stores: MessageStores, place: Path) -> AsyncIterator[Desk]:
    async with stores.opened(place, Runtime(), seconds=SECONDS) as store:
        chat = await Scene(store, Clock()).group("bob")
        opened = Desk(store, chat)
        await opened.send_all("before", 20)
        try:
            yield opened
        finally:
            await opened.log.close()


def freeze(server: Server) -> None:
    server.freeze()


def thaw(server: Server) -> None:
    server.thaw()


def kill(server: Server) -> None:
    server.kill()


def start(server: Server) -> None:
    server.start()


FAULTS = pytest.mark.parametrize(("fault", "undo"), [(freeze, thaw), (kill, start)], ids=["frozen", "killed"])


@FAULTS
async def test_senders_are_told_in_time_and_everything_heals(
    stores: MessageStores, tmp_path: Path, fault: Callable[[Server], None], undo: Callable[[Server], None]
) -> None:
    server = server_of(stores)
    async with desk(stores, tmp_path) as here:
        under_way = asyncio.create_task(here.send_all("during", 30))
        await asyncio.sleep(0)
        await asyncio.to_thread(fault, server)
        try:
            await under_way
            here.slowest = 0.0
            outcomes = await here.send_all("after", 3 * QUEUE)
            assert here.slowest < AT_MOST
            errors = [outcome.error for outcome in outcomes if isinstance(outcome, Refused)]
            assert len(errors) == len(outcomes)
            assert all(isinstance(error, Unavailable) and error.retryable for error in errors)
            # what finds no room is told so at once
            assert sum(isinstance(error, Busy) for error in errors) >= 2 * QUEUE - 1
            # and once it is known, nobody waits for the deadline any more but one in a second
            here.slowest = 0.0
            began = time.monotonic()
            for number in range(20):
                await here.send(f"later{number}")
            assert time.monotonic() - began < 8 * AT_MOST
        finally:
            await asyncio.to_thread(undo, server)
        await here.healed()
        await here.check()


@FAULTS
async def test_readers_are_told_in_time(
    stores: MessageStores, tmp_path: Path, fault: Callable[[Server], None], undo: Callable[[Server], None]
) -> None:
    server = server_of(stores)
    async with desk(stores, tmp_path) as here:
        store, chat_id = here.store, here.chat.id
        await asyncio.to_thread(fault, server)
        try:
            for ask in (
                lambda: store.get(chat_id),
                lambda: store.page(chat_id, after=0, before=None, limit=10, floor=0),
                lambda: store.list_of("ann", limit=10, before=None),
                lambda: store.memberships("ann"),
                lambda: store.advance([Receipt(chat_id, "ann", 1, read=True)]),
                lambda: store.heads([chat_id]),
            ):
                began = time.monotonic()
                with pytest.raises(Unavailable):
                    await ask()
                assert time.monotonic() - began < AT_MOST
            assert not await store.ready()
        finally:
            await asyncio.to_thread(undo, server)
        await here.healed()
        await here.check()


async def test_a_short_freeze_costs_time_and_nothing_else(stores: MessageStores, tmp_path: Path) -> None:
    server = server_of(stores)
    async with desk(stores, tmp_path) as here:
        await asyncio.to_thread(server.freeze)
        sending = asyncio.create_task(here.send_all("patient", 50))
        await asyncio.sleep(SECONDS / 3)
        await asyncio.to_thread(server.thaw)
        assert not any(isinstance(outcome, Refused) for outcome in await sending)
        await here.check()


async def test_connections_that_died_unnoticed_are_replaced(stores: MessageStores, tmp_path: Path) -> None:
    """A restart between two uses: the next one does not even notice."""
    server = server_of(stores)
    async with desk(stores, tmp_path) as here:
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)
        await here.healed()
        assert len(await read_all(here.store, here.chat.id)) == 20
        await here.check()
