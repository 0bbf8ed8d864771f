"""From events to handlers: decoding, errors, limits, replies."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from batiyoun.realtime import EngineSettings, Limits
from batiyoun.realtime.gateway import invalid_input
from tests.harness.wires import wire
from tests.unit.realtime.handlers import Handlers, Note, error
from tests.unit.realtime.serving import engine_of, until


async def test_payloads_become_structs_and_replies_acks() -> None:
    handlers = Handlers()
    async with engine_of(handlers.namespace()) as (_, port), wire(port) as client:
        await client.open()
        assert await client.call("note", {"chatId": "c", "lines": ["]", '"'], "senderId": "forged"}) == {
            "value": "c",
            "ok": True,
        }
        assert await client.call("bare") == {"ok": True}
        assert await client.call("bare", {"whatever": 1}, 2) == {"ok": True}
        assert handlers.got == [Note("c", ["]", '"']), None, None]


async def test_24_a_client_that_may_send_some_events_sends_no_others() -> None:
    handlers = Handlers()
    async with engine_of(handlers.namespace()) as (_, port), wire(port) as client:
        await client.open(auth={"events": ["bare", "gone"]})
        assert await client.call("bare") == {"ok": True}
        assert error(await client.call("note", {"chatId": "c"}))["code"] == "scope_required"
        assert error(await client.call("slow", {"chatId": "c"}))["code"] == "scope_required"
        assert error(await client.call("gone"))["code"] == "unknown_event"
        assert handlers.got == [None]


INVALID: list[tuple[list[Any], str | None]] = [
    ([], None),
    ([None], None),
    (["text"], None),
    ([[]], None),
    ([{}], "chatId"),
    ([{"chatId": 7}], "chatId"),
    ([{"chatId": "too long"}], "chatId"),
    ([{"chatId": {"$ne": 1}}], "chatId"),
    ([{"chatId": "c", "lines": "x"}], "lines"),
    ([{"chatId": "c", "lines": ["x", 3]}], "lines[1]"),
]


@pytest.mark.parametrize(("arguments", "field"), INVALID)
async def test_31_invalid_payloads_name_the_field(arguments: list[Any], field: str | None) -> None:
    handlers = Handlers()
    async with engine_of(handlers.namespace()) as (_, port), wire(port) as client:
        await client.open()
        refused = error(await client.call("note", *arguments))
        assert refused["code"] == "invalid_input"
        assert refused["retryable"] is False
        assert list(refused.get("fields", {})) == ([field] if field else [])
        assert handlers.got == []


def test_the_error_never_quotes_the_value() -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(b'{"chatId": "a secret that is too long"}', type=Note)
    refusal = invalid_input(caught.value)
    assert "secret" not in refusal.public
    assert refusal.fields["chatId"].startswith("Expected")
    assert "`chatId`" in refusal.public


UNKNOWN = ["drop_table", "__proto__", "constructor", "toString", "1", "Note", "note ", ""]


@pytest.mark.parametrize("name", UNKNOWN)
async def test_32_unknown_events(name: str) -> None:
    async with engine_of(Handlers().namespace()) as (_, port), wire(port) as client:
        await client.open()
        assert error(await client.call(name, {}))["code"] == "unknown_event"


@pytest.mark.parametrize("event", ["nothing_here", "bare", "note"])
async def test_malformed_json_closes_whoever_it_was_for(event: str) -> None:
    handlers = Handlers()
    async with engine_of(handlers.namespace()) as (_, port), wire(port) as client:
        await client.open()
        client.send(f'42["{event}",{{"chatId":}}]')
        assert await client.closed() == 1002
        assert handlers.got == []


async def test_errors_become_acks(caplog: pytest.LogCaptureFixture) -> None:
    async with engine_of(Handlers().namespace()) as (engine, port), wire(port) as client:
        await client.open()
        assert error(await client.call("refuse"))["code"] == "chat_not_found"
        assert error(await client.call("slow_refusal"))["code"] == "chat_not_found"
        limited = error(await client.call("refuse_by_reply"))
        assert (limited["code"], limited["retryAfter"]) == ("rate_limited", 2)
        for event in ("crash", "unsendable"):
            internal = error(await client.call(event))
            assert (internal["code"], internal["retryable"]) == ("internal", True)
        assert await client.call("crash_late") == {"ok": True}
        assert await client.call("twice") == {"ok": True, "n": 1}
        assert "A handler failed with RuntimeError" in caplog.text
        assert "in crash" in caplog.text, "where it happened"
        assert "what ann wrote" not in caplog.text, "item 49: not what it was about"
        assert "replied twice" in caplog.text
        assert engine.stats().pending == 0


async def test_a_reply_may_come_later_or_never_matter() -> None:
    handlers = Handlers()
    async with engine_of(handlers.namespace()) as (engine, port), wire(port) as client:
        await client.open()
        client.send('428["later"]')
        client.send('42["later"]')
        await until(lambda: len(handlers.kept) == 2)
        assert engine.stats().pending == 1
        for reply in handlers.kept:
            reply({"ok": True})
        assert await client.text() == '438[{"ok":true}]'
        assert engine.stats().pending == 0
        client.send('429["later"]')
        await until(lambda: len(handlers.kept) == 3)
        client.close()
        await until(lambda: engine.stats().sessions == 0)
        handlers.kept[2]({"ok": True})
        assert engine.stats().pending == 0


async def test_draining_waits_for_pending_replies() -> None:
    handlers = Handlers()
    async with engine_of(handlers.namespace()) as (engine, port), wire(port) as client:
        await client.open()
        client.send('428["later"]')
        await until(lambda: handlers.kept)
        draining = asyncio.create_task(engine.drain(3))
        await asyncio.sleep(0.1)
        assert engine.stats().sessions == 1
        handlers.kept[0]({"ok": True})
        assert await client.text() == '438[{"ok":true}]'
        assert await client.closed() == 1012
        await draining


async def test_async_handlers_are_bounded_per_socket() -> None:
    handlers = Handlers()
    settings = EngineSettings(limits=Limits(enabled=False, running_handlers=3))
    async with (
        engine_of(handlers.namespace(), settings=settings) as (_, port),
        wire(port) as client,
        wire(port) as other,
    ):
        await client.open()
        await other.open()
        for ack in range(4):
            client.send(f'42{ack}["slow",{{"chatId":"{ack}"}}]')
        assert (await client.text()).startswith('433[{"ok":false,"error":{"code":"busy"')
        other.send('420["slow",{"chatId":"o"}]')
        handlers.gate.set()
        assert {await client.text() for _ in range(3)} == {
            f'43{ack}[{{"value":"{ack}","ok":true}}]' for ack in range(3)
        }
        assert await other.text() == '430[{"value":"o","ok":true}]'
        assert await client.call("slow", {"chatId": "again"[:5]}) == {"value": "again", "ok": True}


async def test_running_handlers_are_told_when_the_engine_closes() -> None:
    handlers = Handlers()
    async with engine_of(handlers.namespace()) as (engine, port), wire(port) as client:
        await client.open()
        client.send('421["slow",{"chatId":"x"}]')
        await until(lambda: engine.stats().pending == 1)
        engine.close()
        await until(lambda: engine.stats().pending == 0)
