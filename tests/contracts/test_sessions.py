"""The port `SessionStore`, on every database."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest

from batiyoun.auth.model import ABSOLUTE_LIFETIME, IDLE_LIFETIME, Session
from batiyoun.auth.secrets import hash_token
from batiyoun.runtime import uuid7
from batiyoun.users.model import User
from tests.contracts.session_stores import clock, stores
from tests.harness.accounts import Clock, Stores, person, sign_in

__all__ = ["clock", "stores"]


@pytest.fixture
async def asha(stores: Stores) -> User:
    user = person("asha")
    await stores.accounts.create(user, None)
    return user


async def begin(stores: Stores, user: User, token: str, clock: Clock) -> Session:
    session = sign_in(user.id, token, clock)
    await stores.sessions.create(session)
    return session


def by_id(sessions: Iterable[Session]) -> dict[str, Session]:
    return {session.id: session for session in sessions}


async def test_a_session_is_found_by_its_hash_and_by_its_id(stores: Stores, asha: User, clock: Clock) -> None:
    device = uuid7()
    session = replace(sign_in(asha.id, "one", clock), device_id=device)
    await stores.sessions.create(session)
    assert await stores.sessions.find([hash_token("one")], []) == [session]
    assert await stores.sessions.find([], [session.id]) == [session]
    assert await stores.sessions.find([hash_token("one")], [session.id]) == [session]
    assert await stores.sessions.find([hash_token("two")], [uuid7()]) == []
    assert await stores.sessions.find([], []) == []


async def test_many_are_found_at_once(stores: Stores, asha: User, clock: Clock) -> None:
    made = [await begin(stores, asha, str(number), clock) for number in range(30)]
    hashes = [hash_token(str(number)) for number in range(1_100)]  # more than one statement takes
    assert by_id(await stores.sessions.find(hashes, [made[0].id])) == by_id(made)


async def test_a_disabled_person_has_no_sessions(stores: Stores, clock: Clock) -> None:
    gone = person("gone", disabled=True)
    await stores.accounts.create(gone, None)
    session = await begin(stores, gone, "one", clock)
    assert await stores.sessions.find([hash_token("one")], [session.id]) == []


async def test_last_seen_only_moves_forward(stores: Stores, asha: User, clock: Clock) -> None:
    session = await begin(stores, asha, "one", clock)
    later = session.last_seen_at + timedelta(minutes=5)
    await stores.sessions.touch({session.id: later, uuid7(): later})
    await stores.sessions.touch({session.id: later - timedelta(minutes=1)})
    await stores.sessions.touch({})
    assert await stores.sessions.find([], [session.id]) == [replace(session, last_seen_at=later)]


async def test_a_proof_is_kept_and_only_moves_forward(stores: Stores, asha: User, clock: Clock) -> None:
    session, other = await begin(stores, asha, "one", clock), await begin(stores, asha, "two", clock)
    later = session.proved_at + timedelta(minutes=5)
    await stores.sessions.prove(session.id, later)
    await stores.sessions.prove(session.id, later - timedelta(minutes=1))
    await stores.sessions.prove(uuid7(), later)
    assert by_id(await stores.sessions.of_user(asha.id)) == by_id([replace(session, proved_at=later), other])


async def test_a_session_is_bound_to_a_device_and_to_none(stores: Stores, asha: User, clock: Clock) -> None:
    session, other = await begin(stores, asha, "one", clock), await begin(stores, asha, "two", clock)
    device = uuid7()
    await stores.sessions.bind_device(session.id, device)
    await stores.sessions.bind_device(uuid7(), device)
    assert await stores.sessions.find([], [session.id]) == [replace(session, device_id=device)]
    assert await stores.sessions.find([], [other.id]) == [other]
    await stores.sessions.bind_device(session.id, None)
    assert await stores.sessions.find([], [session.id]) == [session]
    await stores.sessions.delete([session.id])
    await stores.sessions.bind_device(session.id, device)
    assert await stores.sessions.find([session.token_hash], [session.id]) == [], "it stays over"


async def test_touching_from_two_sides_waits_for_nobody(stores: Stores, asha: User, clock: Clock) -> None:
    made = [await begin(stores, asha, str(number), clock) for number in range(40)]
    later = made[0].last_seen_at + timedelta(minutes=1)
    forward = {session.id: later for session in made}
    backward = {session.id: later for session in reversed(made)}
    await asyncio.gather(*(stores.sessions.touch(order) for order in (forward, backward) * 4))
    assert {session.last_seen_at for session in await stores.sessions.of_user(asha.id)} == {later}


async def test_ended_sessions_are_gone_and_named_once(stores: Stores, asha: User, clock: Clock) -> None:
    one, two = await begin(stores, asha, "one", clock), await begin(stores, asha, "two", clock)
    assert await stores.sessions.delete([one.id, uuid7()]) == [one]
    assert await stores.sessions.delete([one.id]) == []
    assert await stores.sessions.delete([]) == []
    assert await stores.sessions.of_user(asha.id) == [two]


async def test_what_was_ended_from_elsewhere_is_remembered(stores: Stores, asha: User, clock: Clock) -> None:
    one, two = await begin(stores, asha, "one", clock), await begin(stores, asha, "two", clock)
    three = await begin(stores, asha, "three", clock)
    assert by_id(await stores.sessions.revoke([one.id, two.id, uuid7()])) == by_id([one, two])
    assert await stores.sessions.revoke([one.id]) == []
    assert await stores.sessions.revoke([]) == []
    await stores.sessions.delete([three.id])
    assert await stores.sessions.of_user(asha.id) == []
    assert await stores.sessions.find([one.token_hash], [one.id]) == []
    remembered = [await stores.sessions.was_revoked(hash_token(token)) for token in ("one", "two", "three", "four")]
    assert remembered == [True, True, False, False]


async def test_an_end_is_forgotten_when_the_session_could_not_have_lived(
    stores: Stores, asha: User, clock: Clock
) -> None:
    now = clock.runtime().utcnow()
    old = replace(sign_in(asha.id, "old", clock), created_at=now - ABSOLUTE_LIFETIME + timedelta(seconds=1))
    await stores.sessions.create(old)
    new = await begin(stores, asha, "new", clock)
    await stores.sessions.revoke([old.id, new.id])
    await stores.sessions.delete_expired(now)
    assert await stores.sessions.was_revoked(old.token_hash)
    await asyncio.sleep(1.1)  # a store that forgets by itself has its own clock
    await stores.sessions.delete_expired(now + timedelta(seconds=1))
    assert not await stores.sessions.was_revoked(old.token_hash)
    assert await stores.sessions.was_revoked(new.token_hash)


async def test_one_s_sessions_come_last_used_first(stores: Stores, asha: User, clock: Clock) -> None:
    ravi = person("ravi")
    await stores.accounts.create(ravi, None)
    await begin(stores, ravi, "other", clock)
    old = await begin(stores, asha, "old", clock)
    clock.now += 60
    new = await begin(stores, asha, "new", clock)
    assert await stores.sessions.of_user(asha.id) == [new, old]


async def test_what_expired_is_gone_and_nothing_else(stores: Stores, asha: User, clock: Clock) -> None:
    now = clock.runtime().utcnow()
    minute = timedelta(minutes=1)
    fresh = sign_in(asha.id, "fresh", clock)
    idle = replace(sign_in(asha.id, "idle", clock), last_seen_at=now - IDLE_LIFETIME)
    nearly = replace(sign_in(asha.id, "nearly", clock), last_seen_at=now - IDLE_LIFETIME + minute)
    old = replace(sign_in(asha.id, "old", clock), created_at=now - ABSOLUTE_LIFETIME)
    for session in (fresh, idle, nearly, old):
        await stores.sessions.create(session)
    swept = by_id(await stores.sessions.delete_expired(now))
    assert swept in (by_id([idle, old]), {}), "a store that forgets by itself has nothing to sweep"
    assert by_id(await stores.sessions.of_user(asha.id)) == by_id([fresh, nearly])
