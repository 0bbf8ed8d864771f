"""auth/sessions.py: batches, memory, last seen, and ends that are believed at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from datetime import timedelta
from pathlib import Path

import pytest

from batiyoun.auth.model import ABSOLUTE_LIFETIME, IDLE_LIFETIME, Session
from batiyoun.auth.secrets import hash_token
from batiyoun.auth.sessions import MAX_BATCH, Sessions
from batiyoun.errors import Unavailable
from batiyoun.storage.sql.sessions import SqlSessionStore
from tests.harness.accounts import Clock, Stores, open_stores, person, sign_in


class Watched(SqlSessionStore):
    """The real store, with its look-ups counted, held up, or failing."""

    def __init__(self, stores: Stores) -> None:
        super().__init__(stores.database)
        self.asked: list[int] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.entered = asyncio.Event()
        self.broken = False

    async def find(self, token_hashes: Collection[bytes], ids: Collection[str]) -> list[Session]:
        self.asked.append(len(token_hashes) + len(ids))
        found = await super().find(token_hashes, ids)
        self.entered.set()
        await self.gate.wait()
        if self.broken:
            raise OSError("the wire is cut")
        return found


class Scene:
    """Sessions of one person."""

    def __init__(self, stores: Stores, clock: Clock, user_id: str) -> None:
        self.clock = clock
        self.user_id = user_id
        self.store = Watched(stores)
        self.sessions = Sessions(self.store, clock.runtime())

    async def begin(self, token: str) -> Session:
        session = sign_in(self.user_id, token, self.clock)
        await self.store.create(session)
        return session


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    clock = Clock()
    async with open_stores(f"sqlite+aiosqlite:///{tmp_path}/accounts.db", clock.runtime()) as stores:
        asha = person("asha")
        await stores.accounts.create(asha, None)
        made = Scene(stores, clock, asha.id)
        yield made
        await made.sessions.close()


async def test_a_storm_of_handshakes_takes_few_statements(scene: Scene) -> None:
    made = [await scene.begin(str(number)) for number in range(60)]
    keys: list[bytes | str] = [session.token_hash for session in made] + [session.id for session in made]
    unknown: list[bytes | str] = [hash_token(f"unknown {number}") for number in range(500)]
    found = await asyncio.gather(*(scene.sessions.find(key) for key in keys + keys + unknown))
    assert found == (made + made) * 2 + [None] * 500
    assert len(scene.store.asked) <= 3
    assert max(scene.store.asked) <= MAX_BATCH


async def test_what_was_found_is_remembered_for_seconds(scene: Scene) -> None:
    session = await scene.begin("one")
    for key in (session.token_hash, session.id, session.token_hash):
        assert await scene.sessions.find(key) == session
    assert scene.store.asked == [1]
    scene.clock.now += 11
    assert await scene.sessions.find(session.id) == session
    assert scene.store.asked == [1, 1]


async def test_09_an_ended_session_is_refused_at_once_and_announced_once(scene: Scene) -> None:
    told: list[tuple[str, str]] = []
    scene.sessions.on_revoked.append(lambda session_id, user_id: told.append((session_id, user_id)))
    session, other = await scene.begin("one"), await scene.begin("two")
    assert await scene.sessions.find(session.token_hash)
    assert not scene.sessions.has_ended(session.id)
    await scene.sessions.end([session.id])
    assert scene.sessions.has_ended(session.id)
    await scene.sessions.end([session.id])
    await scene.sessions.end([])
    assert told == [(session.id, scene.user_id)]
    assert await scene.sessions.find(session.token_hash) is None
    assert await scene.sessions.find(session.id) is None
    assert await scene.sessions.find(other.id) == other
    assert not scene.sessions.has_ended(other.id)


async def test_09_a_callback_that_fails_does_not_stop_the_others(scene: Scene) -> None:
    told: list[str] = []

    def fails(session_id: str, user_id: str) -> None:
        raise RuntimeError(session_id)

    scene.sessions.on_revoked += [fails, lambda session_id, user_id: told.append(session_id)]
    session = await scene.begin("one")
    await scene.sessions.end([session.id])
    assert told == [session.id]


async def test_09_a_look_up_under_way_cannot_bring_an_ended_session_back(scene: Scene) -> None:
    session = await scene.begin("one")
    scene.store.gate.clear()
    looking = asyncio.create_task(scene.sessions.find(session.id))
    await scene.store.entered.wait()
    await scene.sessions.end([session.id])
    scene.store.gate.set()
    assert await looking is None
    assert await scene.sessions.find(session.id) is None


async def test_09_a_session_ended_elsewhere_is_forgotten(scene: Scene) -> None:
    session = await scene.begin("one")
    assert await scene.sessions.find(session.id)
    await SqlSessionStore(scene.store._database).delete([session.id])
    scene.sessions.forget(session.id)
    assert await scene.sessions.find(session.id) is None


async def test_10_idle_and_old_sessions_are_over(scene: Scene) -> None:
    session = await scene.begin("one")
    begun = scene.clock.now
    scene.clock.now = begun + IDLE_LIFETIME.total_seconds() - 1
    assert await scene.sessions.find(session.id)
    await scene.sessions._flush()
    scene.clock.now += IDLE_LIFETIME.total_seconds() - 1
    assert await scene.sessions.find(session.id), "being seen did not prolong it"
    await scene.sessions._flush()
    scene.clock.now += IDLE_LIFETIME.total_seconds()
    assert await scene.sessions.find(session.id) is None

    used = await scene.begin("two")
    begun = scene.clock.now
    while scene.clock.now < begun + ABSOLUTE_LIFETIME.total_seconds() - 86_400 * 5:
        scene.clock.now += 86_400 * 5
        assert await scene.sessions.find(used.id)
        await scene.sessions._flush()
    scene.clock.now = begun + ABSOLUTE_LIFETIME.total_seconds()
    assert await scene.sessions.find(used.id) is None


async def test_last_seen_is_written_at_most_once_a_minute(scene: Scene) -> None:
    session = await scene.begin("one")
    seen = []
    for _ in range(4):
        scene.clock.now += 40
        await scene.sessions.find(session.id)
        seen.append((await scene.sessions.of_user(scene.user_id))[0].last_seen_at)
    start = session.last_seen_at
    assert [moment - start for moment in seen] == [timedelta(seconds=passed) for passed in (40, 40, 120, 120)]


async def test_what_was_seen_is_written_when_closing(scene: Scene) -> None:
    session = await scene.begin("one")
    scene.sessions.start()
    scene.clock.now += 90
    scene.sessions.seen(session.id)
    await scene.sessions.close()
    assert (await scene.store.of_user(scene.user_id))[0].last_seen_at == session.last_seen_at + timedelta(seconds=90)


async def test_a_database_that_fails_fails_these_look_ups_and_no_later_ones(scene: Scene) -> None:
    session = await scene.begin("one")
    scene.store.broken = True
    outcomes = await asyncio.gather(
        *(scene.sessions.find(key) for key in (session.id, session.token_hash)), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes] == [Unavailable, Unavailable]
    scene.store.broken = False
    assert await scene.sessions.find(session.id) == session


async def test_one_caller_that_goes_away_leaves_the_others_their_answer(scene: Scene) -> None:
    session = await scene.begin("one")
    scene.store.gate.clear()
    impatient = asyncio.create_task(scene.sessions.find(session.id))
    patient = asyncio.create_task(scene.sessions.find(session.id))
    await scene.store.entered.wait()
    impatient.cancel()
    scene.store.gate.set()
    assert await patient == session
    assert impatient.cancelled()


async def test_10_the_sweep_ends_what_expired_and_says_so(scene: Scene) -> None:
    told: list[str] = []
    scene.sessions.on_expired.append(lambda session_id, user_id: told.append(session_id))
    old = await scene.begin("old")
    assert await scene.sessions.find(old.id)
    scene.clock.now += IDLE_LIFETIME.total_seconds() + 120
    fresh = await scene.begin("fresh")
    await scene.sessions.sweep()
    assert told == [old.id]
    assert await scene.sessions.of_user(scene.user_id) == [fresh]
