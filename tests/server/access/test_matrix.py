"""Security check 24: every route and event × {anonymous, stranger, ex-member, wrong role, disabled, revoked}."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
import socketio.exceptions

from tests.harness.people import Person
from tests.server.access.scene import Scene, set_scene
from tests.server.access.table import EVENTS, NOBODY, ROUTES, Row

CHAT_ROUTES = [key for key, row in ROUTES.items() if row.gate == "chat"]
CHAT_EVENTS = [name for name, payload in EVENTS.items() if payload is not None]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    async with set_scene(tmp_path_factory.mktemp("access")) as ready:
        yield ready


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def call(http: httpx.AsyncClient, key: tuple[str, str], scene: Scene, **instead: str) -> httpx.Response:
    """The route of that row, about things that exist unless `instead` says otherwise."""
    method, template = key
    row = ROUTES[key]
    body = row.body(scene) if row.body else None
    return await http.request(method, template.format(**{**row.places(scene), **instead}), json=body, params=row.query)


def told(answer: httpx.Response) -> tuple[int, Any]:
    """What an answer tells: the status and the whole body."""
    return answer.status_code, answer.json() if answer.content else None


@pytest.mark.parametrize("key", [key for key, row in ROUTES.items() if row.gate != "public"], ids=" ".join)
async def test_24_without_a_living_session_there_is_nothing(scene: Scene, key: tuple[str, str]) -> None:
    before = await scene.state()
    async with scene.town.visitor() as anonymous:
        for browser in (anonymous, scene.revoked, scene.disabled.http):
            status, body = told(await call(browser, key, scene))
            assert (status, body["code"]) == (401, "unauthenticated")
    assert await scene.state() == before


@pytest.mark.parametrize("key", CHAT_ROUTES, ids=" ".join)
async def test_24_a_chat_of_others_answers_as_one_that_does_not_exist(scene: Scene, key: tuple[str, str]) -> None:
    before = await scene.state()
    for person in (scene.stranger, scene.gone):
        real = told(await call(person.http, key, scene))
        none = told(await call(person.http, key, scene, **ROUTES[key].nowhere))
        assert real == none
        assert real[1]["code"] == "chat_not_found"
    assert await scene.state() == before


@pytest.mark.parametrize("key", [key for key, row in ROUTES.items() if row.gate == "own"], ids=" ".join)
async def test_24_things_of_others_answer_as_those_that_do_not_exist(scene: Scene, key: tuple[str, str]) -> None:
    before = await scene.state()
    real = told(await call(scene.stranger.http, key, scene))
    none = told(await call(scene.stranger.http, key, scene, **ROUTES[key].nowhere))
    assert real == none
    assert real[0] == 404
    assert await scene.state() == before


@pytest.mark.parametrize("key", [key for key, row in ROUTES.items() if row.fresh], ids=" ".join)
async def test_24_an_old_proof_is_not_enough_for_what_is_dangerous(scene: Scene, key: tuple[str, str]) -> None:
    status, body = told(await call(scene.stale.http, key, scene))
    assert (status, body["code"]) == (403, "step_up_required")
    assert body["methods"]


def below(row: Row, scene: Scene) -> list[Person]:
    """Members whose standing is too low for the row."""
    return {"member": [], "admin": [scene.member], "owner": [scene.member, scene.admin]}[row.needs]


@pytest.mark.parametrize(
    "key", [key for key, row in ROUTES.items() if row.gate == "chat" and row.needs != "member"], ids=" ".join
)
async def test_24_a_low_standing_changes_nothing(scene: Scene, key: tuple[str, str]) -> None:
    before = await scene.state()
    people = below(ROUTES[key], scene)
    assert people
    for person in people:
        status, body = told(await call(person.http, key, scene))
        assert (status, body["code"]) == (403, "forbidden")
    assert await scene.state() == before


async def test_24_nobody_connects_without_a_living_session(scene: Scene) -> None:
    over = Person(scene.revoked, scene.member.user, scene.member.password)
    for person in (over, scene.disabled):
        with pytest.raises(socketio.exceptions.ConnectionError):
            async with person.online():
                pass
    async with scene.town.visitor() as anonymous:
        with pytest.raises(socketio.exceptions.ConnectionError):
            async with Person(anonymous, {}, "").online():
                pass


@pytest.mark.parametrize("event", CHAT_EVENTS)
async def test_24_events_about_a_chat_of_others_answer_as_for_none(scene: Scene, event: str) -> None:
    payload = EVENTS[event]
    assert payload is not None
    before = await scene.state()
    for person in (scene.stranger, scene.gone):
        async with person.online() as live:
            real = await live.call(event, payload(scene.group, scene))
            none = await live.call(event, payload(NOBODY, scene))
            assert real == none
            assert (real["ok"], real["error"]["code"]) == (False, "chat_not_found")
    assert await scene.state() == before


@pytest.mark.parametrize("event", ["read_receipt", "delivery_receipt"])
async def test_24_a_receipt_for_a_message_of_others_answers_as_for_none(scene: Scene, event: str) -> None:
    for person in (scene.stranger, scene.gone):
        async with person.online() as live:
            real = await live.call(event, {"messageId": scene.message_id})
            none = await live.call(event, {"messageId": NOBODY})
            assert real == none
            assert real["ok"] is False


async def test_24_sync_tells_nothing_of_other_chats(scene: Scene) -> None:
    for person in (scene.stranger, scene.gone):
        async with person.online() as live:
            real = await live.call("sync", {"cursors": {scene.group: 0}})
            none = await live.call("sync", {"cursors": {NOBODY: 0}})
            assert (real["chats"], none["chats"]) == ([], [])
            assert (real["removed"], none["removed"]) == ([scene.group], [NOBODY])


async def test_25_an_ex_member_hears_nothing_more(scene: Scene) -> None:
    async with scene.gone.online() as outside, scene.member.online() as inside:
        assert (await inside.send(scene.group, "among ourselves", "matrix-25"))["ok"] is True
        await inside.wait_for("new_message", lambda args: args[0]["content"] == "among ourselves")
        await outside.call("sync", {"cursors": {}})
        assert outside.heard("new_message") == []
