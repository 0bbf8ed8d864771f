"""auth/keys.py and auth/keyring.py: signing keys that take turns."""

from __future__ import annotations

import asyncio
import base64
from datetime import UTC, datetime, timedelta

import pytest

from batiyoun.auth import keyring
from batiyoun.auth.keyring import KeyRing, rotate
from batiyoun.auth.keys import AHEAD, GRACE, SigningKey, key_set, load_signing_key, new_signing_key
from batiyoun.auth.model import TOKEN_LIFETIME
from tests.harness.accounts import SIGNING_KEY, Clock
from tests.harness.keys import MemoryKeys

NOW = datetime(2026, 9, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_key_set_shows_public_halves_alone() -> None:
    key = load_signing_key(SIGNING_KEY, NOW)
    jwk = key.jwk()
    assert {name: jwk[name] for name in ("kty", "crv", "use", "alg", "kid")} == {
        "kty": "OKP",
        "crv": "Ed25519",
        "use": "sig",
        "alg": "EdDSA",
        "kid": key.id,
    }
    assert base64.urlsafe_b64decode(jwk["x"] + "=") == key.public.public_bytes_raw()
    assert set(jwk) == {"kty", "crv", "use", "alg", "kid", "x"}, "d would be the private half"


def test_a_young_key_waits_until_everybody_may_know_it() -> None:
    old, young = load_signing_key(SIGNING_KEY, NOW), load_signing_key(new_signing_key(), NOW + DAY)
    keys = key_set([young, old])
    assert keys.signs(NOW) is old, "the only one there is signs at once"
    assert keys.signs(NOW + DAY + AHEAD - timedelta(seconds=1)) is old
    assert keys.signs(NOW + DAY + AHEAD) is young
    end = NOW + DAY + AHEAD + TOKEN_LIFETIME + GRACE
    assert keys.over(end - timedelta(seconds=1)) == []
    assert keys.over(end) == [old]
    assert key_set([young]).over(end + 365 * DAY) == []


def test_there_is_always_a_key() -> None:
    with pytest.raises(ValueError, match="no signing key"):
        key_set([])


def test_the_first_key_and_every_later_one_are_made_by_themselves(clock: Clock) -> None:
    keys = MemoryKeys()
    ring = KeyRing(keys, clock.runtime(), age=90 * DAY)
    (first,) = keys.load()
    assert ring.signing().id == first.id
    clock.now += 90 * DAY.total_seconds() - 1
    ring.refresh()
    assert len(keys.load()) == 1
    clock.now += 1
    ring.refresh()
    assert len(keys.load()) == 2
    ring.refresh()
    assert len(keys.load()) == 2, "one is enough"
    assert ring.signing().id == first.id
    assert len(ring.jwks()["keys"]) == 2, "the next key is published before it signs"
    clock.now += AHEAD.total_seconds()
    assert ring.signing().id != first.id
    clock.now += (TOKEN_LIFETIME + GRACE).total_seconds()
    ring.refresh()
    assert first.id not in {key.id for key in keys.load()}
    assert ring.find(first.id) is None


def test_without_an_age_one_key_stays(clock: Clock) -> None:
    keys = MemoryKeys()
    ring = KeyRing(keys, clock.runtime(), age=None)
    clock.now += 3650 * DAY.total_seconds()
    ring.refresh()
    assert len(keys.load()) == 1


def test_when_every_key_was_taken_away_a_new_one_is_made(clock: Clock) -> None:
    keys = MemoryKeys(SIGNING_KEY)
    ring = KeyRing(keys, clock.runtime(), age=None)
    before = ring.signing().id
    keys.keys.clear()
    ring.refresh()
    assert ring.signing().id != before


@pytest.mark.parametrize("key_id", [None, "", "../../etc/passwd", 7, {"a": 1}])
def test_11_only_our_own_keys_are_found(clock: Clock, key_id: object) -> None:
    ring = KeyRing(MemoryKeys(SIGNING_KEY), clock.runtime(), age=None)
    assert ring.find(key_id) is None
    assert ring.find(ring.signing().id) is ring.signing()


async def test_a_running_server_notices_and_survives_a_store_that_fails(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyring, "REFRESH", 0.01)
    keys = MemoryKeys(SIGNING_KEY)
    ring = KeyRing(keys, clock.runtime(), age=None)
    broken = asyncio.Event()
    loop = asyncio.get_running_loop()
    real = keys.load

    def fails() -> list[object]:
        loop.call_soon_threadsafe(broken.set)
        raise OSError("the disk is gone")

    monkeypatch.setattr(keys, "load", fails)
    ring.start()
    try:
        async with asyncio.timeout(5):
            await broken.wait()
        monkeypatch.setattr(keys, "load", real)
        seen = asyncio.Event()
        looks = 0

        def sees() -> list[SigningKey]:
            nonlocal looks
            looks += 1
            if looks == 2:  # the look before is over
                loop.call_soon_threadsafe(seen.set)
            return real()

        made = rotate(keys, clock.runtime(), leaked=True)
        monkeypatch.setattr(keys, "load", sees)
        async with asyncio.timeout(5):
            await seen.wait()
    finally:
        await ring.close()
    assert ring.signing().id == made.id
