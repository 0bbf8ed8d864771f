"""A server that dies between two stores: the next one finishes what was decided. Sessions are in Redis or Valkey."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NoReturn
from unittest.mock import patch

import httpx
import pytest

from batiyoun.app import App, build
from batiyoun.settings import Settings, load_settings
from batiyoun.storage.sql.administration import SqlAdminStore
from batiyoun.storage.sql.users import SqlAccountStore
from tests.harness.accounts import ASHA, PASSWORD, Clock, login
from tests.harness.redis import KINDS, RedisServer, redis_server, valkey_server
from tests.server.test_avatars import picture

__all__ = ["redis_server", "valkey_server"]

BASE = "http://127.0.0.1:8000"
NEW = "monsoon over the old ghat"


class PowerCut(BaseException):
    """The process ends here."""


class Installation:
    """Stores that outlive the servers over them."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings, self.clock = settings, clock

    @asynccontextmanager
    async def server(self) -> AsyncIterator[App]:
        """A server in this process, without a port. Its worker looks when the test says so."""
        app = build(self.settings, runtime=self.clock.runtime())
        # the test is the worker
        with patch.object(app.people.chores, "start", lambda: None):
            async with app.opened():
                yield app

    async def worker_comes_by(self, app: App) -> int:
        """A while later; how many errands were done."""
        self.clock.now += 10
        return await app.people.chores.errands.look()


