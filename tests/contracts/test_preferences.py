"""The port `PreferenceStore`, on every database."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from batiyoun.chats.preferences.model import FOREVER, NO_PREFERENCES, Change, Preferences
from batiyoun.errors import UserNotFound
from batiyoun.runtime import uuid7
from batiyoun.storage.sql.departures import SqlDepartureStore
from batiyoun.storage.sql.preferences import SqlPreferenceStore
from batiyoun.users.model import User
from tests.contracts.account_stores import clock, stores
from tests.harness.accounts import Clock, Stores, person

__all__ = ["clock", "stores"]

NOW = Clock().runtime().utcnow()
TONIGHT = NOW + timedelta(hours=8)


@pytest.fixture
async def asha(stores: Stores) -> User:
    user = person("asha")
    await stores.accounts.create(user, None)
    return user


async def test_what_is_given_is_changed_and_nothing_else(stores: Stores, asha: User) -> None:
    store, chat = SqlPreferenceStore(stores.database), uuid7()
    assert await store.of_chat(asha.id, chat) == NO_PREFERENCES
    assert await store.of_user(asha.id) == {}
    edits = [
        Change(muted_until=TONIGHT),
        Change(archived_seq=7),
        Change(muted_until=FOREVER, pinned=3),
        Change(muted_until=None, archived_seq=None),
    ]
    states = [await store.change(asha.id, chat, edit, most=5) for edit in edits]
    assert states == [
        Preferences(TONIGHT, None, None, 1),
        Preferences(TONIGHT, 7, None, 2),
        Preferences(FOREVER, 7, 3, 3),
        Preferences(None, None, 3, 4),
    ]
    assert await store.of_chat(asha.id, chat) == states[-1]
    assert await store.of_user(asha.id) == {chat: states[-1]}


async def test_preferences_are_one_s_own(stores: Stores, asha: User) -> None:
    ravi, store, chat = person("ravi"), SqlPreferenceStore(stores.database), uuid7()
    await stores.accounts.create(ravi, None)
    await store.change(asha.id, chat, Change(pinned=1), most=5)
    assert await store.of_chat(ravi.id, chat) == NO_PREFERENCES
    assert await store.of_user(ravi.id) == {}


async def test_no_more_are_on_top_than_may_be_whoever_is_quicker(stores: Stores, asha: User) -> None:
    store, chats = SqlPreferenceStore(stores.database), [uuid7() for _ in range(8)]
    wishes = (store.change(asha.id, chat, Change(pinned=n), most=5) for n, chat in enumerate(chats))
    done = await asyncio.gather(*wishes)
    assert sum(state is not None for state in done) == 5
    top = [chat for chat, state in zip(chats, done, strict=True) if state is not None]
    assert set(await store.of_user(asha.id)) == set(top), "a refused wish leaves nothing"
    refused = next(chat for chat in chats if chat not in top)
    both = Change(pinned=9, archived_seq=1)
    assert await store.change(asha.id, refused, both, most=5) is None
    assert await store.of_chat(asha.id, refused) == NO_PREFERENCES
    moved = await store.change(asha.id, top[0], Change(pinned=99), most=5)
    assert moved is not None, "it has its place already"
    await store.change(asha.id, top[1], Change(pinned=None), most=5)
    assert await store.change(asha.id, refused, both, most=5) == Preferences(None, 1, 9, 1)


async def test_changes_at_once_are_all_kept(stores: Stores, asha: User) -> None:
    store, chat = SqlPreferenceStore(stores.database), uuid7()
    edits = [Change(muted_until=TONIGHT), Change(archived_seq=2), Change(pinned=1)]
    await asyncio.gather(*(store.change(asha.id, chat, edit, most=5) for edit in edits))
    assert await store.of_chat(asha.id, chat) == Preferences(TONIGHT, 2, 1, 3)


async def test_they_are_forgotten_by_chat_and_with_the_account(stores: Stores, asha: User) -> None:
    store, kept, left = SqlPreferenceStore(stores.database), uuid7(), uuid7()
    for chat in (kept, left):
        await store.change(asha.id, chat, Change(pinned=1), most=5)
    await store.forget(asha.id, [left, uuid7()])
    assert set(await store.of_user(asha.id)) == {kept}
    await SqlDepartureStore(stores.database, Clock().runtime()).wipe(asha.id, NOW)
    assert await store.of_user(asha.id) == {}


async def test_nobody_s_preferences_cannot_be_kept(stores: Stores) -> None:
    with pytest.raises(UserNotFound):
        await SqlPreferenceStore(stores.database).change(uuid7(), uuid7(), Change(pinned=1), most=5)
