"""An OpenID provider of its own, and a person who goes there and comes back."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import httpx
import pytest
import pytest_asyncio

from tests.harness.accounts import Accounts, open_accounts
from tests.harness.people import NO_CERTIFICATES
from tests.harness.server import free_port

FOLDER = Path(__file__).resolve().parent.parent / "oidc"
CLIENT_ID, CLIENT_SECRET = "batiyoun", "a secret of two: 100% +&"
#: where the application under test says that it is; nothing listens there, requests are made in process
PLACE = "http://127.0.0.1:18080"
CALLBACK = f"{PLACE}/api/auth/google/callback"
ASHA_ELSEWHERE = {
    "sub": "1098", "email": "asha@example.org", "email_verified": True, "name": "Asha  Kumari",
    "preferred_username": "asha.k",
}  # fmt: skip
PATIENCE = 30.0
#: where people land when it did not work
REFUSED, OVER = "/sign-in#oidc-error=provider_refused", "/sign-in#oidc-error=sign_in_over"


@dataclass
class ProviderServer:
    """A provider that runs."""

    issuer: str
    process: asyncio.subprocess.Process

    def settings(self) -> dict[str, Any]:
        """Fields of `Settings` for an application that uses it."""
        return {
            "public_url": PLACE,
            "oidc_issuer": self.issuer,
            "oidc_client_id": CLIENT_ID,
            "oidc_client_secret": CLIENT_SECRET,
            "oidc_name": "Family ID",
        }

    async def stop(self) -> None:
        """From now on nobody answers there."""
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()


@asynccontextmanager
async def running_provider(profile_at: str = "token", callback: str = CALLBACK) -> AsyncIterator[ProviderServer]:
    """The npm package `oidc-provider`; `profile_at` is `token`, or `userinfo` when only that endpoint tells claims.

    People are sent back to `callback` and nowhere else.
    """
    executable = shutil.which("node")
    assert executable, "Node is not on PATH: run `make test`, which finds or fetches one"
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        executable,
        str(FOLDER / "provider.mjs"),
        str(port),
        callback,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=os.environ | {"PROFILE_AT": profile_at},
    )
    server = ProviderServer(f"http://127.0.0.1:{port}", process)
    try:
        assert process.stdout is not None
        said = await asyncio.wait_for(process.stdout.readline(), PATIENCE)
        assert said.decode().strip() == server.issuer, "the provider did not start: `npm ci` in tests/oidc?"
        yield server
    finally:
        await server.stop()


@dataclass
class Traveller:
    """One browser: what it keeps for our application, and for the provider."""

    app: httpx.AsyncClient
    there: httpx.AsyncClient

    async def depart(self, **query: str) -> str:
        """Click on the button; the provider's address. With the intent `link`: on the one in the settings."""
        if query.get("intent") == "link":
            wish = await self.app.post("/api/auth/oidc/link")
            assert wish.status_code == 200, wish.text
            return str(wish.json()["address"])
        answer = await self.app.get("/api/auth/google", params=query)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    async def visit(self, address: str, account: dict[str, Any] | None) -> str:
        """Be at the provider as that account (None: say no); the address on our side to which it sends us back."""
        wish = "no" if account is None else json.dumps(account)
        while not address.startswith(CALLBACK):
            answer = await self.there.get(address, headers={"x-account": wish})
            assert answer.is_redirect, answer.text
            address = str(answer.next_request.url) if answer.next_request else ""
        return address

    async def arrive(self, address: str) -> httpx.Response:
        """Follow the provider back to us."""
        return await self.app.get(address)

    async def go(self, account: dict[str, Any] | None = None, **query: str) -> httpx.Response:
        """There and back."""
        return await self.arrive(await self.visit(await self.depart(**query), account or ASHA_ELSEWHERE))


@asynccontextmanager
async def travelling(accounts: Accounts, app: httpx.AsyncClient | None = None) -> AsyncIterator[Traveller]:
    """A browser that can go to the provider; `app` if somebody is signed in in it already."""
    async with httpx.AsyncClient(trust_env=False, verify=NO_CERTIFICATES, timeout=PATIENCE) as there:
        yield Traveller(app or accounts.client(), there)


def query_of(address: str) -> dict[str, str]:
    """The parameters of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def changed(address: str, **query: str | None) -> str:
    """The address with other parameters; None takes one away."""
    kept = {name: value for name, value in (query_of(address) | query).items() if value is not None}
    return urlunsplit(urlsplit(address)._replace(query=urlencode(kept)))


# ── fixtures ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def provider() -> AsyncIterator[ProviderServer]:
    """A provider for all tests of a file."""
    async with running_provider() as running:
        yield running


@pytest.fixture
async def here(tmp_path: Path, provider: ProviderServer) -> AsyncIterator[Accounts]:
    """An application that uses it, without limits, in today's time."""
    async with open_accounts(tmp_path, rate_limits=False, **provider.settings()) as opened:
        opened.clock.now = time.time()  # the provider's tokens are of today
        yield opened


@pytest.fixture
async def traveller(here: Accounts) -> AsyncIterator[Traveller]:
    """A browser in which nobody is signed in."""
    async with travelling(here) as person:
        yield person


async def signed_up_elsewhere(person: Traveller, username: str = "asha", **more: Any) -> None:
    """Make the account of whom the provider knows as Asha."""
    assert (await person.go()).headers["location"] == "/sign-up#oidc"
    answer = await person.app.post("/api/auth/oidc/signup", json={"username": username} | more)
    assert answer.status_code == 201, answer.text
