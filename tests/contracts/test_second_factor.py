"""The ports `SecondFactorStore` and `PendingStore`, on every database."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from batiyoun.auth.second_factor.model import PENDING_LIFETIME, PENDING_TRIES, Authenticator, PendingLogin
from batiyoun.auth.secrets import hash_token
from batiyoun.runtime import uuid7
from batiyoun.storage.sql.second_factor import SqlPendingStore, SqlSecondFactorStore
from batiyoun.users.model import User
from tests.contracts.account_stores import clock, stores
from tests.harness.accounts import Clock, Stores, person

__all__ = ["clock", "stores"]

CODES = [bytes([number]) * 32 for number in range(10)]


@pytest.fixture
async def asha(stores: Stores) -> User:
    user = person("asha")
    await stores.accounts.create(user, None)
    return user


@pytest.fixture
def factors(stores: Stores) -> SqlSecondFactorStore:
    return SqlSecondFactorStore(stores.database)


@pytest.fixture
def pending(stores: Stores) -> SqlPendingStore:
    return SqlPendingStore(stores.database)


async def set_up(factors: SqlSecondFactorStore, user: User) -> None:
    assert await factors.begin(user.id, b"sealed")
    assert await factors.confirm(user.id, b"sealed", 100, CODES)


# ── the app and its codes ─────────────────────────────────────────────────────────────────────────────────────────────


async def test_an_app_counts_once_it_is_confirmed(factors: SqlSecondFactorStore, asha: User) -> None:
    assert await factors.find(asha.id) is None
    assert await factors.begin(asha.id, b"one")
    assert await factors.find(asha.id) == Authenticator(asha.id, b"one", confirmed=False, last_step=0)
    assert not await factors.use_step(asha.id, 5)
    assert await factors.begin(asha.id, b"two"), "beginning anew takes the place of the one before"
    assert not await factors.confirm(asha.id, b"one", 100, CODES)
    assert await factors.confirm(asha.id, b"two", 100, CODES)
    assert await factors.find(asha.id) == Authenticator(asha.id, b"two", confirmed=True, last_step=100)
    assert await factors.codes_left(asha.id) == 10


async def test_a_confirmed_app_is_not_replaced(factors: SqlSecondFactorStore, asha: User) -> None:
    await set_up(factors, asha)
    assert not await factors.begin(asha.id, b"other")
    assert not await factors.confirm(asha.id, b"sealed", 200, [])
    found = await factors.find(asha.id)
    assert found is not None
    assert (found.sealed, found.last_step) == (b"sealed", 100)


async def test_a_step_is_used_once_and_never_an_older_one(factors: SqlSecondFactorStore, asha: User) -> None:
    await set_up(factors, asha)
    assert not await factors.use_step(asha.id, 100)
    assert not await factors.use_step(asha.id, 99)
    outcomes = await asyncio.gather(*(factors.use_step(asha.id, 101) for _ in range(8)))
    assert sorted(outcomes) == [False] * 7 + [True]


async def test_a_recovery_code_is_used_once(factors: SqlSecondFactorStore, asha: User) -> None:
    await set_up(factors, asha)
    assert not await factors.use_code(asha.id, b"x" * 32)
    outcomes = await asyncio.gather(*(factors.use_code(asha.id, CODES[3]) for _ in range(8)))
    assert sorted(outcomes) == [False] * 7 + [True]
    assert await factors.codes_left(asha.id) == 9


async def test_fresh_codes_void_those_before(factors: SqlSecondFactorStore, asha: User) -> None:
    assert not await factors.replace_codes(asha.id, CODES)
    assert await factors.begin(asha.id, b"sealed")
    assert not await factors.replace_codes(asha.id, CODES), "not before the app is confirmed"
    assert await factors.confirm(asha.id, b"sealed", 100, CODES)
    sets = [[bytes([number, place]) * 16 for place in range(10)] for number in range(4)]
    assert all(await asyncio.gather(*(factors.replace_codes(asha.id, codes) for codes in sets)))
    assert await factors.codes_left(asha.id) == 10, "two sets do not mix"
    assert not await factors.use_code(asha.id, CODES[0])


async def test_removing_takes_everything(factors: SqlSecondFactorStore, stores: Stores, asha: User) -> None:
    ravi = person("ravi")
    await stores.accounts.create(ravi, None)
    await set_up(factors, asha)
    await set_up(factors, ravi)
    assert await factors.remove(asha.id)
    assert not await factors.remove(asha.id)
    assert await factors.find(asha.id) is None
    assert await factors.codes_left(asha.id) == 0
    assert await factors.codes_left(ravi.id) == 10
    assert await factors.begin(asha.id, b"again")
    assert not await factors.remove(asha.id), "one that was never confirmed changes nothing for the person"


# ── sign-ins that wait ────────────────────────────────────────────────────────────────────────────────────────────────


def waiting(user: User, secret: str, clock: Clock) -> PendingLogin:
    return PendingLogin(hash_token(secret), user.id, "password", clock.runtime().utcnow() + PENDING_LIFETIME)


async def test_a_sign_in_waits_until_it_is_over(pending: SqlPendingStore, asha: User, clock: Clock) -> None:
    now = clock.runtime().utcnow()
    kept = waiting(asha, "one", clock)
    await pending.put(kept, now)
    assert await pending.find(kept.token_hash, now) == kept
    assert await pending.find(hash_token("two"), now) is None
    late = now + PENDING_LIFETIME
    assert await pending.find(kept.token_hash, late) is None
    assert not await pending.attempt(kept.token_hash, late, PENDING_TRIES)
    await pending.put(replace(waiting(asha, "two", clock), expires_at=late + timedelta(minutes=1)), late)
    assert not await pending.consume(kept.token_hash), "what is over is forgotten when the next comes"


async def test_03_tries_are_counted_however_they_come(pending: SqlPendingStore, asha: User, clock: Clock) -> None:
    now = clock.runtime().utcnow()
    kept = waiting(asha, "one", clock)
    await pending.put(kept, now)
    outcomes = await asyncio.gather(*(pending.attempt(kept.token_hash, now, PENDING_TRIES) for _ in range(9)))
    assert sorted(outcomes) == [False] * 4 + [True] * 5
    assert not await pending.attempt(hash_token("two"), now, PENDING_TRIES)


async def test_a_sign_in_is_finished_once(pending: SqlPendingStore, asha: User, clock: Clock) -> None:
    kept = waiting(asha, "one", clock)
    await pending.put(kept, clock.runtime().utcnow())
    outcomes = await asyncio.gather(*(pending.consume(kept.token_hash) for _ in range(8)))
    assert sorted(outcomes) == [False] * 7 + [True]


async def test_all_of_one_person_are_forgotten(
    pending: SqlPendingStore, stores: Stores, asha: User, clock: Clock
) -> None:
    ravi = person("ravi", id=uuid7())
    await stores.accounts.create(ravi, None)
    now = clock.runtime().utcnow()
    for user, secret in ((asha, "one"), (asha, "two"), (ravi, "three")):
        await pending.put(waiting(user, secret, clock), now)
    await pending.forget(asha.id)
    left = [await pending.find(hash_token(secret), now) for secret in ("one", "two", "three")]
    assert left == [None, None, waiting(ravi, "three", clock)]
