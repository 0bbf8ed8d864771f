"""The ports `DepartureStore`, `NoticeStore` and `AdminStore`, on every database."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Table, select

from batiyoun.account.store import Departure
from batiyoun.auth.model import OneTimeToken
from batiyoun.auth.secrets import hash_token
from batiyoun.invites.model import Invite
from batiyoun.runtime import uuid7
from batiyoun.storage.sql.administration import SqlAdminStore
from batiyoun.storage.sql.departures import SqlDepartureStore, SqlNoticeStore
from batiyoun.storage.sql.tables import metadata, users
from batiyoun.users.model import User
from tests.contracts.account_stores import clock, stores
from tests.harness.accounts import Clock, Stores, person, sign_in

__all__ = ["clock", "stores"]

ASHA = person("asha", display_name="आशा कुमारी", bio="of the ghat", avatar="/api/avatars/x.webp", verified=True)


@pytest.fixture
def now(clock: Clock) -> datetime:
    return clock.runtime().utcnow()


@pytest.fixture
def departures(stores: Stores, clock: Clock) -> SqlDepartureStore:
    return SqlDepartureStore(stores.database, clock.runtime())


@pytest.fixture
def notices(stores: Stores, clock: Clock) -> SqlNoticeStore:
    return SqlNoticeStore(stores.database, clock.runtime())


@pytest.fixture
def admin(stores: Stores, clock: Clock) -> SqlAdminStore:
    return SqlAdminStore(stores.database, clock.runtime())


@pytest.fixture
async def asha(stores: Stores) -> User:
    await stores.accounts.create(ASHA, "hash")
    return ASHA


async def everything(stores: Stores) -> str:
    """All that is kept, as text."""
    async with stores.database.reading() as connection:
        tables: list[Table] = metadata.sorted_tables
        return repr([(table.name, (await connection.execute(select(table))).all()) for table in tables])


# ── leaving ───────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_nothing_is_left_of_who_left_but_an_id(
    stores: Stores, departures: SqlDepartureStore, asha: User, clock: Clock, now: datetime
) -> None:
    ravi = person("ravi")
    await stores.accounts.create(ravi, "hash")
    mine, theirs = sign_in(asha.id, "mine", clock), sign_in(ravi.id, "theirs", clock)
    for session in (mine, theirs):
        await stores.sessions.create(session)
    for number, subject in enumerate((asha.id, asha.email, ravi.email)):
        token = OneTimeToken(hash_token(str(number)), "signup", subject, now + timedelta(minutes=5))
        await stores.tokens.put(token, now)
    await stores.invites.create(Invite(uuid7(), asha.id, 1, 0, "note of Asha", now, now), b"a" * 32, limit=9)
    assert await departures.wipe(asha.id, now) == Departure(asha.id, asha.avatar)
    kept = await everything(stores)
    # the picture's address is remembered until its files are deleted
    for gone in ("asha", "आशा", "ghat", "note of", mine.id):
        assert gone not in kept, gone
    left = await stores.users.get(asha.id)
    assert left is not None
    assert (left.deleted, left.disabled, left.avatar, left.bio, left.verified) == (True, True, None, "", False)
    assert left.display_name == "Deleted account"
    assert await stores.users.get(ravi.id) == ravi
    assert await stores.sessions.of_user(ravi.id) == [theirs]
    assert await stores.sessions.was_revoked(mine.token_hash)
    await departures.finished(asha.id)
    assert "avatars" not in await everything(stores)


async def test_everything_that_hangs_on_a_person_goes_with_them() -> None:
    """A new table about people says whether it goes (cascade) or stays: nothing is forgotten by accident."""
    stays = {
        table.name
        for table in metadata.sorted_tables
        for key in table.foreign_keys
        if key.column is users.c.id and key.ondelete != "CASCADE"
    }
    assert stays == {"audit_events"}


async def test_nobody_finds_or_becomes_who_left(
    stores: Stores, departures: SqlDepartureStore, asha: User, now: datetime
) -> None:
    await departures.wipe(asha.id, now)
    assert await stores.users.search("deleted", 10) == []
    assert await stores.accounts.by_identifier("asha") is None
    assert await stores.accounts.by_identifier(asha.email) is None
    assert await stores.users.rename(asha.id, "back") is None
    assert await stores.users.set_avatar(asha.id, "x") is None
    assert await stores.accounts.change_email(asha.id, "back@example.org", verified=True) is None
    again = person("asha")
    await stores.accounts.create(again, "hash")
    assert await stores.users.get(again.id) == again


async def test_one_leaves_once(departures: SqlDepartureStore, asha: User, now: datetime) -> None:
    left = await asyncio.gather(*(departures.wipe(asha.id, now) for _ in range(6)))
    assert [each for each in left if each is not None] == [Departure(asha.id, asha.avatar)]
    assert await departures.wipe(uuid7(), now) is None
    assert await departures.unfinished() == [Departure(asha.id, asha.avatar)]
    for _ in range(2):
        await departures.finished(asha.id)
    assert await departures.unfinished() == []


async def test_many_leave(stores: Stores, departures: SqlDepartureStore, now: datetime) -> None:
    people = [person(f"user{number}") for number in range(5)]
    for each in people:
        await stores.accounts.create(each, None)
    await asyncio.gather(*(departures.wipe(each.id, now) for each in people))
    assert {each.user_id for each in await departures.unfinished()} == {each.id for each in people}


async def test_the_owner_hands_over_to_the_eldest_admin(
    stores: Stores, departures: SqlDepartureStore, now: datetime
) -> None:
    later = now + timedelta(seconds=1)
    owner, member = person("owner", role="owner", created_at=now), person("member", created_at=now)
    young, old = person("young", role="admin", created_at=later), person("old", role="admin", created_at=now)
    gone = person("gone", role="admin", created_at=now - timedelta(days=1), disabled=True)
    for each in (owner, member, young, old, gone):
        await stores.accounts.create(each, None)
    await departures.wipe(owner.id, now)
    kept = await stores.users.get_many([each.id for each in (owner, member, young, old, gone)])
    roles = {kept[each.id].role for each in (owner, member)}, kept[young.id].role, kept[old.id].role
    assert roles == ({"member"}, "admin", "owner")
    await departures.wipe(old.id, now)
    await departures.wipe(young.id, now)
    assert (await stores.users.get_many([member.id]))[member.id].role == "member", "without an admin there is no owner"


# ── notices ───────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_notices_are_seen_by_everybody_and_pruned_by_age(
    notices: SqlNoticeStore, departures: SqlDepartureStore, asha: User, now: datetime
) -> None:
    await notices.post("00000000-0000-7000-8000-000000000001", now)
    await departures.wipe(asha.id, now + timedelta(minutes=1))
    recent = await notices.recent()
    assert [user_id for _, user_id in recent] == ["00000000-0000-7000-8000-000000000001", asha.id]
    ids = [notice_id for notice_id, _ in recent]
    await notices.prune(now, ids)
    await notices.prune(now + timedelta(seconds=1), ids[1:])
    assert await notices.recent() == recent
    await notices.prune(now + timedelta(seconds=1), ids)
    assert await notices.recent() == recent[1:]


# ── administration ────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_people_come_in_pages_in_the_order_of_their_coming(stores: Stores, admin: SqlAdminStore) -> None:
    people = [person(f"user{number}", disabled=number == 2) for number in range(5)]
    for each in reversed(people):
        await stores.accounts.create(each, None)
    found: list[User] = []
    while page := await admin.people(after=found[-1].id if found else None, limit=2):
        found += page
    assert found == people


async def test_somebody_is_found_by_any_name(stores: Stores, admin: SqlAdminStore, asha: User) -> None:
    for identifier in ("asha", "ASHA", asha.email, asha.id):
        assert await admin.find(identifier) == asha, identifier
    for identifier in ("", "nobody", "x@y", uuid7(), "\0", asha.id.upper(), "{" + asha.id + "}"):
        assert await admin.find(identifier) is None, identifier


async def test_decisions_say_whether_they_changed_something(
    stores: Stores, admin: SqlAdminStore, departures: SqlDepartureStore, asha: User, now: datetime
) -> None:
    assert [await admin.set_disabled(asha.id, True) for _ in range(2)] == [True, False]
    assert await stores.users.get(asha.id) == replace(asha, disabled=True)
    assert [await admin.set_disabled(asha.id, False) for _ in range(2)] == [True, False]
    assert [await admin.set_role(asha.id, "admin") for _ in range(2)] == [True, False]
    assert await stores.users.get(asha.id) == replace(asha, role="admin")
    await departures.wipe(asha.id, now)
    assert await admin.set_disabled(asha.id, False) is False, "nobody comes back"
    assert await admin.set_role(asha.id, "admin") is False
    assert await admin.set_role(uuid7(), "admin") is False
