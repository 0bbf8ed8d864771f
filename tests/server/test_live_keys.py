"""What open connections hear about keys, over the real server."""

from __future__ import annotations

import base64
import json
import uuid

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from batiyoun.keys.certificate import Certificate
from tests.harness.people import Town


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


async def with_device(browser: httpx.AsyncClient, user_id: str, owner: Ed25519PrivateKey) -> str:
    """Register a new device; returns its id."""
    device_id, key = str(uuid.uuid4()), Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    public = owner.public_key().public_bytes_raw()
    put = await browser.put("/api/keys/identity", json={"key": b64(public)})
    assert put.is_success, put.text
    found = Certificate(user_id, device_id, public, 83, 4_000_000_000, b"")
    certificate = {
        "v": 1,
        "user": user_id,
        "device": device_id,
        "key": b64(public),
        "suite": 83,
        "expires": found.expires,
        "signature": b64(owner.sign(found.signed(key))),
    }
    body = {"certificate": b64(json.dumps(certificate).encode()), "signatureKey": b64(key), "name": "Laptop"}
    answer = await browser.put(f"/api/keys/devices/{device_id}", json=body)
    assert answer.is_success, answer.text
    return device_id


async def test_whoever_shares_a_chat_hears_of_devices(town: Town) -> None:
    asha, ravi, stranger = [await town.sign_up(name) for name in ("asha", "ravi", "meera")]
    await asha.create_chat(ravi)
    owner = Ed25519PrivateKey.generate()
    async with asha.online() as here, ravi.online() as there, stranger.online() as elsewhere:
        await with_device(asha.http, asha.id, owner)
        for live in (here, there):
            assert await live.wait_for("device_list_changed", within=3) == [{"userId": asha.id}]
        async with town.visitor() as second:
            await second.post("/api/auth/login", json={"identifier": asha.username, "password": asha.password})
            await with_device(second, asha.id, owner)
            async with ravi.online() as again:
                await second.post("/api/auth/logout")
                assert await again.wait_for("device_list_changed", within=3) == [{"userId": asha.id}]
        shown = (await ravi.http.get(f"/api/users/{asha.id}/devices")).json()["devices"]
        assert len(shown) == 1, "that of the sign-in that ended is gone"
        assert elsewhere.heard("device_list_changed") == []


async def test_all_devices_hear_that_somebody_starts_over(town: Town) -> None:
    asha = await town.sign_up("asha")
    await with_device(asha.http, asha.id, Ed25519PrivateKey.generate())
    async with asha.online() as live, town.visitor() as thief:
        await thief.post("/api/auth/login", json={"identifier": asha.username, "password": asha.password})
        answer = await thief.post("/api/keys/identity/reset", json={"key": b64(bytes(32))})
        assert answer.is_success, answer.text
        (told,) = await live.wait_for("identity_reset", within=3)
        assert told["resetAt"] == answer.json()["resetAt"] is not None
        assert (await asha.http.delete("/api/keys/identity/reset")).status_code == 204
        assert await live.wait_for("identity_reset", lambda args: args[0]["resetAt"] is None, within=3)


async def test_a_device_hears_that_its_key_packages_run_low(town: Town) -> None:
    asha, ravi = await town.sign_up("asha"), await town.sign_up("ravi")
    device = await with_device(asha.http, asha.id, Ed25519PrivateKey.generate())
    await with_device(ravi.http, ravi.id, Ed25519PrivateKey.generate())
    async with asha.online() as live:
        wish = {"devices": [{"userId": asha.id, "deviceId": device}]}
        claimed = (await ravi.http.post("/api/keys/packages/claim", json=wish)).json()["packages"]
        assert [each["keyPackage"] for each in claimed] == [None]
        assert await live.wait_for("key_packages_low", within=3) == [{"left": 0}]


async def test_what_a_device_keeps_for_the_others_is_told_to_them_alone(town: Town) -> None:
    asha, ravi = await town.sign_up("asha"), await town.sign_up("ravi")
    chat = await asha.create_chat(ravi)
    for person in (asha, ravi):
        await with_device(person.http, person.id, Ed25519PrivateKey.generate())
    async with asha.online() as here, ravi.online() as there:
        for under, by in ((chat, asha), (asha.id, ravi), (asha.id, asha)):
            kept = await by.http.put(f"/api/keys/archive/{under}/7", json={"data": b64(b"sealed")})
            assert kept.status_code == 204, kept.text
        assert await here.wait_for("own_marks_changed", within=3) == [{}]
        assert len(here.heard("own_marks_changed")) == 1, "a chat's history is no mark"
        assert there.heard("own_marks_changed") == [], "what lies under another's id is told to nobody"
