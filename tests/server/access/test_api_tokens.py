"""Security check 24 for programs: a route or event that does not name a scope refuses every API token."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx
import pytest
import pytest_asyncio
import socketio.exceptions

from batiyoun.auth.api_tokens.model import SCOPES, Scope
from tests.harness.people import Person
from tests.server.access.scene import Scene, set_scene
from tests.server.access.table import EVENTS, ROUTES
from tests.server.access.test_matrix import call

#: what an API token must say for a route; one that is not here takes no API token
ROUTE_SCOPES: dict[tuple[str, str], Scope] = {
    ("GET", "/api/users/me"): "profile:read",
    ("PATCH", "/api/users/me"): "profile:write",
    ("GET", "/api/users"): "profile:read",
    ("GET", "/api/users/search"): "profile:read",
    ("GET", "/api/users/{user_id}"): "profile:read",
    ("GET", "/api/avatars/{file}"): "profile:read",
    ("GET", "/api/chats"): "chats:read",
    ("POST", "/api/chats"): "chats:write",
    ("POST", "/api/sync"): "chats:read",
    ("GET", "/api/chats/{chat_id}"): "chats:read",
    ("PATCH", "/api/chats/{chat_id}"): "chats:write",
    ("POST", "/api/chats/{chat_id}/members"): "chats:write",
    ("DELETE", "/api/chats/{chat_id}/members/{user_id}"): "chats:write",
    ("PUT", "/api/chats/{chat_id}/members/{user_id}/role"): "chats:write",
    ("POST", "/api/chats/{chat_id}/leave"): "chats:write",
    ("GET", "/api/chats/{chat_id}/messages"): "messages:read",
    ("PUT", "/api/chats/{chat_id}/messages/{client_id}"): "messages:write",
    ("POST", "/api/chats/{chat_id}/redactions"): "messages:write",
    ("GET", "/api/chats/{chat_id}/receipts"): "messages:read",
    ("POST", "/api/chats/{chat_id}/receipts"): "messages:write",
}
EVENT_SCOPES: dict[str, Scope] = {
    "join_chat": "chats:read",
    "leave_chat": "chats:read",
    "send_message": "messages:write",
    "typing": "messages:write",
    "read_receipt": "messages:write",
    "delivery_receipt": "messages:write",
    "sync": "chats:read",
}
#: what is answered to whoever may ask, about a chat of others and about a picture that nobody has
NOT_THERE = {"chat_not_found", "not_found"}
NOT_PUBLIC = [key for key, row in ROUTES.items() if row.gate != "public"]

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    async with set_scene(tmp_path_factory.mktemp("tokens")) as ready:
        yield ready


#: one of each kind is enough, and nobody may have many
_made: dict[tuple[str, frozenset[str]], str] = {}


async def token_of(person: Person, scopes: Sequence[str]) -> str:
    kind = (person.id, frozenset(scopes))
    if kind not in _made:
        _made[kind] = await make_token(person, scopes)
    return _made[kind]


async def make_token(person: Person, scopes: Sequence[str]) -> str:
    answer = await person.http.post("/api/auth/tokens", json={"name": "a bot", "scopes": list(scopes)})
    assert answer.is_success, answer.text
    token: dict[str, Any] = answer.json()
    return str(token["token"])


async def program(scene: Scene, person: Person, scopes: Sequence[str]) -> httpx.AsyncClient:
    browser = scene.town.visitor()
    browser.headers["authorization"] = f"Bearer {await token_of(person, scopes)}"
    return browser


@pytest.mark.parametrize("key", NOT_PUBLIC, ids=" ".join)
async def test_24_a_route_takes_a_token_of_its_scope_and_no_other(scene: Scene, key: tuple[str, str]) -> None:
    scope = ROUTE_SCOPES.get(key)
    before = await scene.state()
    async with await program(scene, scene.owner, [each for each in SCOPES if each != scope]) as lacking:
        answer = await call(lacking, key, scene)
        assert (answer.status_code, answer.json()["code"]) == (403, "scope_required")
    assert await scene.state() == before
    if scope is not None:
        # of somebody who is not in the group, so that it stays as it is
        async with await program(scene, scene.stranger, [scope]) as allowed:
            answer = await call(allowed, key, scene)
            assert answer.is_success or answer.json()["code"] in NOT_THERE, answer.text


async def test_24_no_row_of_this_table_is_left_over() -> None:
    assert ROUTE_SCOPES.keys() <= ROUTES.keys()
    assert EVENT_SCOPES.keys() <= EVENTS.keys()


async def test_24_whoever_may_not_read_messages_hears_none(scene: Scene) -> None:
    token = await token_of(scene.member, [scope for scope in SCOPES if scope != "messages:read"])
    with pytest.raises(socketio.exceptions.ConnectionError):
        async with scene.member.online(token):
            pass


@pytest.mark.parametrize("event", list(EVENTS))
async def test_24_an_event_takes_a_token_of_its_scope_and_no_other(scene: Scene, event: str) -> None:
    scope = EVENT_SCOPES.get(event)
    payload = EVENTS[event]
    argument: dict[str, Any] = {"cursors": {}} if event == "sync" else {"chatId": scene.group}
    if payload is not None:
        argument = payload(scene.group, scene)
    before = await scene.state()
    everything_else = [each for each in SCOPES if each != scope]
    async with scene.member.online(await token_of(scene.member, everything_else)) as lacking:
        refused = await lacking.call(event, argument)
        assert (refused["ok"], refused["error"]["code"]) == (False, "scope_required")
    assert await scene.state() == before
    if scope is not None:
        async with scene.member.online(await token_of(scene.member, ["messages:read", scope])) as allowed:
            assert (await allowed.call(event, argument))["ok"] is True


async def test_25_a_token_hears_no_more_than_its_person(scene: Scene) -> None:
    token = await token_of(scene.gone, ["messages:read"])
    async with scene.gone.online(token) as outside, scene.member.online() as inside:
        assert (await inside.send(scene.group, "among ourselves again", "matrix-bots"))["ok"] is True
        await inside.wait_for("new_message", lambda args: args[0]["content"] == "among ourselves again")
        refused = await outside.call("sync", {"cursors": {}})
        assert refused["error"]["code"] == "scope_required"
        assert outside.heard("new_message") == []
