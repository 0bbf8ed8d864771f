"""Recovery, archive and linking over HTTP, and starting over with new keys."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from batiyoun.keys.model import MAX_BATCH_BYTES, MAX_LINK, MAX_RECOVERY
from tests.harness.accounts import problem_of
from tests.harness.devices import ASHA, IDENTITIES, LAPTOP, OTHER, PHONE, RAVI, Place, open_place, register
from tests.harness.passkey import SoftAuthenticator

CHAT = "01890000-0000-7000-8000-000000000001"
DAY = 86_400


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


NEW_KEY = b64(b"n" * 32)


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with open_place(tmp_path) as opened:
        yield opened


async def audited(browser: httpx.AsyncClient) -> list[str]:
    return [entry["kind"] for entry in (await browser.get("/api/users/me/audit")).json()["events"]]


async def reset(browser: httpx.AsyncClient, key: str = NEW_KEY) -> Any:
    answer = await browser.post("/api/keys/identity/reset", json={"key": key})
    assert answer.status_code == 200, answer.text
    return answer.json()["resetAt"]


async def current_key(browser: httpx.AsyncClient) -> str:
    key: str = (await browser.get("/api/keys/identity")).json()["key"]
    return key


# ── recovery ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_wrapped_keys_come_back_and_every_reading_is_noted(place: Place) -> None:
    browser = await place.browser(ASHA)
    assert problem_of(await browser.put("/api/keys/recovery", json={"wrapped": "AAAA"})) == (404, "identity_missing")
    phone = await place.device(PHONE)
    assert problem_of(await phone.get("/api/keys/recovery")) == (404, "not_found")
    wrapped = b64(bytes(MAX_RECOVERY))
    assert (await phone.put("/api/keys/recovery", json={"wrapped": wrapped})).status_code == 204
    assert (await browser.get("/api/keys/recovery")).json()["wrapped"] == wrapped
    assert {"key_recovery_set", "key_recovery_read", "device_added"} <= set(await audited(phone))
    larger = b64(bytes(MAX_RECOVERY + 1))
    assert problem_of(await phone.put("/api/keys/recovery", json={"wrapped": larger})) == (413, "payload_too_large")


async def test_wrapped_keys_are_not_handed_out_again_and_again(place: Place) -> None:
    phone = await place.device(PHONE)
    await phone.put("/api/keys/recovery", json={"wrapped": "AAAA"})
    answers = [(await phone.get("/api/keys/recovery")).status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]


# ── passkeys ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def with_passkey(browser: httpx.AsyncClient) -> tuple[str, str]:
    """A new passkey of whoever is signed in there: (its place among the wrapped keys, its id in the account)."""
    options = (await browser.post("/api/auth/passkeys/options")).json()["options"]
    credential = SoftAuthenticator().create(options)
    added = await browser.post("/api/auth/passkeys", json={"credential": credential, "name": "Telephone"})
    assert added.status_code == 201, added.text
    return f"/api/keys/recovery/passkeys/{credential['id']}", added.json()["passkey"]["id"]


async def test_24_keys_wrapped_for_a_passkey_are_its_person_s_alone_and_gone_with_it(place: Place) -> None:
    phone, ravi = await place.device(PHONE), await place.device(OTHER)
    where, passkey_id = await with_passkey(phone)
    wrapped = {"wrapped": b64(bytes(MAX_RECOVERY))}
    assert (await phone.get("/api/keys/identity")).json()["passkeyAt"] is None
    assert problem_of(await ravi.put(where, json=wrapped)) == (404, "not_found"), "not his passkey"
    assert (await phone.put(where, json=wrapped)).status_code == 204
    new = await place.browser(ASHA)
    assert (await new.get("/api/keys/identity")).json()["passkeyAt"] is not None
    (copy,) = (await new.get("/api/keys/recovery/passkeys")).json()["passkeys"]
    assert where.endswith(f"/{copy['credentialId']}")
    assert (await new.get(where)).json()["wrapped"] == wrapped["wrapped"]
    assert {"key_passkey_set", "key_passkey_read"} <= set(await audited(phone))

    assert (await ravi.get("/api/keys/recovery/passkeys")).json() == {"passkeys": []}
    nothing = await ravi.get(where)
    absent = await ravi.get("/api/keys/recovery/passkeys/QUJD")
    assert problem_of(nothing) == problem_of(absent) == (404, "not_found")
    assert nothing.json()["detail"] == absent.json()["detail"], "nobody learns which passkeys others have"
    assert "key_passkey_read" not in await audited(ravi)

    await with_passkey(phone)  # another, since nobody removes their last way in
    assert (await phone.delete(f"/api/auth/passkeys/{passkey_id}")).status_code == 204
    assert problem_of(await phone.get(where)) == (404, "not_found")
    assert (await phone.get("/api/keys/identity")).json()["passkeyAt"] is None


async def test_another_recovery_code_ends_the_way_by_passkey(place: Place) -> None:
    phone = await place.device(PHONE)
    where, _ = await with_passkey(phone)
    await phone.put(where, json={"wrapped": "AAAA"})
    await phone.put("/api/keys/recovery", json={"wrapped": "AAAA"})
    assert (await phone.get(where)).status_code == 200, "the first code stands beside it"
    await phone.put("/api/keys/recovery", json={"wrapped": "BBBB"})
    assert problem_of(await phone.get(where)) == (404, "not_found")


async def test_starting_over_ends_the_way_by_passkey(place: Place) -> None:
    phone = await place.device(PHONE)
    where, _ = await with_passkey(phone)
    await phone.put(where, json={"wrapped": "AAAA"})
    assert await reset(phone) is None
    assert problem_of(await phone.get(where)) == (404, "not_found")
    assert (await phone.get("/api/auth/passkeys")).json()["passkeys"], "it still signs its person in"


async def test_keys_wrapped_for_a_passkey_are_not_handed_out_again_and_again(place: Place) -> None:
    phone = await place.device(PHONE)
    where, _ = await with_passkey(phone)
    await phone.put(where, json={"wrapped": "AAAA"})
    answers = [(await phone.get(where)).status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]
    answers = [(await phone.put(where, json={"wrapped": "AAAA"})).status_code for _ in range(10)]
    assert answers == [204] * 9 + [429]


@pytest.mark.parametrize(
    ("credential", "wrapped", "refused"),
    [
        ("QUJD", b64(bytes(MAX_RECOVERY + 1)), (413, "payload_too_large")),
        ("QUJD", "", (400, "invalid_input")),
        ("QUJD", "A", (400, "invalid_input")),
        ("QUJD", 7, (400, "invalid_input")),
        ("QUJD", "AAAA", (404, "not_found")),
        ("QUJDR", "AAAA", (400, "invalid_input")),
        ("QUJD%0A", "AAAA", (400, "invalid_input")),
        ("QU%2BD", "AAAA", (400, "invalid_input")),
        ("Q" * 1365, "AAAA", (400, "invalid_input")),
    ],
)
async def test_a_passkey_s_copy_takes_only_what_fits(
    place: Place, credential: str, wrapped: object, refused: tuple[int, str]
) -> None:
    phone = await place.device(PHONE)
    answer = await phone.put(f"/api/keys/recovery/passkeys/{credential}", json={"wrapped": wrapped})
    assert problem_of(answer) == refused


# ── archive ───────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_an_archive_is_one_s_own(place: Place) -> None:
    phone, ravi = await place.device(PHONE), await place.device(OTHER)
    where, data = f"/api/keys/archive/{CHAT}", b64(b"z" * MAX_BATCH_BYTES)
    assert (await phone.put(f"{where}/7", json={"data": data})).status_code == 204
    (batch,) = (await phone.get(where)).json()["batches"]
    assert (batch["batch"], batch["size"]) == (7, MAX_BATCH_BYTES)
    assert (await phone.get(f"{where}/7")).json() == {"data": data}
    assert problem_of(await ravi.get(f"{where}/7")) == (404, "not_found")
    assert (await ravi.get(where)).json() == {"batches": []}
    await ravi.delete(where)
    assert (await phone.delete(where)).status_code == 204
    assert problem_of(await phone.get(f"{where}/7")) == (404, "not_found")


@pytest.mark.parametrize(
    ("place_", "data", "refused"),
    [
        (f"{CHAT}/0", b64(bytes(MAX_BATCH_BYTES + 1)), (413, "payload_too_large")),
        (f"{CHAT}/0", "", (400, "invalid_input")),
        (f"{CHAT}/0", "A", (400, "invalid_input")),
        (f"{CHAT}/0", 7, (400, "invalid_input")),
        (f"{CHAT}/-1", "AAAA", (400, "invalid_input")),
        (f"{CHAT}/{1 << 31}", "AAAA", (400, "invalid_input")),
        ("x/0", "AAAA", (400, "invalid_input")),
    ],
)
async def test_an_archive_takes_only_what_fits(
    place: Place, place_: str, data: object, refused: tuple[int, str]
) -> None:
    phone = await place.device(PHONE)
    assert problem_of(await phone.put(f"/api/keys/archive/{place_}", json={"data": data})) == refused


async def test_an_archive_is_full_at_some_point(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batiyoun.keys.sealed.ARCHIVE_QUOTA", 10)
    phone = await place.device(PHONE)
    assert (await phone.put(f"/api/keys/archive/{CHAT}/0", json={"data": b64(b"z" * 10)})).status_code == 204
    full = await phone.put(f"/api/keys/archive/{CHAT}/1", json={"data": b64(b"z")})
    assert problem_of(full) == (409, "archive_full")


# ── linking ───────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_two_devices_of_a_person_meet(place: Place) -> None:
    phone, new, ravi = await place.device(PHONE), await place.browser(ASHA), await place.device(OTHER)
    nonce, data = "a-nonce_of-16-or-more", b64(bytes(MAX_LINK))
    assert problem_of(await new.get(f"/api/keys/links/{nonce}")) == (404, "not_found")
    assert (await phone.post("/api/keys/links", json={"nonce": nonce, "data": data})).status_code == 201
    assert (await phone.post("/api/keys/links", json={"nonce": nonce, "data": data})).status_code == 201, "again"
    other = await phone.post("/api/keys/links", json={"nonce": nonce, "data": "AAAA"})
    assert problem_of(other) == (409, "link_taken")
    assert (await new.get(f"/api/keys/links/{nonce}")).json() == {"data": data}
    assert problem_of(await ravi.get(f"/api/keys/links/{nonce}")) == (404, "not_found")
    place.clock.now += 601
    assert problem_of(await new.get(f"/api/keys/links/{nonce}")) == (404, "not_found")


@pytest.mark.parametrize(
    ("nonce", "data", "refused"),
    [
        ("short", "AAAA", (400, "invalid_input")),
        ("n" * 65, "AAAA", (400, "invalid_input")),
        ("n" * 15 + "/", "AAAA", (400, "invalid_input")),
        ("n" * 16, b64(bytes(MAX_LINK + 1)), (413, "payload_too_large")),
    ],
)
async def test_a_letter_that_does_not_fit_is_refused(
    place: Place, nonce: str, data: str, refused: tuple[int, str]
) -> None:
    phone = await place.device(PHONE)
    assert problem_of(await phone.post("/api/keys/links", json={"nonce": nonce, "data": data})) == refused


# ── starting over ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_whoever_has_no_other_device_starts_over_at_once(place: Place) -> None:
    phone = await place.device(PHONE)
    await phone.put("/api/keys/recovery", json={"wrapped": "AAAA"})
    assert await reset(phone) is None
    assert await current_key(phone) == NEW_KEY
    assert (await phone.get("/api/keys/devices")).json() == {"devices": []}, "its certificate was of the old key"
    assert problem_of(await phone.get("/api/keys/recovery")) == (404, "not_found")
    assert problem_of(await register(phone, PHONE)) == (400, "certificate_invalid")
    assert "identity_reset" in await audited(phone)


async def test_whoever_has_another_device_waits_a_day(place: Place) -> None:
    phone = await place.device(PHONE)
    new = await place.browser(ASHA)
    assert await reset(new) is not None
    assert problem_of(await new.post("/api/keys/identity/reset", json={"key": NEW_KEY})) == (409, "reset_waits")
    place.clock.now += DAY - 1
    await place.app.key_service.identities.sweep()
    assert await current_key(new) == IDENTITIES[ASHA]
    place.clock.now += 1
    await place.app.key_service.identities.sweep()
    assert await current_key(new) == NEW_KEY
    assert problem_of(await phone.get("/api/users/me")) == (401, "session_revoked"), "the lost device is signed out"
    assert await place.app.key_service.directory.devices_of([ASHA]) == {ASHA: []}


async def test_any_device_can_cancel_it(place: Place) -> None:
    phone, new = await place.device(PHONE), await place.browser(ASHA)
    assert problem_of(await phone.delete("/api/keys/identity/reset")) == (404, "not_found")
    await reset(new)
    assert (await phone.get("/api/keys/identity")).json()["resetAt"] is not None
    assert (await phone.delete("/api/keys/identity/reset")).status_code == 204
    place.clock.now += 2 * DAY
    await place.app.key_service.identities.sweep()
    assert await current_key(phone) == IDENTITIES[ASHA]
    assert {"identity_reset_asked", "identity_reset_cancelled"} <= set(await audited(phone))


async def test_whoever_signs_out_the_one_who_asked_cancels_it(place: Place) -> None:
    phone, thief = await place.device(PHONE), await place.browser(ASHA)
    await reset(thief)
    await phone.post("/api/auth/sessions/revoke-others")
    place.clock.now += DAY
    assert await current_key(phone) == IDENTITIES[ASHA]
    assert (await phone.get("/api/keys/identity")).json()["resetAt"] is None


async def test_signing_out_all_devices_first_saves_nobody_the_wait(place: Place) -> None:
    await place.device(PHONE)
    await place.device(LAPTOP)
    thief = await place.browser(ASHA)
    await thief.post("/api/auth/sessions/revoke-others")
    await place.settled()
    assert await reset(thief) is not None


async def test_devices_of_long_ago_do_not_make_anybody_wait(place: Place) -> None:
    await place.device(PHONE)
    place.clock.now += 31 * DAY
    new = await place.browser(ASHA)
    assert await reset(new) is None


async def test_starting_over_needs_a_key_and_a_fresh_proof(place: Place) -> None:
    browser = await place.browser(RAVI)
    nothing = await browser.post("/api/keys/identity/reset", json={"key": NEW_KEY})
    assert problem_of(nothing) == (404, "identity_missing")
    ravi = await place.device(OTHER)
    place.clock.now += 3600
    late = await ravi.post("/api/keys/identity/reset", json={"key": NEW_KEY})
    assert problem_of(late) == (403, "step_up_required")
