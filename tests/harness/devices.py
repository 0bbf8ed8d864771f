"""People with devices on a whole application, in process: certificates and key packages are those of the client."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from batiyoun.app import App, build
from batiyoun.auth.secrets import SECRET_LENGTH
from batiyoun.settings import load_settings
from batiyoun.storage.sql.sessions import SqlSessionStore
from batiyoun.storage.sql.users import SqlAccountStore
from tests.harness.accounts import Clock, person, sign_in

#: made by `client/scripts/key-vectors.mjs`
VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "unit/keys/vectors.json").read_text())
PHONE, LAPTOP, OTHER = (VECTORS["devices"][name] for name in ("phone", "laptop", "other"))
ASHA, RAVI = PHONE["userId"], OTHER["userId"]
IDENTITIES = {ASHA: VECTORS["identities"]["asha"], RAVI: VECTORS["identities"]["ravi"]}


@dataclass
class Place:
    """An application with Asha and Ravi in it."""

    app: App
    clock: Clock
    made: int = 0

    async def browser(self, user_id: str) -> httpx.AsyncClient:
        """A browser in which the person has just signed in."""
        self.made += 1
        token = str(self.made).rjust(SECRET_LENGTH, "t")
        await SqlSessionStore(self.app.database).create(sign_in(user_id, token, self.clock))
        transport = httpx.ASGITransport(self.app.web, client=("203.0.113.7", 50_000), raise_app_exceptions=False)
        name = self.app.auth.cookie_name
        return httpx.AsyncClient(transport=transport, base_url="http://localhost", cookies={name: token})

    async def device(self, facts: dict[str, Any], browser: httpx.AsyncClient | None = None) -> httpx.AsyncClient:
        """A browser that is this device of the vectors, with its identity key in place and no key packages."""
        browser = browser or await self.browser(facts["userId"])
        put = await browser.put("/api/keys/identity", json={"key": IDENTITIES[facts["userId"]]})
        assert put.status_code in {200, 201}, put.text
        answer = await register(browser, facts)
        if answer.status_code == 409 and answer.json()["code"] == "device_proof_needed":  # it comes back
            answer = await register(browser, facts, proof=proof_of(facts, answer.json()["fields"]["challenge"]))
        assert answer.status_code == 200, answer.text
        return browser

    async def settled(self) -> None:
        """What follows the end of a session has happened."""
        await self.app.key_service.devices.close()


def proof_of(facts: dict[str, Any], challenge: str) -> str:
    """What the device of the vectors answers to a challenge, both in base64."""
    secret = Ed25519PrivateKey.from_private_bytes(base64.b64decode(facts["secret"]))
    head = f"batiyoun device return 1\n{facts['userId']}\n{facts['deviceId']}\n".encode()
    return base64.b64encode(secret.sign(head + base64.b64decode(challenge))).decode()


async def register(browser: httpx.AsyncClient, facts: dict[str, Any], **changes: Any) -> httpx.Response:
    """`PUT keys/devices/{id}` with a device of the vectors."""
    body = {"certificate": facts["certificate"], "signatureKey": facts["signatureKey"], "name": "Telephone"}
    return await browser.put(f"/api/keys/devices/{facts['deviceId']}", json=body | changes)


async def upload(browser: httpx.AsyncClient, packages: list[str], **more: Any) -> httpx.Response:
    """`PUT keys/packages`."""
    return await browser.put("/api/keys/packages", json={"packages": packages} | more)


async def claim(browser: httpx.AsyncClient, *devices: dict[str, Any]) -> list[str | None]:
    """The key packages of these devices."""
    wanted = [{"userId": each["userId"], "deviceId": each["deviceId"]} for each in devices]
    answer = await browser.post("/api/keys/packages/claim", json={"devices": wanted})
    assert answer.status_code == 200, answer.text
    return [each["keyPackage"] for each in answer.json()["packages"]]


@asynccontextmanager
async def open_place(folder: Path, **settings: Any) -> AsyncIterator[Place]:
    """The application, over SQLite unless the settings say otherwise, at the time of the vectors."""
    clock = Clock(now=float(VECTORS["now"]))
    runtime = clock.runtime()
    app = build(load_settings(**{"data_dir": folder, "password_cost": 4, **settings}), runtime=runtime)
    async with app.opened():
        accounts = SqlAccountStore(app.database, runtime)
        for user_id, name in ((ASHA, "asha"), (RAVI, "ravi")):
            await accounts.create(person(name, id=user_id), None)
        yield Place(app, clock)
