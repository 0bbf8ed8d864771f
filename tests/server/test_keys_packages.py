"""Key packages over HTTP: those of the real client, and what is refused."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from batiyoun.keys.model import MAX_KEY_PACKAGE, MAX_PACKAGES
from batiyoun.keys.telling import Telling
from tests.harness.accounts import problem_of
from tests.harness.devices import ASHA, LAPTOP, OTHER, PHONE, VECTORS, Place, claim, open_place, upload

#: of the suite, in an encoded KeyPackage: after the version of MLSMessage, the wire format and the package's version
SUITE_AT = 6


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with open_place(tmp_path) as opened:
        yield opened


async def test_packages_are_uploaded_counted_and_claimed_once(place: Place) -> None:
    phone, ravi = await place.device(PHONE), await place.device(OTHER)
    assert (await upload(phone, PHONE["packages"], lastResort=PHONE["lastResort"])).json() == {"left": 3}
    assert (await upload(phone, PHONE["packages"])).json() == {"left": 3}, "again, because the answer was lost"
    assert (await phone.get("/api/keys/packages")).json() == {"left": 3, "lastResort": True}
    got = [(await claim(ravi, PHONE))[0] for _ in range(5)]
    assert sorted(map(str, got[:3])) == sorted(PHONE["packages"])
    assert got[3:] == [PHONE["lastResort"]] * 2
    assert (await upload(phone, PHONE["packages"])).json() == {"left": 0}, "what was handed out cannot come back"


async def test_who_looked_for_a_device_before_it_had_packages_hears_of_the_first_ones(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = await place.device(PHONE)
    told: list[str] = []

    async def note(_: Telling, user_id: str) -> None:
        told.append(user_id)

    monkeypatch.setattr(Telling, "devices_changed", note)
    await upload(phone, PHONE["packages"][:1], lastResort=PHONE["lastResort"])
    assert told == [ASHA]
    await upload(phone, PHONE["packages"])
    assert told == [ASHA], "more of them are no news"


async def test_a_hundred_packages_fit_in_one_upload(place: Place) -> None:
    phone = await place.device(PHONE)
    ours = [PHONE["packages"][0]] * MAX_PACKAGES
    assert len("".join(ours)) > 300_000
    answer = await upload(phone, ours)
    assert problem_of(answer) == (400, "key_package_invalid"), "they are one, but they were read"


async def test_claims_are_answered_in_their_order(place: Place) -> None:
    phone, laptop, ravi = await place.device(PHONE), await place.device(LAPTOP), await place.device(OTHER)
    await upload(phone, PHONE["packages"][:1])
    await upload(laptop, LAPTOP["packages"][:1])
    nobody = {"userId": ASHA, "deviceId": "00000000-0000-7000-9000-0000000000ff"}
    not_theirs = {"userId": OTHER["userId"], "deviceId": LAPTOP["deviceId"]}
    assert await claim(ravi, nobody, PHONE) == [None, PHONE["packages"][0]]
    assert await claim(ravi, not_theirs) == [None]
    assert await claim(ravi, LAPTOP, PHONE) == [LAPTOP["packages"][0], None]


async def test_many_who_claim_at_once_get_different_ones(place: Place) -> None:
    phone, ravi = await place.device(PHONE), await place.device(OTHER)
    await upload(phone, PHONE["packages"])
    got = await asyncio.gather(*(claim(ravi, PHONE) for _ in range(10)))
    taken = [package for (package,) in got if package is not None]
    assert sorted(taken) == sorted(PHONE["packages"])


async def test_nobody_uses_up_the_packages_of_somebody(tmp_path: Path) -> None:
    async with open_place(tmp_path) as place:
        phone, laptop, ravi = await place.device(PHONE), await place.device(LAPTOP), await place.device(OTHER)
        await upload(phone, [], lastResort=PHONE["lastResort"])
        for _ in range(10):
            assert await claim(ravi, PHONE) == [PHONE["lastResort"]]
        await upload(phone, PHONE["packages"])
        assert await claim(ravi, PHONE) == [PHONE["lastResort"]], "it took enough"
        assert (await claim(laptop, PHONE))[0] in PHONE["packages"], "others are not in its way"


async def test_claims_have_a_limit(place: Place) -> None:
    await place.device(PHONE)
    ravi = await place.device(OTHER)
    body = {"devices": [{"userId": ASHA, "deviceId": PHONE["deviceId"]}]}
    answers = [await ravi.post("/api/keys/packages/claim", json=body) for _ in range(61)]
    assert [answer.status_code for answer in answers] == [200] * 60 + [429]
    assert answers[-1].json()["code"] == "rate_limited"
    assert "RateLimit" in answers[0].headers


async def test_who_has_no_device_neither_uploads_nor_claims(place: Place) -> None:
    browser = await place.browser(ASHA)
    assert problem_of(await upload(browser, PHONE["packages"])) == (404, "device_missing")
    assert problem_of(await browser.get("/api/keys/packages")) == (404, "device_missing")
    body = {"devices": [{"userId": OTHER["userId"], "deviceId": OTHER["deviceId"]}]}
    assert problem_of(await browser.post("/api/keys/packages/claim", json=body)) == (404, "device_missing")


def changed(package: str, at: int, byte: int) -> str:
    data = bytearray(base64.b64decode(package))
    assert data[at] != byte
    data[at] = byte
    return base64.b64encode(bytes(data)).decode()


@pytest.mark.parametrize(
    ("what", "package"),
    [
        ("expired", VECTORS["ofPhone"]["expired"]),
        ("not yet valid", VECTORS["ofPhone"]["future"]),
        ("valid for too long", VECTORS["ofPhone"]["endless"]),
        ("of an expired certificate and another device", VECTORS["ofPhone"]["expiredCertificate"]),
        ("of another device of the same person", LAPTOP["packages"][0]),
        ("of another person", OTHER["packages"][0]),
        ("of another suite", changed(PHONE["packages"][0], SUITE_AT + 1, 1)),
        ("of another version of MLS", changed(PHONE["packages"][0], 1, 2)),
        ("cut short", base64.b64encode(base64.b64decode(PHONE["packages"][0])[:-1]).decode()),
        ("too long", base64.b64encode(base64.b64decode(PHONE["packages"][0]) + b"\x00").decode()),
        ("of last resort", PHONE["lastResort"]),
        ("another kind of message", base64.b64encode(b"\x00\x01\x00\x02" + bytes(20)).decode()),
    ],
)
async def test_a_package_that_others_could_not_use_is_refused(place: Place, what: str, package: str) -> None:
    phone = await place.device(PHONE)
    answer = await upload(phone, [PHONE["packages"][1], package])
    assert problem_of(answer) == (400, "key_package_invalid"), what
    assert answer.json()["fields"]
    assert (await phone.get("/api/keys/packages")).json()["left"] == 0, "none or all"


async def test_the_last_resort_says_that_it_is_one(place: Place) -> None:
    phone = await place.device(PHONE)
    answer = await upload(phone, [], lastResort=PHONE["packages"][0])
    assert problem_of(answer) == (400, "key_package_invalid")
    assert (await phone.get("/api/keys/packages")).json() == {"left": 0, "lastResort": False}


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        ({"packages": ["A" * (MAX_KEY_PACKAGE * 2)]}, (413, "payload_too_large")),
        ({"packages": [base64.b64encode(bytes(MAX_KEY_PACKAGE + 1)).decode()]}, (413, "payload_too_large")),
        ({"packages": ["AAAA"] * (MAX_PACKAGES + 1)}, (400, "invalid_input")),
        ({"packages": ["no base64"]}, (400, "invalid_input")),
        ({"packages": [""]}, (400, "invalid_input")),
        ({"packages": PHONE["packages"][:1] * 2}, (400, "key_package_invalid")),
        ({"packages": None}, (400, "invalid_input")),
        ({}, (400, "invalid_input")),
    ],
)
async def test_what_is_malformed_or_too_much_is_refused(
    place: Place, body: dict[str, Any], refused: tuple[int, str]
) -> None:
    phone = await place.device(PHONE)
    assert problem_of(await phone.put("/api/keys/packages", json=body)) == refused


@pytest.mark.parametrize(
    "devices",
    [
        [],
        [{"userId": "x", "deviceId": "y"}],
        [{"userId": ASHA, "deviceId": PHONE["deviceId"]}] * 2,
        [{"userId": OTHER["userId"], "deviceId": OTHER["deviceId"]}],
        [{"userId": ASHA, "deviceId": f"00000000-0000-7000-9000-{n:012x}"} for n in range(MAX_PACKAGES + 1)],
    ],
    ids=["nobody", "no ids", "twice", "oneself", "too many"],
)
async def test_a_claim_that_makes_no_sense_is_refused(place: Place, devices: list[dict[str, str]]) -> None:
    await place.device(PHONE)
    ravi = await place.device(OTHER)
    answer = await ravi.post("/api/keys/packages/claim", json={"devices": devices})
    assert problem_of(answer) == (400, "invalid_input")


async def test_an_expired_package_is_not_handed_out_and_is_forgotten(place: Place) -> None:
    phone, ravi = await place.device(PHONE), await place.device(OTHER)
    await upload(phone, PHONE["packages"], lastResort=PHONE["lastResort"])
    place.clock.now += 91 * 86_400
    phone, ravi = await place.device(PHONE), await place.device(OTHER)
    assert await claim(ravi, PHONE) == [None]
    assert (await phone.get("/api/keys/packages")).json() == {"left": 0, "lastResort": False}
    await place.app.key_service.sweep()
