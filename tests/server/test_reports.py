"""Reporting over the real server, and reading it by command."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from batiyoun.reports.model import MAX_OPEN
from tests.harness.accounts import problem_of
from tests.harness.people import Person, Town
from tests.harness.server import Server

NOBODY = "01900000-0000-7000-8000-000000000000"


async def command(server: Server, *arguments: str, **more: Any) -> str:
    return await asyncio.to_thread(server.run, "report", *arguments, **more)


async def said(person: Person, chat: str, text: str) -> dict[str, Any]:
    assert (await person.put(chat, text)).is_success
    message: dict[str, Any] = (await person.history(chat))[-1]
    return message


async def test_what_somebody_shows_is_read_by_command_and_by_nobody_else(server: Server, town: Town) -> None:
    asha, ravi = await town.sign_up("asha"), await town.sign_up("ravi")
    chat = await asha.create_chat(ravi)
    message = await said(ravi, chat, "send me money")
    wish = {
        "userId": ravi.id,
        "chatId": chat,
        "reason": "spam",
        "note": " Every day.\x1b[2J ",
        "messages": [{"id": message["id"], "text": "send me money"}],
    }
    async with ravi.online() as live:
        assert (await asha.http.post("/api/reports", json=wish)).status_code == 204
        await live.call("sync", {"cursors": {}})
        assert {event for event, _ in live.events} <= {"user_online", "user_offline"}, "who is reported is not told"
    (entry,) = [json.loads(line) for line in (await command(server, "list", "--json")).splitlines()]
    assert (entry["by"], entry["about"], entry["reason"], entry["note"]) == (
        "asha",
        "ravi",
        "spam",
        "Every day.\x1b[2J",
    )
    (shown,) = entry["messages"]
    assert (shown["senderId"], shown["text"]) == (ravi.id, "send me money")
    whole = await command(server, "show", entry["id"][:18])
    assert "asha reports ravi for spam" in whole
    assert "send me money" in whole
    assert "\x1b[2J" not in whole, "words of strangers do not steer a terminal"
    assert await command(server, "close", entry["id"]) == f"Closed {entry['id']}.\n"
    assert await command(server, "list", "--json") == ""
    assert '"closedAt": "' in await command(server, "list", "--all", "--json")
    mine = (await asha.http.get("/api/users/me/export")).json()["reports"]
    assert [each["note"] for each in mine] == ["Every day.\x1b[2J"]


async def test_27_nobody_shows_what_is_not_theirs_to_read(town: Town) -> None:
    asha, ravi, mina = [await town.sign_up(name) for name in ("asha", "ravi", "mina")]
    theirs, mine = await ravi.create_chat(mina), await asha.create_chat(ravi)
    secret = await said(ravi, theirs, "between us")
    shown = [{"id": secret["id"], "text": "guessed"}]
    wish = {"userId": ravi.id, "reason": "other"}
    answers = [
        await asha.http.post("/api/reports", json=wish | more)
        for more in (
            {"chatId": theirs},
            {"chatId": NOBODY},
            {"chatId": mine, "messages": shown},
            {"chatId": mine, "messages": [{"id": NOBODY, "text": ""}]},
            {"messages": shown},
        )
    ]
    assert [problem_of(answer)[1] for answer in answers] == ["chat_not_found"] * 2 + ["not_found"] * 3
    assert (await asha.http.post("/api/reports", json=wish)).status_code == 204, (
        "a person can be reported without a chat"
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"userId": NOBODY}, "user_not_found"),
        ({"userId": "nobody"}, "user_not_found"),
        ({"reason": "because"}, "invalid_input"),
        ({"note": "x" * 1001}, "invalid_input"),
        ({"messages": [{"id": NOBODY, "text": ""}] * 21}, "invalid_input"),
        ({"messages": [{"id": NOBODY, "text": "x" * 5001}]}, "invalid_input"),
    ],
)
async def test_bad_reports_are_refused(town: Town, change: dict[str, Any], code: str) -> None:
    asha, ravi = await town.sign_up("asha"), await town.sign_up("ravi")
    answer = await asha.http.post("/api/reports", json={"userId": ravi.id, "reason": "spam"} | change)
    assert problem_of(answer)[1] == code


async def test_nobody_reports_themselves_or_without_end(town: Town) -> None:
    asha, ravi = await town.sign_up("asha"), await town.sign_up("ravi")
    wish = {"userId": ravi.id, "reason": "spam"}
    own = await asha.http.post("/api/reports", json=wish | {"userId": asha.id})
    assert problem_of(own) == (400, "invalid_input")
    answers = [
        await asha.http.post("/api/reports", json={"userId": ravi.id, "reason": "spam"}) for _ in range(MAX_OPEN)
    ]
    assert {answer.status_code for answer in answers} == {204}
    more = await asha.http.post("/api/reports", json=wish)
    assert problem_of(more) == (409, "conflict")


async def test_commands_say_what_is_not_there(server: Server) -> None:
    assert (await command(server, "list")).startswith("REPORT  SINCE  ABOUT  BY  REASON  SHOWN  STATE\n")
    await command(server, "show", "01a20428", fails=67)
