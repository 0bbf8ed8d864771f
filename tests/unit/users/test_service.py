"""users/service.py: who is shown, and how they are found."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import update

from batiyoun.errors import UserNotFound
from batiyoun.runtime import uuid7
from batiyoun.storage.sql.tables import users as table
from batiyoun.users.model import ProfileChange
from batiyoun.users.service import MAX_RESULTS, UserService
from tests.harness.accounts import Stores, open_stores, person


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[Stores]:
    async with open_stores(f"sqlite+aiosqlite:///{tmp_path}/accounts.db") as opened:
        yield opened


async def test_who_deleted_their_account_is_still_named_and_not_found(stores: Stores) -> None:
    users = UserService(stores.users)
    asha, gone, off = person("asha"), person("gone", disabled=True), person("off", disabled=True)
    for each in (asha, gone, off):
        await stores.accounts.create(each, None)
    async with stores.database.writing() as connection:
        await connection.execute(update(table).where(table.c.id == gone.id).values(deleted_at=gone.created_at))
    assert [user.id for user in await users.profiles([off.id, gone.id, asha.id, gone.id])] == [gone.id, asha.id]
    assert (await users.profile(gone.id)).deleted is True
    for user_id in (off.id, uuid7(), "x"):
        with pytest.raises(UserNotFound):
            await users.profile(user_id)
    assert set(await users.get_many([asha.id, gone.id, off.id])) == {asha.id}


async def test_24_unknown_malformed_and_disabled_people_are_alike(stores: Stores) -> None:
    users = UserService(stores.users)
    gone = person("gone", disabled=True)
    await stores.accounts.create(gone, None)
    for user_id in (gone.id, uuid7(), "", "x", "../me", "a\0b", gone.id.upper(), gone.id + "\n", "\ud800"):
        with pytest.raises(UserNotFound):
            await users.get(user_id)
        with pytest.raises(UserNotFound):
            await users.update(uuid7(), ProfileChange(bio="x"))
    assert await users.get_many([gone.id, "x", uuid7()]) == {}


async def test_search_ignores_an_at_sign_and_spaces_around(stores: Stores) -> None:
    users = UserService(stores.users)
    asha = person("asha", display_name="Zoë")
    await stores.accounts.create(asha, None)
    for query in ("asha", " @Asha", "ash ", "zo", "ZOË"):
        assert await users.search(query) == [asha]
    for query in ("", "  ", "@", "\u200d", "sha", "\0", "asha@example.org"):
        assert await users.search(query) == []


async def test_search_is_bounded_whatever_is_asked(stores: Stores) -> None:
    users = UserService(stores.users)
    for number in range(MAX_RESULTS + 5):
        await stores.accounts.create(person(f"user{number}"), None)
    assert len(await users.search("user", 10_000)) == MAX_RESULTS
    assert len(await users.search("user", -3)) == 1
    assert len(await users.search("u" * 10_000)) == 0
