"""auth/connections.py: an open connection lives no longer than what it was opened with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from pathlib import Path
from typing import Any

import pytest

from batiyoun.auth import connections
from batiyoun.auth.connections import Connections, SessionRevoked
from batiyoun.auth.model import ABSOLUTE_LIFETIME, IDLE_LIFETIME, Principal
from batiyoun.live import session_room
from tests.harness.accounts import Accounts, open_accounts

DAY = 86_400


class Peer:
    """A connection that can only be closed."""

    def __init__(self) -> None:
        self.closed = False

    def disconnect(self, *, close: bool) -> None:
        assert close
        self.closed = True


class Rooms:
    """The rooms of one process; remembers what was told."""

    def __init__(self) -> None:
        self.inside: dict[str, list[Any]] = {}
        self.told: list[tuple[str, str, Any]] = []

    def join(self, socket: Any, room: str) -> None:
        self.inside.setdefault(room, []).append(socket)

    def members(self, room: str) -> Collection[Any]:
        return self.inside.get(room, [])

    def publish(self, room: str, event: str, *args: Any, skip: Any = None) -> None:
        self.told.append((room, event, *args))


class Scene:
    """Connections over real accounts."""

    def __init__(self, accounts: Accounts) -> None:
        self.accounts = accounts
        self.rooms = Rooms()
        self.connections = Connections(accounts.auth, self.rooms, accounts.clock.runtime())  # type: ignore[arg-type]

    async def principal(self, username: str = "asha") -> Principal:
        browser = await self.accounts.signed_up(username)
        found = await self.accounts.auth.authenticate_cookie(f"batiyoun={browser.cookies['batiyoun']}")
        assert found is not None
        return found

    async def token(self, principal: Principal, days: int | None) -> Principal:
        _, secret = await self.accounts.auth.api_tokens.make(principal, "a bot", ["messages:read"], days, user_agent="")
        found = await self.accounts.auth.authenticate_token(secret)
        assert found is not None
        return found

    def open(self, principal: Principal) -> Peer:
        peer = Peer()
        self.connections.opened(peer, principal)
        return peer

    def reasons(self, principal: Principal) -> list[str]:
        room = session_room(principal.session_id)
        assert all(event == "session_revoked" for _, event, _ in self.rooms.told)
        return [what.reason for where, _, what in self.rooms.told if where == room and isinstance(what, SessionRevoked)]


@pytest.fixture
async def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    monkeypatch.setattr(connections, "SWEEP", 3600)  # the tests sweep themselves
    async with open_accounts(tmp_path) as accounts:
        made = Scene(accounts)
        yield made
        await made.connections.close()


async def test_10_an_open_socket_ends_with_the_absolute_lifetime(scene: Scene) -> None:
    me = await scene.principal()
    peer = scene.open(me)
    scene.accounts.clock.now += ABSOLUTE_LIFETIME.total_seconds() - 1
    scene.connections._sweep()
    assert not peer.closed
    scene.accounts.clock.now += 1
    scene.connections._sweep()
    assert peer.closed
    assert scene.reasons(me) == ["expired"]


async def test_10_an_open_socket_keeps_its_session_from_being_idle(scene: Scene) -> None:
    me, idle = await scene.principal(), await scene.principal("ravi")
    peer = scene.open(me)
    for _ in range(2):
        scene.accounts.clock.now += IDLE_LIFETIME.total_seconds() - DAY
        scene.connections._sweep()
        await scene.accounts.auth.sessions_of(me.user_id)  # writes what was seen
        await scene.accounts.auth._sessions.sweep()
    assert not peer.closed
    assert len(await scene.accounts.auth.sessions_of(me.user_id)) == 1
    assert await scene.accounts.auth.sessions_of(idle.user_id) == []


async def test_10_a_session_that_was_idle_for_too_long_closes_what_it_left_open(scene: Scene) -> None:
    me = await scene.principal()
    peer = scene.open(me)
    await scene.accounts.auth.sessions_of(me.user_id)
    scene.accounts.clock.now += IDLE_LIFETIME.total_seconds() + DAY  # this process slept
    await scene.accounts.auth._sessions.sweep()
    assert peer.closed
    assert scene.reasons(me) == ["expired"]


async def test_10_a_socket_ends_with_its_api_token(scene: Scene) -> None:
    me = await scene.principal()
    short, ever = await scene.token(me, 1), await scene.token(me, None)
    bot, other = scene.open(short), scene.open(ever)
    scene.accounts.clock.now += DAY
    scene.connections._sweep()
    assert (bot.closed, other.closed) == (True, False)
    assert scene.reasons(short) == ["expired"]


async def test_09_revoking_closes_the_sockets_of_that_one_alone(scene: Scene) -> None:
    me, ravi = await scene.principal(), await scene.principal("ravi")
    token = await scene.token(me, None)
    peers = [scene.open(each) for each in (me, me, token, ravi)]
    await scene.accounts.auth.revoke(me.session_id)
    assert [peer.closed for peer in peers] == [True, True, False, False]
    await scene.accounts.auth.revoke_all(me.user_id)
    assert [peer.closed for peer in peers] == [True, True, True, False]
    assert (scene.reasons(me), scene.reasons(token)) == (["revoked"], ["revoked"])
    assert scene.accounts.auth.has_ended(token)
    assert not scene.accounts.auth.has_ended(ravi)


async def test_a_socket_that_is_gone_is_forgotten(scene: Scene) -> None:
    me = await scene.principal()
    peer = scene.open(me)
    scene.connections.closed(peer)
    scene.connections.closed(peer)
    scene.accounts.clock.now += ABSOLUTE_LIFETIME.total_seconds()
    scene.connections._sweep()
    assert scene.rooms.told == []
