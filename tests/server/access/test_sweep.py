"""What holds of every route and event at once: reading changes nothing, and nobody's secrets are in any answer."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.harness.people import Live, Person
from tests.server.access.scene import Scene, set_scene
from tests.server.access.table import EVENTS, ROUTES
from tests.server.access.test_matrix import call

pytestmark = pytest.mark.asyncio(loop_scope="module")

GETS = [key for key in ROUTES if key[0] == "GET"]
#: what is noted in passing: when somebody was here last
IN_PASSING = {("sessions", "last_seen_at"), ("api_tokens", "last_used_at")}
#: reads that are written down, and where: nothing else may change by them
WRITTEN_DOWN = {("GET", "/api/users/me/export"): {"audit_events"}}
#: never in an answer to anybody: hashes of passwords, and what only the database needs
SECRETS = ("$2b$", "passwordHash", "password_hash", "tokenHash", "token_hash", "email_key", "emailKey")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    async with set_scene(tmp_path_factory.mktemp("sweep")) as ready:
        yield ready


def kept(folder: Path) -> dict[str, list[Any]]:
    """Everything in the databases, by table, but for what is noted in passing."""
    found: dict[str, list[Any]] = {}
    for name in ("accounts.db", "log.db"):
        with closing(sqlite3.connect(folder / name)) as database:
            tables = database.execute("select name from sqlite_master where type = 'table'").fetchall()
            for (table,) in tables:
                columns = [row[1] for row in database.execute(f'pragma table_info("{table}")')]
                named = ", ".join(f'"{column}"' for column in columns if (table, column) not in IN_PASSING)
                found[f"{name} {table}"] = database.execute(f'select {named} from "{table}" order by 1').fetchall()  # noqa: S608
    return found


@pytest.mark.parametrize("key", GETS, ids=" ".join)
async def test_17_reading_changes_nothing(scene: Scene, key: tuple[str, str]) -> None:
    before = kept(scene.server.data_dir)
    assert before["accounts.db users"]
    for person in (scene.member, scene.stranger):
        await call(person.http, key, scene)
    after = kept(scene.server.data_dir)
    changed = {table.split(" ")[1] for table in before | after if before.get(table) != after.get(table)}
    assert changed <= WRITTEN_DOWN.get(key, set())


async def test_17_the_look_at_the_databases_sees_a_change(scene: Scene) -> None:
    before = kept(scene.server.data_dir)
    assert (await scene.owner.http.patch("/api/users/me", json={"bio": "changed"})).is_success
    assert before != kept(scene.server.data_dir)


def check_told(text: str, reader: Person, scene: Scene) -> None:
    """An answer may name the reader's own address and nobody else's, and no secret."""
    for secret in SECRETS:
        assert secret not in text
    for person in scene.town.people:
        if person.id != reader.id:
            assert person.user["email"] not in text


@pytest.mark.parametrize("key", GETS, ids=" ".join)
async def test_29_no_answer_names_the_address_of_somebody_else(scene: Scene, key: tuple[str, str]) -> None:
    for person in (scene.owner, scene.member, scene.stranger):
        check_told((await call(person.http, key, scene)).text, person, scene)


async def test_29_the_addresses_that_are_looked_for_are_there(scene: Scene) -> None:
    text = (await scene.member.http.get("/api/users/me")).text
    check_told(text, scene.member, scene)
    with pytest.raises(AssertionError):
        check_told(text, scene.stranger, scene)


async def test_29_no_event_names_an_address(scene: Scene) -> None:
    async with scene.owner.online() as owner, scene.member.online() as member:
        await everything(owner, member, scene)
        for live, person in ((owner, scene.owner), (member, scene.member)):
            assert live.heard("new_message")
            text = json.dumps(live.events)
            check_told(text, person, scene)
            assert person.user["email"] not in text


async def test_27_receipts_typing_and_presence_reach_members_only(scene: Scene) -> None:
    async with scene.stranger.online() as stranger, scene.gone.online() as gone, scene.owner.online() as owner:
        for outside in (stranger, gone):
            await outside.call("join_chat", {"chatId": scene.group})
        async with scene.member.online() as member:
            await everything(owner, member, scene)
        for outside in (stranger, gone):
            await outside.call("sync", {"cursors": {}})
            about = [name for name, arguments in outside.events if scene.member.id in json.dumps(arguments)]
            assert about == []
            assert scene.group not in json.dumps([event for event in outside.events if event[0] != "chat_removed"])


async def everything(owner: Live, member: Live, scene: Scene) -> None:
    """The member writes, types and reads in the group, and the owner hears of each."""
    for live in (owner, member):
        assert (await live.call("join_chat", {"chatId": scene.group}))["ok"] is True
    said = await owner.send(scene.group, "read me", f"sweep-{id(owner)}")
    assert (await member.send(scene.group, "I write", f"sweep-{id(member)}"))["ok"] is True
    for event in ("typing", "delivery_receipt", "read_receipt"):
        payload = EVENTS[event]
        assert payload is not None
        seq = {} if event == "typing" else {"seq": said["seq"]}
        assert (await member.call(event, payload(scene.group, scene) | seq))["ok"] is True
    for event in ("new_message", "user_typing", "message_read"):
        await owner.wait_for(event)
