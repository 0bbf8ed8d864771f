"""The ports `ErrandStore` and `RetentionStore`, on every database."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from batiyoun.auth.model import Admission, Challenge, OneTimeToken
from batiyoun.invites.model import Invite
from batiyoun.runtime import uuid7
from batiyoun.storage.sql.administration import SqlAdminStore
from batiyoun.storage.sql.departures import SqlNoticeStore
from batiyoun.storage.sql.errands import SqlErrandStore, SqlRetentionStore, remember
from batiyoun.storage.sql.tables import account_notices, email_codes, invites, one_time_tokens
from batiyoun.users.model import User
from tests.contracts.account_stores import clock, stores
from tests.harness.accounts import Clock, Stores, person

__all__ = ["clock", "stores"]

LEASE = timedelta(seconds=30)


@pytest.fixture
def errands(stores: Stores) -> SqlErrandStore:
    """The store."""
    return SqlErrandStore(stores.database)


@pytest.fixture
async def asha(stores: Stores) -> User:
    """Somebody."""
    asha = person("asha")
    await stores.accounts.create(asha, "old")
    return asha


def now(clock: Clock) -> datetime:
    return clock.runtime().utcnow()


async def waiting(errands: SqlErrandStore, clock: Clock) -> list[tuple[str, dict[str, object]]]:
    """Kind and details of what is due in a while; it is done then."""
    clock.now += 10
    taken = await errands.take(now(clock), LEASE, 100)
    for errand in taken:
        await errands.done(errand.id)
    return [(errand.kind, dict(errand.details)) for errand in taken]


async def test_what_ends_sign_ins_is_remembered_with_the_decision(
    stores: Stores, errands: SqlErrandStore, asha: User, clock: Clock
) -> None:
    everything: tuple[str, dict[str, object]] = ("end_sessions", {"keep": [], "tokens": True})
    assert await waiting(errands, clock) == []
    await stores.accounts.set_password_hash(asha.id, "new")
    assert await waiting(errands, clock) == [everything]
    # a hash that is only renewed ends nothing, and one that somebody else changed first neither
    assert await stores.accounts.swap_password_hash(asha.id, "new", "newer")
    assert not await stores.accounts.swap_password_hash(asha.id, "new", "newest", keep=["mine"])
    assert await waiting(errands, clock) == []
    assert await stores.accounts.swap_password_hash(asha.id, "newer", "newest", keep=["mine"])
    assert await waiting(errands, clock) == [("end_sessions", {"keep": ["mine"], "tokens": False})]
    assert await stores.accounts.prove_address(asha.id)
    assert not await stores.accounts.prove_address(asha.id)
    assert await waiting(errands, clock) == [everything]
    admin = SqlAdminStore(stores.database, clock.runtime())
    assert await admin.set_disabled(asha.id, True)
    assert not await admin.set_disabled(asha.id, True)
    assert await admin.set_disabled(asha.id, False)
    assert await waiting(errands, clock) == [("end_sessions", {"keep": [], "tokens": False})]


async def test_whoever_comes_by_an_invitation_is_remembered_to_be_introduced(
    stores: Stores, errands: SqlErrandStore, asha: User, clock: Clock
) -> None:
    invite = Invite(uuid7(), asha.id, 1, 0, "", now(clock), now(clock) + timedelta(days=1))
    await stores.invites.create(invite, b"i" * 32, limit=5)
    ravi = person("ravi")
    await stores.accounts.create(ravi, "hash", Admission(invite=b"i" * 32))
    clock.now += 10
    (errand,) = await errands.take(now(clock), LEASE, 100)
    assert (errand.kind, errand.user_id, errand.details) == ("meet", ravi.id, {"inviter": asha.id})
    assert errand.at == ravi.created_at


async def test_a_decision_that_is_undone_leaves_no_errand(
    stores: Stores, errands: SqlErrandStore, asha: User, clock: Clock
) -> None:
    async def decide() -> None:
        async with stores.database.writing() as connection:
            await remember(connection, clock.runtime(), "end_sessions", asha.id, {})
            raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        await decide()
    assert await waiting(errands, clock) == []


async def test_of_many_workers_one_gets_it_until_its_lease_is_over(
    stores: Stores, errands: SqlErrandStore, asha: User, clock: Clock
) -> None:
    await stores.accounts.set_password_hash(asha.id, "new")
    assert await errands.take(now(clock), LEASE, 100) == []  # whoever decided is at it
    clock.now += 4
    taken = await asyncio.gather(*(errands.take(now(clock), LEASE, 100) for _ in range(6)))
    (errand,) = [errand for each in taken for errand in each]
    assert errand.tries == 1
    clock.now += 29
    assert await errands.take(now(clock), LEASE, 100) == []
    clock.now += 2
    (again,) = await errands.take(now(clock), LEASE, 100)
    assert (again.id, again.tries, again.at) == (errand.id, 2, errand.at)
    clock.now += 31  # the pause doubles
    assert await errands.take(now(clock), LEASE, 100) == []
    clock.now += 30
    (again,) = await errands.take(now(clock), LEASE, 100)
    await errands.done(again.id)
    clock.now += 100_000
    assert await errands.take(now(clock), LEASE, 100) == []


async def test_the_pause_between_tries_is_an_hour_at_most(
    stores: Stores, errands: SqlErrandStore, asha: User, clock: Clock
) -> None:
    await stores.accounts.set_password_hash(asha.id, "new")
    for tries in range(1, 30):
        clock.now += 3601
        (errand,) = await errands.take(now(clock), LEASE, 100)
        assert errand.tries == tries


async def test_what_is_over_is_forgotten_and_nothing_else(stores: Stores, asha: User, clock: Clock) -> None:
    runtime = clock.runtime()
    retention = SqlRetentionStore(stores.database)
    short, long = now(clock) + timedelta(minutes=10), now(clock) + timedelta(days=400)
    for number, ends in enumerate([short, long]):
        key = bytes([number]) * 32
        await stores.codes.put(Challenge(key, "login", "x@example.org", key, ends), replaces=None, now=now(clock))
        await stores.tokens.put(OneTimeToken(key, "reset", f"{number}@example.org", ends), now(clock))
        await stores.invites.create(Invite(uuid7(), asha.id, 1, 0, "", now(clock), ends), key, limit=5)
    await SqlNoticeStore(stores.database, runtime).post(asha.id, now(clock))
    assert await retention.forget(now(clock)) == {}
    clock.now += 3600
    assert await retention.forget(now(clock)) == {"email_codes": 1, "one_time_tokens": 1}
    clock.now += 24 * 3600
    assert await retention.forget(now(clock)) == {"account_notices": 1}
    clock.now += 30 * 24 * 3600
    assert await retention.forget(now(clock)) == {"invites": 1}
    async with stores.database.reading() as connection:
        for table, left in ((email_codes, 1), (one_time_tokens, 1), (invites, 1), (account_notices, 0)):
            assert (await connection.execute(select(func.count()).select_from(table))).scalar() == left


async def test_more_than_one_bite(stores: Stores, asha: User, clock: Clock) -> None:
    async with stores.database.writing() as connection:
        rows = [{"id": uuid7(), "user_id": asha.id, "at": now(clock)} for _ in range(1203)]
        await connection.execute(account_notices.insert(), rows)
    clock.now += 2 * 24 * 3600
    assert await SqlRetentionStore(stores.database).forget(now(clock)) == {"account_notices": 1203}


async def test_pictures_that_somebody_has(stores: Stores, asha: User) -> None:
    await stores.users.set_avatar(asha.id, "/api/avatars/a.webp")
    await stores.accounts.create(person("ravi"), None)
    assert await SqlRetentionStore(stores.database).avatars() == {"/api/avatars/a.webp"}
