"""The ports of keys, on every database."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from batiyoun.auth.passkeys.model import NewPasskey, Passkey
from batiyoun.keys.model import Device, Package, PasskeyCopy, Reset
from batiyoun.runtime import uuid7
from batiyoun.storage.sql.keys.devices import SqlDeviceStore
from batiyoun.storage.sql.keys.directory import SqlDirectoryStore
from batiyoun.storage.sql.keys.identities import SqlIdentityStore
from batiyoun.storage.sql.keys.packages import SqlPackageStore
from batiyoun.storage.sql.keys.sealed import SqlSealedStore
from batiyoun.storage.sql.passkeys import SqlPasskeyStore
from batiyoun.users.model import User
from tests.contracts.account_stores import clock, stores
from tests.harness.accounts import Clock, Stores, person

__all__ = ["clock", "stores"]

NOW = Clock().runtime().utcnow()
SOON = int(Clock().now) + 3600
KEY, NEXT = b"k" * 32, b"n" * 32


@pytest.fixture
async def asha(stores: Stores) -> User:
    user = person("asha")
    await stores.accounts.create(user, None)
    await SqlIdentityStore(stores.database).put(user.id, KEY, NOW)
    return user


def a_device(user: User) -> Device:
    return Device(uuid7(), user.id, uuid7(), "Telephone", b"a certificate", b"s" * 32, NOW, NOW)


async def kept(stores: Stores, user: User) -> Device:
    device = a_device(user)
    assert await SqlDeviceStore(stores.database).put(device, limit=20)
    return device


async def a_passkey(stores: Stores, user: User, credential: bytes) -> Passkey:
    made = NewPasskey(credential, b"a COSE key", 0, ("internal",))
    passkey = Passkey(uuid7(), user.id, "Telephone", made, NOW, None)
    await SqlPasskeyStore(stores.database).add(passkey)
    return passkey


def packages(count: int, not_after: int = SOON) -> list[Package]:
    return [Package(uuid7().encode() + b"r" * 28, f"package {number}".encode(), not_after) for number in range(count)]


async def test_the_first_key_stays_whoever_is_quicker(stores: Stores) -> None:
    user = person("ravi")
    await stores.accounts.create(user, None)
    identities = SqlIdentityStore(stores.database)
    assert await identities.of(user.id) is None
    made = await asyncio.gather(*(identities.put(user.id, bytes([n]) * 32, NOW) for n in range(10)))
    assert len({identity.key for identity in made}) == 1
    assert await identities.of(user.id) == made[0]


async def test_a_reset_takes_everything_of_the_old_key_along(stores: Stores, asha: User) -> None:
    identities, sealed = SqlIdentityStore(stores.database), SqlSealedStore(stores.database)
    device = await kept(stores, asha)
    await SqlPackageStore(stores.database).add(device.id, packages(2), limit=10, now=NOW)
    assert await sealed.put_recovery(asha.id, b"wrapped", NOW)
    assert await sealed.put_batch(asha.id, uuid7(), 0, b"old", NOW, quota=100, limit=10)
    await a_passkey(stores, asha, b"one")
    assert await sealed.put_passkey(asha.id, b"one", b"wrapped", NOW)
    reset = Reset(NEXT, NOW + timedelta(hours=1), uuid7())
    assert await identities.ask_reset(asha.id, reset)
    assert not await identities.ask_reset(asha.id, Reset(b"x" * 32, NOW, uuid7())), "one waits already"
    assert await identities.due_resets(NOW) == []
    assert await identities.due_resets(reset.at) == [(asha.id, reset)]
    done = await asyncio.gather(*(identities.reset(asha.id, reset, reset.at) for _ in range(5)))
    assert [each for each in done if each is not None] == [[device]], "exactly one does it"
    found = await identities.of(asha.id)
    assert found is not None
    assert (found.key, found.reset, found.seen_at) == (NEXT, None, None)
    assert await sealed.recovery(asha.id) is None
    assert await sealed.passkeys(asha.id) == []
    assert await SqlDirectoryStore(stores.database).records([asha.id]) == []


async def test_a_reset_is_cancelled_by_anybody_or_with_its_session(stores: Stores, asha: User) -> None:
    identities = SqlIdentityStore(stores.database)
    reset = Reset(NEXT, NOW, uuid7())
    assert not await identities.cancel_reset(asha.id)
    assert await identities.ask_reset(asha.id, reset)
    assert not await identities.cancel_reset(asha.id, uuid7()), "that of another session"
    assert await identities.cancel_reset(asha.id, reset.session_id)
    assert await identities.reset(asha.id, reset, NOW) is None
    assert await identities.ask_reset(asha.id, reset)
    assert await identities.cancel_reset(asha.id)


async def test_a_device_comes_back_whole_and_is_renewed(stores: Stores, asha: User) -> None:
    store = SqlDeviceStore(stores.database)
    device = await kept(stores, asha)
    assert await store.by_id(device.id) == await store.of_session(device.session_id) == device
    (record,) = await SqlDirectoryStore(stores.database).records([asha.id, uuid7()])
    assert (record.user_id, record.device_id, record.identity_key) == (asha.id, device.id, KEY)
    renewed = Device(device.id, asha.id, uuid7(), "Phone", b"another", device.signature_key, NOW, NOW)
    assert await store.put(renewed, limit=20)
    assert await store.of_user(asha.id) == [renewed]


async def test_what_belongs_to_another_device_is_not_given_away(stores: Stores, asha: User) -> None:
    ravi = person("ravi")
    await stores.accounts.create(ravi, None)
    store, device = SqlDeviceStore(stores.database), await kept(stores, asha)
    assert not await store.put(a_device(ravi), limit=20), "no identity key"
    await SqlIdentityStore(stores.database).put(ravi.id, KEY, NOW)
    theirs = Device(device.id, ravi.id, uuid7(), "", b"c", device.signature_key, NOW, NOW)
    assert not await store.put(theirs, limit=20)
    other_key = Device(device.id, asha.id, device.session_id, "", b"c", b"t" * 32, NOW, NOW)
    assert not await store.put(other_key, limit=20)
    same_session = Device(uuid7(), asha.id, device.session_id, "", b"c", b"s" * 32, NOW, NOW)
    assert not await store.put(same_session, limit=20)
    assert await store.of_user(asha.id) == [device]


async def test_a_person_has_so_many_devices_and_not_one_more(stores: Stores, asha: User) -> None:
    store = SqlDeviceStore(stores.database)
    put = await asyncio.gather(*(store.put(a_device(asha), limit=3) for _ in range(10)))
    assert sum(put) == len(await store.of_user(asha.id)) == 3


async def test_a_device_is_gone_once_and_remembered(stores: Stores, asha: User) -> None:
    store, device = SqlDeviceStore(stores.database), await kept(stores, asha)
    later = NOW + timedelta(days=1)
    await store.seen(device.id, later)
    await store.seen(device.id, NOW)
    assert await store.not_seen_since(later, 10) == []
    assert [each.id for each in await store.not_seen_since(later + timedelta(seconds=1), 10)] == [device.id]
    gone = await asyncio.gather(*(store.remove(device.id) for _ in range(5)))
    assert [each.id for each in gone if each is not None] == [device.id]
    found = await SqlIdentityStore(stores.database).of(asha.id)
    assert found is not None
    assert found.seen_at == later


async def test_fifty_claims_at_once_never_get_the_same_package(stores: Stores, asha: User) -> None:
    store, device = SqlPackageStore(stores.database), await kept(stores, asha)
    made = packages(40)
    assert await store.add(device.id, made, limit=200, now=NOW) == 40
    last = Package(b"l" * 64, b"last resort", SOON)
    assert await store.put_last_resort(device.id, last)
    claims = await asyncio.gather(*(store.claim({device.id: asha.id}, spare=(), now=NOW) for _ in range(50)))
    got = [claim[device.id].data for claim in claims]
    once = [data for data in got if data != last.data]
    assert len(once) == len(set(once)) == 40, "each once"
    assert len(got) == 50
    assert await store.waiting(device.id, NOW) == (0, True)
    assert await store.add(device.id, made, limit=200, now=NOW) == 0, "what was handed out cannot come back"


async def test_claims_of_many_devices_while_they_upload(stores: Stores, asha: User) -> None:
    store = SqlPackageStore(stores.database)
    owned = [await kept(stores, asha) for _ in range(5)]
    forward = {device.id: asha.id for device in owned}
    backward = dict(reversed(forward.items()))
    for device in owned:
        await store.add(device.id, packages(5), limit=200, now=NOW)
    answers = await asyncio.gather(
        *(store.claim(order, spare=(), now=NOW) for order in (forward, backward) * 3),
        *(store.add(device.id, packages(1), limit=200, now=NOW) for device in owned),
    )
    claims = [answer for answer in answers if isinstance(answer, dict)]
    for device in owned:
        taken = sum(1 for claim in claims if device.id in claim)
        assert taken + (await store.waiting(device.id, NOW))[0] == 6


async def test_only_good_packages_are_handed_out(stores: Stores, asha: User) -> None:
    store, device = SqlPackageStore(stores.database), await kept(stores, asha)
    assert await store.add(uuid7(), packages(1), limit=9, now=NOW) is None
    over = packages(2, not_after=int(Clock().now) + 10)
    assert await store.add(device.id, [*over, *over], limit=9, now=NOW) == 2, "each is kept once"
    assert await store.add(device.id, packages(9), limit=4, now=NOW) == 4, "no more than the limit"
    later = NOW + timedelta(seconds=10)
    assert await store.waiting(device.id, later) == (2, False)
    claimed = await store.claim({device.id: asha.id}, spare=(), now=later)
    assert (claimed[device.id].data, claimed[device.id].left) == (b"package 0", 1)
    assert await store.claim({device.id: uuid7()}, spare=(), now=later) == {}, "it is not that person's"
    assert await store.claim({device.id: asha.id}, spare=[device.id], now=later) == {}, "no last resort"
    await store.put_last_resort(device.id, Package(b"l" * 64, b"last", int(Clock().now) + 60))
    assert (await store.claim({device.id: asha.id}, spare=[device.id], now=later))[device.id].left is None
    assert await store.claim({device.id: asha.id}, spare=[device.id], now=later + timedelta(minutes=1)) == {}
    assert await store.sweep(later) == 2
    await SqlDeviceStore(stores.database).remove(device.id)
    assert await store.waiting(device.id, later) == (0, False)


async def test_an_archive_has_its_limits_whoever_writes_at_once(stores: Stores, asha: User) -> None:
    store, chat = SqlSealedStore(stores.database), uuid7()
    put = await asyncio.gather(
        *(store.put_batch(asha.id, chat, n, b"x" * 30, NOW, quota=100, limit=50) for n in range(8))
    )
    assert sum(bool(each) for each in put) == 3
    (first, *_) = await store.batches(asha.id, chat)
    assert await store.put_batch(asha.id, chat, first.number, b"y" * 40, NOW, quota=100, limit=3), "in its own place"
    assert await store.batch(asha.id, chat, first.number) == b"y" * 40
    assert await store.put_batch(asha.id, uuid7(), 0, b"", NOW, quota=100, limit=3) is False
    assert await store.put_batch(uuid7(), chat, 0, b"", NOW, quota=100, limit=3) is None
    assert await store.drop_batches(asha.id, chat) == 3
    assert await store.batches(asha.id, chat) == []
    assert await store.batch(asha.id, chat, first.number) is None


async def test_a_letter_waits_for_a_while_and_the_first_one_stays(stores: Stores, asha: User) -> None:
    store, until = SqlSealedStore(stores.database), NOW + timedelta(minutes=10)
    written = await asyncio.gather(
        *(store.put_link(asha.id, "nonce", bytes([n]), now=NOW, until=until, limit=5) for n in range(5))
    )
    assert len(set(written)) == 1
    assert await store.link(asha.id, "nonce", NOW) == written[0]
    assert await store.link(uuid7(), "nonce", NOW) is None, "it is nobody else's"
    assert await store.link(asha.id, "nonce", until) is None
    assert await store.put_link(asha.id, "another", b"x", now=NOW, until=until, limit=1) is None
    assert await store.put_link(asha.id, "another", b"x", now=until, until=until, limit=1) == b"x"


async def test_recovery_is_the_latest(stores: Stores, asha: User) -> None:
    store = SqlSealedStore(stores.database)
    assert not await store.put_recovery(uuid7(), b"one", NOW)
    for wrapped in (b"one", b"two"):
        assert await store.put_recovery(asha.id, wrapped, NOW)
    assert await store.recovery(asha.id) == (b"two", NOW)


async def test_what_a_passkey_opens_is_the_person_s_and_gone_with_the_passkey(stores: Stores, asha: User) -> None:
    ravi = person("ravi")
    await stores.accounts.create(ravi, None)
    store, passkeys = SqlSealedStore(stores.database), SqlPasskeyStore(stores.database)
    one, two = await a_passkey(stores, asha, b"one"), await a_passkey(stores, asha, b"two")
    theirs = await a_passkey(stores, ravi, b"three")
    assert await store.put_passkey(ravi.id, theirs.made.credential_id, b"x", NOW) is None, "no identity key"
    assert await store.put_passkey(asha.id, b"three", b"x", NOW) is False, "a passkey of somebody else"
    for wrapped, later in ((b"first", 0), (b"again", 1)):
        assert await store.put_passkey(asha.id, b"one", wrapped, NOW + timedelta(seconds=later))
    assert await store.put_passkey(asha.id, b"two", b"other", NOW + timedelta(seconds=2))
    newest, elder = NOW + timedelta(seconds=2), NOW + timedelta(seconds=1)
    assert await store.passkeys(asha.id) == [PasskeyCopy(b"two", newest), PasskeyCopy(b"one", elder)]
    assert await store.passkey(asha.id, b"one") == (b"again", elder)
    assert await store.passkey(ravi.id, b"one") is None
    assert await store.passkeys(ravi.id) == []
    assert await passkeys.remove(asha.id, one.id, may_be_last=True)
    assert await store.passkey(asha.id, b"one") is None
    assert await store.passkeys(asha.id) == [PasskeyCopy(b"two", newest)]
    assert await passkeys.remove(asha.id, two.id, may_be_last=True)
    await a_passkey(stores, asha, b"two")
    assert await store.passkey(asha.id, b"two") is None, "made anew, it opens nothing"


async def test_another_code_ends_the_ways_by_passkeys_and_the_first_code_does_not(stores: Stores, asha: User) -> None:
    ravi = person("ravi")
    await stores.accounts.create(ravi, None)
    await SqlIdentityStore(stores.database).put(ravi.id, KEY, NOW)
    store = SqlSealedStore(stores.database)
    for user, credential in ((asha, b"one"), (ravi, b"two")):
        await a_passkey(stores, user, credential)
        assert await store.put_passkey(user.id, credential, b"wrapped", NOW)
    assert await store.put_recovery(asha.id, b"a code", NOW)
    assert await store.passkey(asha.id, b"one") is not None
    assert await store.put_recovery(asha.id, b"a code", NOW), "the same request once more"
    assert await store.passkey(asha.id, b"one") is not None
    assert await store.put_recovery(asha.id, b"another code", NOW)
    assert await store.passkey(asha.id, b"one") is None
    assert await store.passkey(ravi.id, b"two") is not None, "another person's stay"


async def test_a_copy_never_outlives_its_passkey(stores: Stores, asha: User) -> None:
    store, passkeys = SqlSealedStore(stores.database), SqlPasskeyStore(stores.database)
    for round_ in range(10):
        credential = f"passkey {round_}".encode()
        made = await a_passkey(stores, asha, credential)
        kept, gone = await asyncio.gather(
            store.put_passkey(asha.id, credential, b"wrapped", NOW),
            passkeys.remove(asha.id, made.id, may_be_last=True),
        )
        assert gone
        assert kept in {True, False}
        assert await store.passkey(asha.id, credential) is None
