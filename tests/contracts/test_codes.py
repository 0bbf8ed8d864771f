"""The ports `CodeStore` and `TokenStore`, on every database."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from batiyoun.auth.model import Challenge, OneTimeToken
from batiyoun.auth.secrets import hash_token
from tests.contracts.session_stores import clock, stores
from tests.harness.accounts import Clock, Stores, person

__all__ = ["clock", "stores"]

MINUTE = timedelta(minutes=1)


@pytest.fixture
def now(clock: Clock) -> datetime:
    return clock.runtime().utcnow()


def challenge(name: str, now: datetime) -> Challenge:
    return Challenge(hash_token(name), "login", "asha@example.org", hash_token("code"), now + 10 * MINUTE)


def token(name: str, now: datetime, subject: str = "asha@example.org") -> OneTimeToken:
    return OneTimeToken(hash_token(name), "signup", subject, now + 10 * MINUTE)


async def test_a_try_shows_the_challenge_until_there_were_enough(stores: Stores, now: datetime) -> None:
    one = challenge("one", now)
    await stores.codes.put(one, replaces=None, now=now)
    assert [await stores.codes.attempt(one.request_hash, now, 2) for _ in range(3)] == [one, one, None]
    assert await stores.codes.attempt(hash_token("two"), now, 2) is None


async def test_04_tries_at_the_same_time_are_all_counted(stores: Stores, now: datetime) -> None:
    one = challenge("one", now)
    await stores.codes.put(one, replaces=None, now=now)
    tried = await asyncio.gather(*(stores.codes.attempt(one.request_hash, now, 5) for _ in range(12)))
    assert sum(found is not None for found in tried) == 5


async def test_04_of_many_who_consume_one_succeeds(stores: Stores, now: datetime) -> None:
    one = challenge("one", now)
    await stores.codes.put(one, replaces=None, now=now)
    assert sorted(await asyncio.gather(*(stores.codes.consume(one.request_hash) for _ in range(8)))) == [False] * 7 + [
        True
    ]
    assert await stores.codes.attempt(one.request_hash, now, 5) is None


async def test_04_a_new_challenge_voids_the_one_it_replaces_alone(stores: Stores, now: datetime) -> None:
    one, two, other = (challenge(name, now) for name in ("one", "two", "other"))
    await stores.codes.put(one, replaces=None, now=now)
    await stores.codes.put(other, replaces=None, now=now)
    await stores.codes.put(two, replaces=one.request_hash, now=now)
    assert await stores.codes.attempt(one.request_hash, now, 5) is None
    assert await stores.codes.attempt(two.request_hash, now, 5) == two
    assert await stores.codes.attempt(other.request_hash, now, 5) == other


async def test_03_a_challenge_is_over_in_time_and_then_forgotten(stores: Stores, now: datetime) -> None:
    one = challenge("one", now)
    await stores.codes.put(one, replaces=None, now=now)
    second = timedelta(seconds=1)
    assert await stores.codes.attempt(one.request_hash, one.expires_at - second, 5) == one
    assert await stores.codes.attempt(one.request_hash, one.expires_at, 5) is None
    await stores.codes.put(challenge("two", now), replaces=None, now=one.expires_at)
    assert await stores.codes.consume(one.request_hash) is False, "it is still kept"


async def test_a_token_is_found_and_consumed_once(stores: Stores, now: datetime) -> None:
    one = token("one", now)
    await stores.tokens.put(one, now)
    assert await stores.tokens.find(one.token_hash, "signup", now) == one
    taken = await asyncio.gather(*(stores.tokens.consume(one.token_hash, "signup", now) for _ in range(8)))
    assert [found for found in taken if found is not None] == [one]
    assert await stores.tokens.find(one.token_hash, "signup", now) is None


async def test_a_new_token_voids_the_one_before_of_that_subject_alone(stores: Stores, now: datetime) -> None:
    one, two, other = token("one", now), token("two", now), token("other", now, "ravi@example.org")
    for each in (one, other, two):
        await stores.tokens.put(each, now)
    assert await stores.tokens.find(one.token_hash, "signup", now) is None
    assert await stores.tokens.consume(one.token_hash, "signup", now) is None
    assert await stores.tokens.find(two.token_hash, "signup", now) == two
    assert await stores.tokens.find(other.token_hash, "signup", now) == other


async def test_of_tokens_made_at_once_one_is_good(stores: Stores, now: datetime) -> None:
    made = [token(str(number), now) for number in range(8)]
    await asyncio.gather(*(stores.tokens.put(each, now) for each in made))
    found = [await stores.tokens.find(each.token_hash, "signup", now) for each in made]
    assert sum(each is not None for each in found) == 1


async def test_a_token_is_over_in_time(stores: Stores, now: datetime) -> None:
    one = token("one", now)
    await stores.tokens.put(one, now)
    assert await stores.tokens.find(one.token_hash, "signup", one.expires_at) is None
    assert await stores.tokens.consume(one.token_hash, "signup", one.expires_at) is None
    await stores.tokens.put(
        replace(token("two", now, "ravi@example.org"), expires_at=now + 60 * MINUTE), one.expires_at
    )
    assert await stores.tokens.consume(one.token_hash, "signup", now) is None, "it is still kept"


async def test_13_an_address_is_proved_once_and_the_password_from_before_is_gone(stores: Stores) -> None:
    asha, ravi = person("asha"), person("ravi")
    for user in (asha, ravi):
        await stores.accounts.create(user, "hash")
    assert sorted(await asyncio.gather(*(stores.accounts.prove_address(asha.id) for _ in range(6)))) == [False] * 5 + [
        True
    ]
    account = await stores.accounts.by_identifier("asha")
    assert account is not None
    assert (account.user.verified, account.password_hash) == (True, None)
    await stores.accounts.set_password_hash(asha.id, "new")
    assert await stores.accounts.prove_address(asha.id) is False
    account = await stores.accounts.by_identifier("asha")
    assert account is not None
    assert account.password_hash == "new"
    other = await stores.accounts.by_identifier("ravi")
    assert other is not None
    assert (other.user.verified, other.password_hash) == (False, "hash")
