"""The port `ApiTokenStore`, on every database."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete

from batiyoun.auth.api_tokens.model import SCOPES, ApiToken
from batiyoun.auth.secrets import hash_token
from batiyoun.runtime import uuid7
from batiyoun.storage.sql.tables import users
from batiyoun.users.model import User
from tests.contracts.account_stores import clock, stores
from tests.harness.accounts import Clock, Stores, person

__all__ = ["clock", "stores"]

HOUR = timedelta(hours=1)


@pytest.fixture
async def asha(stores: Stores) -> User:
    user = person("asha")
    await stores.accounts.create(user, None)
    return user


def token(user: User, name: str, clock: Clock, hours: int | None = None) -> ApiToken:
    now = clock.runtime().utcnow()
    until = None if hours is None else now + hours * HOUR
    return ApiToken(uuid7(), hash_token(name), user.id, name, frozenset(SCOPES), now, None, until)


async def kept(stores: Stores, user: User, name: str, clock: Clock, hours: int | None = None) -> ApiToken:
    made = token(user, name, clock, hours)
    await stores.api_tokens.create(made)
    return made


async def test_a_token_is_found_by_its_hash_and_by_its_id(stores: Stores, asha: User, clock: Clock) -> None:
    few = replace(token(asha, "one", clock, 2), scopes=frozenset({"messages:read", "chats:read"}), name="दूत 🤖")
    await stores.api_tokens.create(few)
    assert await stores.api_tokens.find([hash_token("one")], []) == [few]
    assert await stores.api_tokens.find([], [few.id]) == [few]
    assert await stores.api_tokens.find([hash_token("one")], [few.id]) == [few]
    assert await stores.api_tokens.find([hash_token("two")], [uuid7()]) == []
    assert await stores.api_tokens.find([], []) == []


async def test_a_disabled_person_has_no_tokens(stores: Stores, clock: Clock) -> None:
    gone = person("gone", disabled=True)
    await stores.accounts.create(gone, None)
    made = await kept(stores, gone, "one", clock)
    assert await stores.api_tokens.find([hash_token("one")], [made.id]) == []


async def test_tokens_go_with_their_person(stores: Stores, asha: User, clock: Clock) -> None:
    made = await kept(stores, asha, "one", clock)
    async with stores.database.writing() as connection:
        await connection.execute(delete(users).where(users.c.id == asha.id))
    assert await stores.api_tokens.find([], [made.id]) == []
    assert await stores.api_tokens.delete([made.id]) == []


async def test_being_used_only_moves_forward(stores: Stores, asha: User, clock: Clock) -> None:
    made, other = await kept(stores, asha, "one", clock), await kept(stores, asha, "two", clock)
    later = made.created_at + HOUR
    await stores.api_tokens.touch({made.id: later, uuid7(): later})
    await stores.api_tokens.touch({made.id: later - timedelta(minutes=1)})
    await stores.api_tokens.touch({})
    assert await stores.api_tokens.find([], [made.id]) == [replace(made, last_used_at=later)]
    assert await stores.api_tokens.find([], [other.id]) == [other]


async def test_one_s_tokens_come_youngest_first(stores: Stores, asha: User, clock: Clock) -> None:
    ravi = person("ravi")
    await stores.accounts.create(ravi, None)
    await kept(stores, ravi, "other", clock)
    old = await kept(stores, asha, "old", clock)
    clock.now += 60
    new = await kept(stores, asha, "new", clock)
    assert await stores.api_tokens.of_user(asha.id) == [new, old]


async def test_who_has_one(stores: Stores, asha: User, clock: Clock) -> None:
    ravi, meena, gone = person("ravi"), person("meena"), person("gone", disabled=True)
    for each in (ravi, meena, gone):
        await stores.accounts.create(each, None)
    await kept(stores, asha, "for ever", clock)
    await kept(stores, asha, "and another", clock)
    await kept(stores, ravi, "an hour", clock, 1)
    await kept(stores, gone, "of nobody", clock)
    everybody = [asha.id, ravi.id, meena.id, gone.id, uuid7()]
    now = clock.runtime().utcnow()
    assert await stores.api_tokens.holders(everybody, now) == {asha.id, ravi.id}
    assert await stores.api_tokens.holders(everybody, now + HOUR) == {asha.id}
    assert await stores.api_tokens.holders([ravi.id], now) == {ravi.id}
    assert await stores.api_tokens.holders([], now) == set()


async def test_09_of_many_who_end_a_token_one_is_told(stores: Stores, asha: User, clock: Clock) -> None:
    made, other = await kept(stores, asha, "one", clock), await kept(stores, asha, "two", clock)
    ended = await asyncio.gather(*(stores.api_tokens.delete([made.id, uuid7()]) for _ in range(6)))
    assert [each for each in ended if each] == [[made]]
    assert await stores.api_tokens.delete([]) == []
    assert await stores.api_tokens.of_user(asha.id) == [other]


async def test_10_what_ran_out_is_swept_and_nothing_else(stores: Stores, asha: User, clock: Clock) -> None:
    ever, short, longer = [
        await kept(stores, asha, name, clock, hours) for name, hours in (("a", None), ("b", 1), ("c", 2))
    ]
    now = clock.runtime().utcnow()
    assert await stores.api_tokens.delete_expired(now) == []
    assert await stores.api_tokens.delete_expired(now + HOUR) == [short]
    assert {each.id for each in await stores.api_tokens.of_user(asha.id)} == {ever.id, longer.id}
