"""The port `BlockStore`, on every database."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from batiyoun.errors import UserNotFound
from batiyoun.runtime import uuid7
from batiyoun.storage.sql.blocks import BATCH, SqlBlockStore
from batiyoun.storage.sql.departures import SqlDepartureStore
from batiyoun.users.model import User
from tests.contracts.account_stores import clock, stores
from tests.harness.accounts import Clock, Stores, person

__all__ = ["clock", "stores"]

NOW = Clock().runtime().utcnow()
LATER = NOW + timedelta(hours=1)


async def some(stores: Stores, *names: str) -> list[User]:
    people = [person(name) for name in names]
    for one in people:
        await stores.accounts.create(one, None)
    return people


async def test_a_block_is_one_s_own_and_keeps_its_time(stores: Stores) -> None:
    asha, ravi, mina = await some(stores, "asha", "ravi", "mina")
    store = SqlBlockStore(stores.database)
    assert await store.block(asha.id, ravi.id, NOW, chats=(), most=9) is True
    assert await store.block(asha.id, mina.id, LATER, chats=(), most=9) is True
    assert await store.block(asha.id, ravi.id, LATER, chats=(), most=9) is False
    mine = await store.of_user(asha.id)
    assert list(mine.items()) == [(mina.id, LATER), (ravi.id, NOW)], "the newest first"
    assert await store.of_user(ravi.id) == {}
    assert await store.unblock(ravi.id, asha.id) is False, "only who blocked takes it back"
    assert [await store.unblock(asha.id, ravi.id) for _ in range(2)] == [True, False]
    assert set(await store.of_user(asha.id)) == {mina.id}


async def test_the_chats_that_stand_still_are_those_of_the_last_word(stores: Stores) -> None:
    asha, ravi, mina = await some(stores, "asha", "ravi", "mina")
    store = SqlBlockStore(stores.database)
    assert await store.standing() == {}
    await store.block(asha.id, ravi.id, NOW, chats=["one"], most=9)
    await store.block(asha.id, mina.id, NOW, chats=[], most=9)
    await store.block(ravi.id, asha.id, NOW, chats=["one", "two"], most=9)
    assert await store.standing() == {"one": {asha.id, ravi.id}, "two": {ravi.id}}
    assert await store.block(asha.id, ravi.id, LATER, chats=["one", "two"], most=9) is False
    assert (await store.of_user(asha.id))[ravi.id] == NOW
    await store.unblock(ravi.id, asha.id)
    assert await store.standing() == {"one": {asha.id}, "two": {asha.id}}


async def test_27_both_stand_apart_whoever_blocked(stores: Stores) -> None:
    asha, ravi, mina = await some(stores, "asha", "ravi", "mina")
    store = SqlBlockStore(stores.database)
    await store.block(asha.id, ravi.id, NOW, chats=(), most=9)
    assert await store.apart(asha.id, [ravi.id, mina.id]) == {ravi.id}
    assert await store.apart(ravi.id, [asha.id, mina.id]) == {asha.id}
    assert await store.apart(mina.id, [asha.id, ravi.id]) == set()
    assert await store.apart(asha.id, [mina.id]) == set(), "only of those who are asked for"
    assert await store.apart(asha.id, []) == set()
    many = [uuid7() for _ in range(2 * BATCH)]
    assert await store.apart(ravi.id, [*many, asha.id]) == {asha.id}
    await store.block(ravi.id, asha.id, NOW, chats=(), most=9)
    await store.unblock(asha.id, ravi.id)
    assert await store.apart(asha.id, [ravi.id]) == {ravi.id}, "the other one still blocks"


async def test_no_more_are_blocked_than_may_be_whoever_is_quicker(stores: Stores) -> None:
    asha, *others = await some(stores, "asha", *(f"other{n}" for n in range(6)))
    store = SqlBlockStore(stores.database)
    done = await asyncio.gather(*(store.block(asha.id, other.id, NOW, chats=(), most=4) for other in others))
    assert sorted(done, key=str) == [None, None, True, True, True, True]
    blocked = await store.of_user(asha.id)
    assert len(blocked) == 4
    assert await store.block(asha.id, next(iter(blocked)), NOW, chats=(), most=4) is False, "it is there already"


async def test_two_who_block_each_other_at_once_both_do(stores: Stores) -> None:
    asha, ravi = await some(stores, "asha", "ravi")
    store = SqlBlockStore(stores.database)
    pairs = ((asha.id, ravi.id), (ravi.id, asha.id))
    assert await asyncio.gather(*(store.block(*pair, NOW, chats=(), most=9) for pair in pairs)) == [True, True]
    assert set(await store.of_user(asha.id)) == {ravi.id}
    assert set(await store.of_user(ravi.id)) == {asha.id}


@pytest.mark.parametrize("leaver", [0, 1])
async def test_blocks_go_with_either_account(stores: Stores, leaver: int) -> None:
    pair = await some(stores, "asha", "ravi")
    asha, ravi = pair
    store = SqlBlockStore(stores.database)
    await store.block(asha.id, ravi.id, NOW, chats=(), most=9)
    await SqlDepartureStore(stores.database, Clock().runtime()).wipe(pair[leaver].id, NOW)
    assert await store.of_user(asha.id) == {}
    with pytest.raises(UserNotFound):
        await store.block(asha.id, ravi.id, NOW, chats=(), most=9)


async def test_nobody_cannot_be_blocked_nor_block(stores: Stores) -> None:
    (asha,) = await some(stores, "asha")
    store = SqlBlockStore(stores.database)
    for pair in ((asha.id, uuid7()), (uuid7(), asha.id), (asha.id, asha.id)):
        with pytest.raises(UserNotFound):
            await store.block(*pair, NOW, chats=(), most=9)
    assert await store.of_user(asha.id) == {}
