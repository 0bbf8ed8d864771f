"""storage/postgres: what is particular to PostgreSQL. What every store promises is in the contract suites."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from batiyoun.chats.model import Appended, Draft, Refused, Replayed, Role, RosterChange
from batiyoun.errors import InvalidInput, Unavailable
from batiyoun.storage.postgres import PostgresChatLog, appends
from batiyoun.storage.postgres.migrate import migrate
from batiyoun.storage.postgres.pool import ConnectionLost, transaction
from tests.contracts.chat_stores import Clock, Scene, draft, read_all, stored
from tests.harness.postgres import Postgres


@pytest.fixture
async def url(postgres: Postgres) -> str:
    """A migrated database."""
    made = postgres.url(postgres.database())
    await migrate(made)
    return made


@pytest_asyncio.fixture
async def store(url: str) -> AsyncIterator[PostgresChatLog]:
    opened = PostgresChatLog(url, Clock().runtime())
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def scene(store: PostgresChatLog) -> Scene:
    return Scene(store, Clock())


NOT_TEXT: list[Callable[[str], Draft]] = [
    lambda chat: draft(chat, "ann", "nul\0"),
    lambda chat: draft(chat, "ann", mls="\0"),
    lambda chat: draft(chat, "ann", metadata={"key": "\ud800"}),
    lambda chat: draft(chat, "ann", client_id="c\0"),
    lambda chat: draft(chat, "ann", message_id="m\ud800"),
    lambda chat: draft(chat, "ann", metadata={"key": object()}),
    lambda chat: draft(chat, "ann", client_id=secrets.token_hex(5_000)),  # longer than an index entry may be
]


@pytest.mark.parametrize("bad", NOT_TEXT)
async def test_what_postgresql_cannot_hold_is_refused_alone(scene: Scene, bad: Callable[[str], Draft]) -> None:
    chat = await scene.group()
    outcomes = await scene.store.append([draft(chat, "ann", "1"), bad(chat.id), draft(chat, "ann", "2")])
    assert isinstance(outcomes[1], Refused)
    assert isinstance(outcomes[1].error, InvalidInput)
    assert await scene.bodies(chat) == ["1", "2"]


async def test_ids_that_are_no_text_name_nothing(scene: Scene) -> None:
    for name in ("nul\0", "\ud800"):
        assert await scene.store.get(name) is None
        assert (await scene.store.page(name, after=0, before=None, limit=1, floor=0)).messages == []
        assert await scene.store.heads([name]) == {}
        assert await scene.store.locate(name, scene.clock.new_id()) is None
        [outcome] = await scene.store.append([draft(name, "ann")])
        assert isinstance(outcome, Refused)


def losing(real: Callable[..., Any], times: int) -> Callable[..., Any]:
    """The same, but its first answers are lost on their way back."""
    left = times

    async def lossy(*arguments: Any) -> Any:
        nonlocal left
        answer = await real(*arguments)
        if left:
            left -= 1
            raise ConnectionLost("the answer was lost")
        return answer

    return lossy


async def test_an_answer_that_was_lost_is_found_in_the_log(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first attempt was committed: its rows are ours, and are published as such."""
    chat = await scene.group("bob")
    monkeypatch.setattr(appends, "_write", losing(appends._write, times=1))
    outcomes = await scene.store.append([draft(chat, "ann", "1", client_id="c"), draft(chat, "bob", "2")])
    assert [type(outcome) for outcome in outcomes] == [Appended, Appended]
    assert [stored(outcome) for outcome in outcomes] == await read_all(scene.store, chat.id)
    assert isinstance(await scene.one(draft(chat, "ann", "1", client_id="c")), Replayed)


async def test_a_change_whose_answer_was_lost_is_done_once(
    scene: Scene, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = await scene.group("bob")
    change = RosterChange(add={"cid": Role.ADMIN}, remove=("bob",))

    class Lossy:
        """`transaction`, whose commit is not answered the first time."""

        lost = False

        def __init__(self, connection: Any) -> None:
            self._real = real(connection)

        async def __aenter__(self) -> None:
            await self._real.__aenter__()

        async def __aexit__(self, *raised: Any) -> None:
            await self._real.__aexit__(*raised)
            if not Lossy.lost:
                Lossy.lost = True
                raise ConnectionLost("the answer was lost")

    real = transaction
    monkeypatch.setattr(appends, "transaction", Lossy)
    outcome = await scene.one(draft(chat, "ann", "change", change=change))
    assert Lossy.lost
    assert outcome == Appended(stored(outcome), change)
    assert await scene.bodies(chat) == ["change"]
    now = await scene.store.get(chat.id)
    assert now is not None
    assert {user: member.role for user, member in now.members.items()} == {"ann": Role.OWNER, "cid": Role.ADMIN}


async def test_what_never_arrived_is_sent_again(
    scene: Scene, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = await scene.group()
    real = appends._write
    attempts = 0

    async def cut(connection: Any, *arguments: Any) -> Any:
        nonlocal attempts
        attempts += 1
        if attempts < 3:
            connection.terminate()
        return await real(connection, *arguments)

    monkeypatch.setattr(appends, "_write", cut)
    outcome = await scene.one(draft(chat, "ann", "x"))
    assert isinstance(outcome, Appended)
    assert attempts == 3
    assert await read_all(scene.store, chat.id) == [outcome.envelope]


async def test_ended_connections_are_replaced_without_a_word(scene: Scene, postgres: Postgres, url: str) -> None:
    chat = await scene.group()
    await scene.say(chat, "ann", "1")
    postgres.cut_off(url.partition("@/")[2].partition("?")[0])
    await scene.say(chat, "ann", "2")
    postgres.cut_off(url.partition("@/")[2].partition("?")[0])
    assert await scene.bodies(chat) == ["1", "2"]


async def test_a_server_that_does_not_sync_is_warned_of(url: str, caplog: pytest.LogCaptureFixture) -> None:
    """That of the tests does not."""
    store = PostgresChatLog(url, Clock().runtime())
    with caplog.at_level(logging.WARNING):
        await store.open()
    await store.close()
    assert "fsync=off" in caplog.text


async def test_acknowledged_means_on_disk_whatever_the_database_has_as_its_default(
    postgres: Postgres, url: str
) -> None:
    name = url.partition("@/")[2].partition("?")[0]
    postgres.sql(f"alter database {name} set synchronous_commit = off", name)
    store = PostgresChatLog(url, Clock().runtime(), seconds=7)
    await store.open()
    try:
        async with store._writer.connection() as connection:
            assert await connection.fetchval("show synchronous_commit") == "on"
            assert await connection.fetchval("show statement_timeout") == "7s"
            assert await connection.fetchval("show idle_in_transaction_session_timeout") == "7s"
    finally:
        await store.close()


async def test_a_full_disk_is_said_to_be_one_and_reading_goes_on(
    scene: Scene, store: PostgresChatLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = await scene.group()
    await scene.say(chat, "ann", "before")

    async def full(*_: Any) -> Any:
        raise asyncpg.DiskFullError("could not extend file: No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(appends, "_write", full)
        for _ in range(3):
            with pytest.raises(Unavailable):
                await scene.one(draft(chat, "ann", "lost"))
        assert await scene.bodies(chat) == ["before"]
    await asyncio.sleep(1.1)  # it is tried again after a second
    assert await store.ready()
    await scene.say(chat, "ann", "after")
    assert await scene.bodies(chat) == ["before", "after"]
