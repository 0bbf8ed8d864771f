"""The port `AccountStore` where passwords change, on every database."""

from __future__ import annotations

import asyncio

from tests.contracts.account_stores import clock, stores
from tests.harness.accounts import Stores, person

__all__ = ["clock", "stores"]


async def kept(stores: Stores, user_id: str) -> str | None:
    account = await stores.accounts.by_id(user_id)
    assert account is not None
    return account.password_hash


async def test_09_a_hash_is_replaced_only_if_it_is_still_the_one_that_was_seen(stores: Stores) -> None:
    asha, ravi = person("asha"), person("ravi")
    await stores.accounts.create(asha, "old")
    await stores.accounts.create(ravi, None)
    news = [f"new {number}" for number in range(6)]
    swapped = await asyncio.gather(*(stores.accounts.swap_password_hash(asha.id, "old", new) for new in news))
    assert sorted(swapped) == [False] * 5 + [True]
    assert await kept(stores, asha.id) == news[swapped.index(True)]
    assert await stores.accounts.swap_password_hash(asha.id, None, "x") is False
    assert await stores.accounts.swap_password_hash(ravi.id, "old", "x") is False
    assert await stores.accounts.swap_password_hash(ravi.id, None, "first") is True
    assert await kept(stores, ravi.id) == "first"
    assert (await kept(stores, asha.id) or "").startswith("new")


async def test_a_reset_replaces_whatever_there_is(stores: Stores) -> None:
    asha, ravi = person("asha"), person("ravi")
    await stores.accounts.create(asha, "old")
    await stores.accounts.create(ravi, None)
    for user in (asha, ravi):
        await stores.accounts.set_password_hash(user.id, "new")
        assert await kept(stores, user.id) == "new"
