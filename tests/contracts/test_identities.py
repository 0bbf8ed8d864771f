"""The port `IdentityStore`, on every database."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from batiyoun.auth.oidc.model import MAX_SUBJECT, Identity
from batiyoun.errors import LastWayIn
from batiyoun.runtime import uuid7
from batiyoun.storage.sql.identities import SqlIdentityStore
from batiyoun.users.model import User
from tests.contracts.account_stores import clock, stores
from tests.harness.accounts import Clock, Stores, person

__all__ = ["clock", "stores"]

ISSUER = "https://id.example/realms/family"


@pytest.fixture
async def asha(stores: Stores) -> User:
    user = person("asha")
    await stores.accounts.create(user, None)
    return user


@pytest.fixture
def identities(stores: Stores) -> SqlIdentityStore:
    return SqlIdentityStore(stores.database)


def identity(user: User, subject: str = "1098", issuer: str = ISSUER) -> Identity:
    return Identity(uuid7(), user.id, issuer, subject, "asha@example.org", Clock().runtime().utcnow())


async def test_an_identity_is_the_exact_pair_of_issuer_and_subject(identities: SqlIdentityStore, asha: User) -> None:
    kept = identity(asha, "Ab" + "x" * (MAX_SUBJECT - 2))
    await identities.add(kept)
    assert await identities.find(ISSUER, kept.subject) == kept
    assert await identities.find(ISSUER, kept.subject.lower()) is None
    assert await identities.find(ISSUER + "/", kept.subject) is None
    await identities.add(identity(asha, kept.subject, "https://other.example"))
    assert len(await identities.of_user(asha.id)) == 2


async def test_12_an_identity_belongs_to_one_person(identities: SqlIdentityStore, stores: Stores, asha: User) -> None:
    ravi = person("ravi")
    await stores.accounts.create(ravi, None)
    racers = [identity(user) for user in (asha, ravi, asha, ravi)]
    outcomes = await asyncio.gather(*(identities.add(each) for each in racers), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["IdentityTaken"] * 3 + ["NoneType"]


async def test_the_eldest_comes_first(identities: SqlIdentityStore, asha: User) -> None:
    made = [identity(asha, str(number)) for number in range(3)]
    made = [replace(each, linked_at=each.linked_at - timedelta(days=place)) for place, each in enumerate(made)]
    for each in made:
        await identities.add(each)
    assert await identities.of_user(asha.id) == made[::-1]


async def test_only_ones_own_is_removed_and_not_the_last(
    identities: SqlIdentityStore, stores: Stores, asha: User
) -> None:
    ravi = person("ravi")
    await stores.accounts.create(ravi, "hash")
    kept = identity(asha)
    await identities.add(kept)
    assert not await identities.remove(ravi.id, kept.id, may_be_last=True)
    with pytest.raises(LastWayIn):
        await identities.remove(asha.id, kept.id, may_be_last=False)
    assert await identities.remove(asha.id, kept.id, may_be_last=True)
    assert await identities.find(ISSUER, "1098") is None
