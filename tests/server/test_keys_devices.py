"""Identity keys and devices over HTTP: certificates of the real client, and sign-ins that end."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from batiyoun.keys.certificate import check_return
from batiyoun.keys.errors import DeviceProofNeeded
from tests.harness.accounts import problem_of
from tests.harness.devices import (
    ASHA,
    IDENTITIES,
    LAPTOP,
    OTHER,
    PHONE,
    RAVI,
    VECTORS,
    Place,
    claim,
    open_place,
    proof_of,
    register,
    upload,
)

DAY = 86_400


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with open_place(tmp_path) as opened:
        yield opened


async def devices(browser: httpx.AsyncClient) -> list[dict[str, Any]]:
    answer = await browser.get("/api/keys/devices")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["devices"]
    return found


async def test_a_first_key_stays(place: Place) -> None:
    browser = await place.browser(ASHA)
    assert problem_of(await browser.get("/api/keys/identity")) == (404, "identity_missing")
    assert problem_of(await register(browser, PHONE)) == (404, "identity_missing")
    first = await browser.put("/api/keys/identity", json={"key": IDENTITIES[ASHA]})
    again = await browser.put("/api/keys/identity", json={"key": IDENTITIES[ASHA]})
    other = await browser.put("/api/keys/identity", json={"key": IDENTITIES[RAVI]})
    assert (first.status_code, again.status_code) == (201, 200)
    assert problem_of(other) == (409, "identity_exists")
    assert first.json() == again.json() == (await browser.get("/api/keys/identity")).json()
    assert first.json()["key"] == IDENTITIES[ASHA]


@pytest.mark.parametrize("key", ["", "A" * 43, "A" * 40 + "====", "A" * 44, "=" * 44, "é" * 44])
async def test_a_key_that_is_none_is_refused(place: Place, key: str) -> None:
    browser = await place.browser(ASHA)
    assert problem_of(await browser.put("/api/keys/identity", json={"key": key})) == (400, "invalid_input")


async def test_a_device_is_seen_by_its_person_and_by_others(place: Place) -> None:
    phone, ravi = await place.device(PHONE), await place.device(OTHER)
    laptop = await place.device(LAPTOP)
    assert [(each["id"], each["current"]) for each in await devices(laptop)] == [
        (PHONE["deviceId"], False),
        (LAPTOP["deviceId"], True),
    ]
    shown = (await ravi.get(f"/api/users/{ASHA}/devices")).json()
    assert shown == {
        "identityKey": IDENTITIES[ASHA],
        "devices": [
            {
                name: each[key]
                for name, key in (("id", "deviceId"), ("certificate", "certificate"), ("signatureKey", "signatureKey"))
            }
            for each in (PHONE, LAPTOP)
        ],
    }
    records = await place.app.key_service.directory.devices_of([ASHA, RAVI])
    assert [record.device_id for record in records[ASHA]] == [PHONE["deviceId"], LAPTOP["deviceId"]]
    assert records[RAVI][0].signature_key == base64.b64decode(OTHER["signatureKey"])
    assert problem_of(await phone.get("/api/users/01890000-0000-7000-8000-000000000000/devices"))[0] == 404
    assert (await register(phone, PHONE, name="Old telephone")).status_code == 200, "renewed"
    assert [each["name"] for each in await devices(phone)] == ["Old telephone", "Telephone"]


async def test_a_session_speaks_for_its_device(place: Place) -> None:
    browser = await place.device(PHONE)
    cookie = f"{place.app.auth.cookie_name}={browser.cookies[place.app.auth.cookie_name]}"
    principal = await place.app.auth.authenticate_cookie(cookie)
    assert principal is not None
    assert principal.device_id == PHONE["deviceId"]


@pytest.mark.parametrize(
    ("what", "facts"),
    [
        ("another person's", {**OTHER, "deviceId": PHONE["deviceId"]}),
        ("another device's", {**LAPTOP, "deviceId": PHONE["deviceId"]}),
        ("one for another signature key", {**PHONE, "signatureKey": LAPTOP["signatureKey"]}),
        ("one that ran out", VECTORS["expiredCertificate"]),
        ("none", {**PHONE, "certificate": base64.b64encode(b"{}").decode()}),
        ("not text", {**PHONE, "certificate": base64.b64encode(b"\xff\xfe").decode()}),
    ],
)
async def test_a_certificate_that_does_not_fit_is_refused(place: Place, what: str, facts: dict[str, Any]) -> None:
    browser = await place.browser(ASHA)
    await browser.put("/api/keys/identity", json={"key": IDENTITIES[ASHA]})
    assert problem_of(await register(browser, facts)) == (400, "certificate_invalid"), what
    assert await devices(browser) == []


async def test_a_changed_certificate_is_refused_wherever_it_is_changed(place: Place) -> None:
    browser = await place.browser(ASHA)
    await browser.put("/api/keys/identity", json={"key": IDENTITIES[ASHA]})
    good = base64.b64decode(PHONE["certificate"])
    assert (await place.app.auth.person(ASHA)) is not None
    for change in (
        good.replace(b'"suite":83', b'"suite":1'),
        good.replace(b'"v":1', b'"v":2'),
        good.replace(b'"expires":1', b'"expires":2'),
        good[:-40] + b"A" + good[-39:],
        good + b" " * 1024,
    ):
        assert change != good
        answer = await register(browser, PHONE, certificate=base64.b64encode(change).decode())
        assert problem_of(answer)[1] in {"certificate_invalid", "payload_too_large"}


async def test_a_device_of_another_sign_in_cannot_be_taken(place: Place) -> None:
    await place.device(PHONE)
    second = await place.browser(ASHA)
    assert problem_of(await register(second, PHONE)) == (409, "device_taken")
    assert await devices(second) != []


async def test_a_session_has_one_device(place: Place) -> None:
    browser = await place.device(PHONE)
    await upload(browser, PHONE["packages"], lastResort=PHONE["lastResort"])
    await place.device(LAPTOP, browser)
    assert [each["id"] for each in await devices(browser)] == [LAPTOP["deviceId"]]
    ravi = await place.device(OTHER)
    assert await claim(ravi, PHONE) == [None]


async def test_09_whoever_ends_a_session_ends_its_device(place: Place) -> None:
    gone: list[tuple[str, str]] = []

    async def note(user_id: str, device_id: str) -> None:
        gone.append((user_id, device_id))

    place.app.key_service.directory.on_device_gone.append(note)
    phone, laptop, ravi = await place.device(PHONE), await place.device(LAPTOP), await place.device(OTHER)
    await upload(phone, PHONE["packages"], lastResort=PHONE["lastResort"])
    assert (await laptop.post("/api/auth/sessions/revoke-others")).status_code == 200
    await place.settled()
    assert gone == [(ASHA, PHONE["deviceId"])]
    assert [each["id"] for each in await devices(laptop)] == [LAPTOP["deviceId"]]
    assert await claim(ravi, PHONE) == [None], "its key packages are gone, too"
    assert (await laptop.post("/api/auth/logout")).status_code == 204
    await place.settled()
    assert gone[1:] == [(ASHA, LAPTOP["deviceId"])]
    assert await place.app.key_service.directory.devices_of([ASHA]) == {ASHA: []}


async def test_a_session_that_ran_out_leaves_its_device_to_the_next(place: Place) -> None:
    browser = await place.device(PHONE)
    await upload(browser, PHONE["packages"])
    place.clock.now += 8 * DAY
    assert problem_of(await browser.get("/api/keys/devices")) == (401, "unauthenticated")
    again = await place.browser(ASHA)
    asked = await register(again, PHONE)
    assert problem_of(asked) == (409, "device_proof_needed")
    proof = proof_of(PHONE, asked.json()["fields"]["challenge"])
    assert (await register(again, PHONE, proof=proof)).status_code == 200
    assert (await register(again, PHONE)).status_code == 200, "and renewed without one"
    assert [each["current"] for each in await devices(again)] == [True]
    assert (await again.get("/api/keys/packages")).json() == {"left": 3, "lastResort": False}
    place.clock.now += 91 * DAY
    await place.app.key_service.devices.sweep()
    assert await place.app.key_service.directory.devices_of([ASHA]) == {ASHA: []}


async def test_09_a_sign_in_without_the_key_of_the_device_cannot_come_back_as_it(place: Place) -> None:
    await upload(await place.device(PHONE), PHONE["packages"])
    place.clock.now += 8 * DAY
    owner, thief = await place.browser(ASHA), await place.browser(ASHA)
    challenges = [(await register(each, PHONE)).json()["fields"]["challenge"] for each in (owner, thief, thief)]
    assert challenges[0] != challenges[1] == challenges[2], "one for each sign-in"
    mine, others = proof_of(PHONE, challenges[1]), proof_of(LAPTOP, challenges[1])
    foreign = proof_of({**PHONE, "deviceId": LAPTOP["deviceId"]}, challenges[1])
    unsigned = base64.b64encode(bytes(64)).decode()
    for proof in (proof_of(PHONE, challenges[0]), others, foreign, unsigned, PHONE["returned"]):
        assert problem_of(await register(thief, PHONE, proof=proof)) == (409, "device_proof_needed")
    assert problem_of(await register(thief, PHONE, proof="A" * 100)) == (413, "payload_too_large")
    assert [each["current"] for each in await devices(owner)] == [False]
    assert (await register(thief, PHONE, proof=mine)).status_code == 200, "whoever has the key is the device"
    assert problem_of(await register(owner, PHONE, proof=proof_of(PHONE, challenges[0]))) == (409, "device_taken")


async def test_a_proof_of_the_real_client_is_taken() -> None:
    challenge = bytes([7]) * 32
    who = {"user_id": ASHA, "device_id": PHONE["deviceId"]}
    key = base64.b64decode(PHONE["signatureKey"])
    check_return(base64.b64decode(PHONE["returned"]), challenge, **who, signature_key=key)
    with pytest.raises(DeviceProofNeeded):
        check_return(base64.b64decode(PHONE["returned"]), bytes(32), **who, signature_key=key)


async def test_a_device_is_removed_with_its_sign_in(place: Place) -> None:
    phone, laptop, ravi = await place.device(PHONE), await place.device(LAPTOP), await place.device(OTHER)
    where = f"/api/keys/devices/{PHONE['deviceId']}"
    assert problem_of(await ravi.delete(where)) == (404, "not_found"), "as one that does not exist"
    place.clock.now += 3600
    assert problem_of(await laptop.delete(where)) == (403, "step_up_required")
    fresh = await place.browser(ASHA)
    assert (await fresh.delete(where)).status_code == 204
    assert problem_of(await phone.get("/api/users/me")) == (401, "session_revoked")
    assert [each["id"] for each in await devices(laptop)] == [LAPTOP["deviceId"]]
    assert problem_of(await fresh.delete(where)) == (404, "not_found")


async def test_a_disabled_person_has_no_devices(place: Place) -> None:
    await place.device(PHONE)
    ravi = await place.device(OTHER)
    async with place.app.database.writing() as connection:
        await connection.exec_driver_sql("update users set disabled = 1 where username = 'asha'")
    place.app.key_service.directory.forget(ASHA)
    assert await place.app.key_service.directory.devices_of([ASHA]) == {ASHA: []}
    assert problem_of(await ravi.get(f"/api/users/{ASHA}/devices")) == (404, "identity_missing")
    await place.app.key_service.look_at(ASHA)
    assert await place.app.key_service.devices.of_user(ASHA) == []
