"""The port `PasskeyStore`, on every database, and what a new account is made with."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from batiyoun.auth.oidc.model import Identity
from batiyoun.auth.passkeys.model import MAX_CREDENTIAL_ID, NewPasskey, Passkey
from batiyoun.errors import IdentityTaken, LastWayIn, PasskeyKnown
from batiyoun.runtime import uuid7
from batiyoun.storage.sql.passkeys import SqlPasskeyStore
from batiyoun.users.model import User
from tests.contracts.account_stores import clock, stores
from tests.harness.accounts import Clock, Stores, person

__all__ = ["clock", "stores"]


@pytest.fixture
async def asha(stores: Stores) -> User:
    user = person("asha")
    await stores.accounts.create(user, None)
    return user


@pytest.fixture
def passkeys(stores: Stores) -> SqlPasskeyStore:
    return SqlPasskeyStore(stores.database)


def passkey(user: User, credential: bytes = b"one", **changes: object) -> Passkey:
    made = NewPasskey(credential, b"a COSE key", 0, ("internal", "hybrid"))
    return replace(
        Passkey(uuid7(), user.id, "Telephone", made, Clock().runtime().utcnow(), None),
        **changes,  # type: ignore[arg-type]
    )


def counted(user: User, count: int) -> Passkey:
    return passkey(user, made=NewPasskey(b"one", b"a COSE key", count, ("usb",)))


def identity(user: User, subject: str = "1098") -> Identity:
    return Identity(uuid7(), user.id, "https://id.example", subject, "a@example.org", Clock().runtime().utcnow())


async def test_a_passkey_comes_back_whole(passkeys: SqlPasskeyStore, asha: User) -> None:
    kept = passkey(asha, b"\x00" * MAX_CREDENTIAL_ID)
    await passkeys.add(kept)
    assert await passkeys.by_credential(kept.made.credential_id) == kept
    assert await passkeys.of_user(asha.id) == [kept]
    assert await passkeys.by_credential(b"two") is None
    assert await passkeys.of_user(uuid7()) == []


async def test_a_credential_belongs_to_one(passkeys: SqlPasskeyStore, stores: Stores, asha: User) -> None:
    ravi = person("ravi")
    await stores.accounts.create(ravi, None)
    racers = [passkey(user) for user in (asha, ravi, asha, ravi)]
    outcomes = await asyncio.gather(*(passkeys.add(each) for each in racers), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType"] + ["PasskeyKnown"] * 3


async def test_the_eldest_comes_first(passkeys: SqlPasskeyStore, asha: User) -> None:
    now = Clock().runtime().utcnow()
    made = [passkey(asha, bytes([n]), created_at=now + timedelta(seconds=n)) for n in (3, 1, 2)]
    for each in made:
        await passkeys.add(each)
    assert await passkeys.of_user(asha.id) == [made[1], made[2], made[0]]


async def test_a_counter_grows_or_stays_zero(passkeys: SqlPasskeyStore, asha: User) -> None:
    plain, now = passkey(asha, b"plain"), Clock().runtime().utcnow()
    await passkeys.add(plain)
    assert all([await passkeys.used(plain.id, 0, now) for _ in range(2)])
    assert await passkeys.by_credential(b"plain") == replace(plain, last_used_at=now)
    key = counted(asha, 7)
    await passkeys.add(key)
    assert not await passkeys.used(key.id, 7, now)
    assert not await passkeys.used(key.id, 0, now)
    outcomes = await asyncio.gather(*(passkeys.used(key.id, 8, now) for _ in range(6)))
    assert sorted(outcomes) == [False] * 5 + [True]
    assert not await passkeys.used(uuid7(), 9, now)


async def test_only_ones_own_are_renamed_and_removed(passkeys: SqlPasskeyStore, stores: Stores, asha: User) -> None:
    ravi = person("ravi")
    await stores.accounts.create(ravi, "hash")
    kept = passkey(asha)
    await passkeys.add(kept)
    assert await passkeys.rename(ravi.id, kept.id, "mine") is None
    assert not await passkeys.remove(ravi.id, kept.id, may_be_last=True)
    assert await passkeys.rename(asha.id, kept.id, "Key ring") == replace(kept, name="Key ring")
    assert await passkeys.remove(asha.id, kept.id, may_be_last=True)
    assert not await passkeys.remove(asha.id, kept.id, may_be_last=True)


async def test_the_last_way_in_stays(passkeys: SqlPasskeyStore, stores: Stores, asha: User) -> None:
    one, two = passkey(asha, b"one"), passkey(asha, b"two")
    await passkeys.add(one)
    with pytest.raises(LastWayIn):
        await passkeys.remove(asha.id, one.id, may_be_last=False)
    await passkeys.add(two)
    outcomes = await asyncio.gather(
        *(passkeys.remove(asha.id, each.id, may_be_last=False) for each in (one, two)), return_exceptions=True
    )
    assert sorted(map(repr, outcomes))[1] == "True"
    assert len(await passkeys.of_user(asha.id)) == 1, "of two at once one is refused"
    (left,) = await passkeys.of_user(asha.id)
    await stores.accounts.set_password_hash(asha.id, "hash")
    assert await passkeys.remove(asha.id, left.id, may_be_last=False), "a password is a way in"


async def test_an_identity_is_a_way_in(passkeys: SqlPasskeyStore, stores: Stores) -> None:
    ravi = person("ravi")
    await stores.accounts.create(ravi, None, None, identity(ravi))
    kept = passkey(ravi)
    await passkeys.add(kept)
    assert await passkeys.remove(ravi.id, kept.id, may_be_last=False)


async def test_an_account_is_made_with_its_way_in_or_not_at_all(passkeys: SqlPasskeyStore, stores: Stores) -> None:
    asha, ravi, mina = person("asha"), person("ravi"), person("mina")
    kept = passkey(asha)
    await stores.accounts.create(asha, None, None, kept)
    assert await passkeys.of_user(asha.id) == [kept]
    with pytest.raises(PasskeyKnown):
        await stores.accounts.create(ravi, None, None, passkey(ravi))
    assert await stores.users.get(ravi.id) is None
    await stores.accounts.create(ravi, None, None, identity(ravi))
    with pytest.raises(IdentityTaken):
        await stores.accounts.create(mina, None, None, identity(mina))
    assert await stores.users.get(mina.id) is None


async def test_13_proving_an_address_drops_every_way_in_from_before(
    passkeys: SqlPasskeyStore, stores: Stores, asha: User
) -> None:
    ravi = person("ravi")
    await stores.accounts.create(ravi, None, None, passkey(ravi, b"his"))
    await passkeys.add(passkey(asha))
    assert await stores.accounts.prove_address(asha.id)
    assert await passkeys.of_user(asha.id) == []
    await passkeys.add(passkey(asha))
    assert not await stores.accounts.prove_address(asha.id)
    assert len(await passkeys.of_user(asha.id)) == 1
    assert len(await passkeys.of_user(ravi.id)) == 1