@asynccontextmanager
async def browser(app: App, cookies: httpx.Cookies | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody's, with the cookies of an earlier one."""
    transport = httpx.ASGITransport(app.web)
    async with httpx.AsyncClient(transport=transport, base_url=BASE, headers={"Origin": BASE}, cookies=cookies) as http:
        yield http


@pytest.fixture(params=KINDS)
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Installation:
    """Accounts and messages in files, sessions in a server."""
    redis: RedisServer = request.getfixturevalue(f"{request.param}_server")
    redis.empty()
    settings = load_settings(
        data_dir=tmp_path / "data", redis_url=redis.url, password_cost=4, rate_limits=False, allow_plaintext=True
    )
    return Installation(settings, Clock())


async def power_cut(*_: object, **__: object) -> NoReturn:
    """Instead of the next step."""
    raise PowerCut


async def lives(app: App, cookies: httpx.Cookies) -> bool:
    """Whether the session of those cookies is good."""
    async with browser(app, cookies) as http:
        answer = await http.get("/api/auth/verify-me")
        assert answer.status_code in {200, 401}
        return answer.status_code == 200


async def two_sign_ins(app: App) -> tuple[httpx.Cookies, httpx.Cookies]:
    """Asha signs up in one browser and in with another."""
    async with browser(app) as first, browser(app) as second:
        assert (await first.post("/api/auth/signup", json=ASHA)).status_code == 201
        assert (await login(second)).status_code == 200
        return first.cookies, second.cookies


async def test_09_a_new_password_ends_the_other_sign_ins_though_the_server_died(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with installation.server() as app:
        mine, thief = await two_sign_ins(app)
        monkeypatch.setattr(app.auth, "revoke_all", power_cut)
        installation.clock.now += 1
        async with browser(app, mine) as http:
            with pytest.raises(PowerCut):
                await http.put("/api/auth/password", json={"currentPassword": PASSWORD, "newPassword": NEW})
    async with installation.server() as app:
        assert await lives(app, thief)  # nobody has ended it yet
        installation.clock.now += 1
        async with browser(app) as http:
            assert (await login(http, password=PASSWORD)).status_code == 401
            assert (await login(http, password=NEW)).status_code == 200
            later = http.cookies
        assert await installation.worker_comes_by(app) == 1
        assert not await lives(app, thief)
        assert await lives(app, mine)
        assert await lives(app, later)  # whoever knew the new password stays
        assert await installation.worker_comes_by(app) == 0


async def test_09_a_forgotten_password_ends_every_sign_in_and_token_though_the_server_died(
    installation: Installation,
) -> None:
    async with installation.server() as app:
        mine, thief = await two_sign_ins(app)
        async with browser(app, mine) as http:
            made = await http.post("/api/auth/tokens", json={"name": "bot", "scopes": ["profile:read"]})
            assert made.status_code == 201, made.text
            token = made.json()["token"]
        asha = await SqlAdminStore(app.database, app.runtime).find("asha")
        assert asha is not None
        installation.clock.now += 1
        # the first step of a reset, and nothing after it
        await SqlAccountStore(app.database, app.runtime).set_password_hash(asha.id, "another hash")
    async with installation.server() as app:
        assert await lives(app, thief)
        assert await installation.worker_comes_by(app) == 1
        assert not await lives(app, thief)
        assert not await lives(app, mine)
        async with browser(app) as http:
            answer = await http.get("/api/users/me", headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 401


async def test_09_who_is_disabled_and_enabled_again_signs_in_anew_though_the_server_died(
    installation: Installation,
) -> None:
    async with installation.server() as app:
        mine, _ = await two_sign_ins(app)
        admin = SqlAdminStore(app.database, app.runtime)
        asha = await admin.find("asha")
        assert asha is not None
        installation.clock.now += 1
        assert await admin.set_disabled(asha.id, True)  # and the command died here
    async with installation.server() as app:
        assert not await lives(app, mine)
        admin = SqlAdminStore(app.database, app.runtime)
        assert await admin.set_disabled(asha.id, False)
        assert await installation.worker_comes_by(app) == 1
        assert not await lives(app, mine)


async def test_an_invitation_opens_the_chat_though_the_server_died(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with installation.server() as app:
        mine, _ = await two_sign_ins(app)
        async with browser(app, mine) as http, browser(app) as guest:
            made = await http.post("/api/invites", json={})
            assert made.status_code == 201, made.text
            monkeypatch.setattr(app.auth, "on_invited", [power_cut])
            wish = {"email": "ravi@example.org", "username": "ravi", "password": PASSWORD}
            code = made.json()["invite"]["code"]
            with pytest.raises(PowerCut):
                await guest.post("/api/auth/signup", json=wish | {"invite": code})
    async with installation.server() as app:
        assert await installation.worker_comes_by(app) == 1
        async with browser(app, mine) as http:
            for _ in range(2):  # once more makes no second one
                (chat,) = (await http.get("/api/chats")).json()["chats"]
                assert chat["type"] == "direct"
                assert len(chat["participants"]) == 2
                await installation.worker_comes_by(app)


async def test_a_deleted_account_leaves_its_groups_and_files_though_the_server_died(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with installation.server() as app:
        mine, _ = await two_sign_ins(app)
        blobs = installation.settings.data_dir / "blobs"
        async with browser(app) as other, browser(app, mine) as http:
            wish = {"email": "ravi@example.org", "username": "ravi", "password": PASSWORD}
            ravi = (await other.post("/api/auth/signup", json=wish)).json()["user"]["id"]
            asha = (await http.get("/api/auth/verify-me")).json()["user"]["id"]
            group = {"type": "group", "participants": [ravi], "encryption": "none", "name": "Ghat"}
            made = await http.post("/api/chats", json=group)
            assert made.status_code == 201, made.text
            chat, others = made.json()["id"], other.cookies
            await app.people.avatars.put(asha, picture())
            assert len(list(blobs.rglob("*.webp"))) == 2
            monkeypatch.setattr(app.people.leaving, "_leave_groups", power_cut)
            with pytest.raises(PowerCut):
                await http.request("DELETE", "/api/users/me", json={"username": "asha"})
    async with installation.server() as app:
        await app.people.watch.look()
        assert not list(blobs.rglob("*.webp"))
        async with browser(app, others) as http:
            members = (await http.get(f"/api/chats/{chat}")).json()["participants"]
            assert [member["userId"] for member in members] == [ravi]


async def test_files_that_a_crash_left_are_swept_after_a_day(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with installation.server() as app:
        installation.clock.now = time.time()  # files know only the system's
        mine, _ = await two_sign_ins(app)
        async with browser(app, mine) as http:
            asha = (await http.get("/api/auth/verify-me")).json()["user"]["id"]
        avatars = app.people.avatars
        await avatars.put(asha, picture())
        kept = {path.name for path in (installation.settings.data_dir / "blobs").rglob("*.webp")}
        monkeypatch.setattr(app.users, "set_avatar", power_cut)
        monkeypatch.setattr(avatars, "_forget", power_cut)
        with pytest.raises(PowerCut):
            await avatars.put(asha, picture())
        assert len(list((installation.settings.data_dir / "blobs").rglob("*.webp"))) == 4
    async with installation.server() as app:
        assert await app.people.chores.retention.sweep() == {}
        installation.clock.now += 25 * 3600
        assert (await app.people.chores.retention.sweep())["files"] == 2
        assert {path.name for path in (installation.settings.data_dir / "blobs").rglob("*.webp")} == kept
