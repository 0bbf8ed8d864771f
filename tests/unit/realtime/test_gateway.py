"""From events to handlers: decoding, errors, limits, replies."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Annotated, Any

import msgspec
import pytest

from batiyoun.errors import ChatNotFound, RateLimited
from batiyoun.realtime import Allowance, EngineSettings, Gateway, Handler, Limits, Namespace, Rate, Reply, Socket
from batiyoun.realtime.gateway import invalid_input
from tests.harness.wires import Wire, wire
from tests.unit.realtime.serving import NO_LIMITS, engine_of, until


class Note(msgspec.Struct, frozen=True, rename="camel"):
    """A payload."""

    chat_id: Annotated[str, msgspec.Meta(max_length=5)]
    lines: list[str] = []


class Done(msgspec.Struct):
    """A reply."""

    value: str
    ok: bool = True


class Handlers:
    """One of each kind."""

    def __init__(self) -> None:
        self.got: list[Any] = []
        self.kept: list[Reply] = []
        self.gate = asyncio.Event()

    def note(self, socket: Socket, payload: Note, reply: Reply) -> None:
        self.got.append(payload)
        reply(Done(payload.chat_id))

    def bare(self, socket: Socket, payload: None, reply: Reply) -> None:
        self.got.append(payload)
        reply({"ok": True})

    def later(self, socket: Socket, payload: None, reply: Reply) -> None:
        self.kept.append(reply)

    def refuse(self, socket: Socket, payload: None, reply: Reply) -> None:
        raise ChatNotFound

    def refuse_by_reply(self, socket: Socket, payload: None, reply: Reply) -> None:
        reply(RateLimited(retry_after=2))

    def crash(self, socket: Socket, payload: None, reply: Reply) -> None:
        raise RuntimeError(f"what {'ann'} wrote")

    def crash_late(self, socket: Socket, payload: None, reply: Reply) -> None:
        reply({"ok": True})
        raise RuntimeError

    def twice(self, socket: Socket, payload: None, reply: Reply) -> None:
        reply({"ok": True, "n": 1})
        reply({"ok": True, "n": 2})

    def unsendable(self, socket: Socket, payload: None, reply: Reply) -> None:
        reply(object())

    async def slow(self, socket: Socket, payload: Note) -> Done:
        await self.gate.wait()
        return Done(payload.chat_id)

    async def slow_refusal(self, socket: Socket, payload: None) -> Done:
        raise ChatNotFound

    def namespace(self) -> Namespace:
        async def connect(socket: Socket, auth: Any) -> None:
            socket.identity = (auth or {}).get("user")
            if auth and "events" in auth:
                socket.allowed = frozenset(auth["events"])

        return Namespace(
            Gateway(
                {
                    "note": Handler(self.note, Note),
                    "bare": Handler(self.bare),
                    "later": Handler(self.later),
                    "refuse": Handler(self.refuse),
                    "refuse_by_reply": Handler(self.refuse_by_reply),
                    "crash": Handler(self.crash),
                    "crash_late": Handler(self.crash_late),
                    "twice": Handler(self.twice),
                    "unsendable": Handler(self.unsendable),
                    "slow": Handler(self.slow, Note),
                    "slow_refusal": Handler(self.slow_refusal),
                    "join": Handler(self.bare, limit="joins"),
                }
            ),
            connect,
        )


def error(ack: Any) -> dict[str, Any]:
    """The error of a refusal, its form checked."""
    assert set(ack) == {"ok", "error"}
    assert ack["ok"] is False
    assert set(ack["error"]) >= {"code", "message", "retryable"}
    result: dict[str, Any] = ack["error"]
    return result


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
async def test_item_31_invalid_payloads_name_the_field(arguments: list[Any], field: str | None) -> None:
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
async def test_item_32_unknown_events(name: str) -> None:
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


# ── limits ────────────────────────────────────────────────────────────────────────────────────────────────────────────

PLENTY = Rate(1_000_000, 1_000_000)
AMPLE = Allowance(PLENTY, PLENTY, PLENTY)
ROOMY = Limits(socket=AMPLE, user=AMPLE, address=AMPLE, control=PLENTY, handshakes=PLENTY)
WHOSE = ["socket", "user", "address"]
KINDS = ["events", "bytes", "joins"]


def tight(whose: str, kind: str, rate: Rate) -> EngineSettings:
    """One limit, and plenty of everything else."""
    one: Any = {kind: rate}
    change: Any = {whose: replace(AMPLE, **one)}
    return EngineSettings(limits=replace(ROOMY, **change))


async def flood(client: Wire, event: str, count: int, *arguments: Any) -> list[Any]:
    """The acknowledgements of so many events."""
    return [await client.call(event, *arguments, ack=number) for number in range(count)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("whose", WHOSE)
async def test_item_38_every_limit_answers_with_retry_after(whose: str, kind: str) -> None:
    settings = tight(whose, kind, Rate(50, 5) if kind != "bytes" else Rate(5_000, 500))
    async with engine_of(Handlers().namespace(), settings=settings) as (_, port), wire(port) as client:
        await client.open(auth={"user": "ann"})
        acks = await flood(client, "join", 8, "x" * 80)
        assert [ack["ok"] for ack in acks[:5]] == [True] * 5
        refused = next(ack for ack in acks if not ack["ok"])
        limited = error(refused)
        assert limited["code"] == "rate_limited"
        assert limited["retryable"] is False, "it was never stored"
        assert 0 < limited["retryAfter"] < 2
        await asyncio.sleep(limited["retryAfter"] + 0.05)
        assert (await client.call("join", "x" * 80))["ok"] is True


@pytest.mark.parametrize("kind", KINDS)
async def test_a_user_s_sockets_share_a_limit_and_other_users_do_not(kind: str) -> None:
    settings = tight("user", kind, Rate(0.1, 5) if kind != "bytes" else Rate(10, 500))
    async with (
        engine_of(Handlers().namespace(), settings=settings) as (_, port),
        wire(port) as one,
        wire(port) as two,
        wire(port) as other,
    ):
        await one.open(auth={"user": "ann"})
        await two.open(auth={"user": "ann"})
        await other.open(auth={"user": "ben"})
        assert all(ack["ok"] for ack in await flood(one, "join", 5, "x" * 80))
        refused = error(await two.call("join", "x" * 80))
        assert refused["code"] == "rate_limited"
        assert 0 < refused["retryAfter"] <= 10
        assert (await other.call("join", "x" * 80))["ok"] is True


@pytest.mark.parametrize("kind", KINDS)
async def test_many_users_behind_one_address_share_its_limit(kind: str) -> None:
    settings = tight("address", kind, Rate(0.1, 5) if kind != "bytes" else Rate(10, 500))
    async with engine_of(Handlers().namespace(), settings=settings) as (_, port):
        users = [await Wire.connect(port) for _ in range(7)]
        acks = []
        for number, client in enumerate(users):
            await client.open(auth={"user": f"user {number}"})
            acks.append(await client.call("join", "x" * 80))
        assert [ack["ok"] for ack in acks[:5]] == [True] * 5
        assert error(acks[6])["code"] == "rate_limited"
        assert len(acks) == len(users), "everybody got an answer"
        for client in users:
            client.close()


async def test_a_new_connection_does_not_refill_a_user_s_limit() -> None:
    settings = tight("user", "events", Rate(0.1, 5))
    async with engine_of(Handlers().namespace(), settings=settings) as (engine, port):
        async with wire(port) as client:
            await client.open(auth={"user": "ann"})
            assert all(ack["ok"] for ack in await flood(client, "bare", 5))
        await until(lambda: engine.stats().sessions == 0)
        async with wire(port) as client:
            await client.open(auth={"user": "ann"})
            assert error(await client.call("bare"))["code"] == "rate_limited"


async def test_an_event_without_ack_is_not_dropped_in_silence() -> None:
    settings = tight("socket", "events", Rate(1, 2))
    async with engine_of(Handlers().namespace(), settings=settings) as (_, port), wire(port) as client:
        await client.open()
        for _ in range(50):
            client.send('42["bare"]')
        message = await client.text()
        assert message.startswith('42["rate_limited",{"event":"bare","retryAfter":')
        assert await client.quiet(), "told once, not fifty times"


async def test_joins_are_limited_apart_from_other_events() -> None:
    settings = tight("socket", "joins", Rate(0.1, 2))
    async with engine_of(Handlers().namespace(), settings=settings) as (_, port), wire(port) as client:
        await client.open()
        assert [ack["ok"] for ack in await flood(client, "join", 3)] == [True, True, False]
        assert all(ack["ok"] for ack in await flood(client, "bare", 20))


async def test_a_user_has_only_so_many_sockets() -> None:
    settings = EngineSettings(limits=replace(ROOMY, sockets_per_user=2))
    async with engine_of(Handlers().namespace(), settings=settings) as (engine, port):
        clients = [await Wire.connect(port) for _ in range(3)]
        for client in clients[:2]:
            await client.open(auth={"user": "ann"})
        await clients[2].text()
        clients[2].send('40{"user":"ann"}')
        message = await clients[2].text()
        assert message.startswith("44")
        assert msgspec.json.decode(message[2:])["data"]["code"] == "rate_limited"
        assert engine.stats().sockets == 2
        clients[0].close()
        await until(lambda: engine.stats().sockets == 1)
        await clients[2].join(auth={"user": "ann"})
        for client in clients:
            client.close()


async def test_an_address_has_only_so_many_connections() -> None:
    settings = EngineSettings(limits=replace(ROOMY, sockets_per_address=2))
    async with engine_of(settings=settings) as (engine, port):
        clients = [await Wire.connect(port) for _ in range(2)]
        async with wire(port) as third:
            assert third.status == 429
            assert int(third.headers["retry-after"]) > 0
        clients[0].close()
        await until(lambda: engine.stats().sessions == 1)
        async with wire(port) as third:
            assert third.status == 101
        clients[1].close()


async def test_handshakes_are_limited_by_rate() -> None:
    settings = EngineSettings(limits=replace(ROOMY, handshakes=Rate(0.1, 2)))
    async with engine_of(settings=settings) as (_, port):
        statuses = []
        for _ in range(3):
            async with wire(port) as client:
                statuses.append(client.status)
        assert statuses == [101, 101, 429]


async def test_limits_may_be_switched_off() -> None:
    one = Rate(0.1, 1)
    none = Allowance(one, one, one)
    off = Limits(socket=none, user=none, address=none, control=one, handshakes=one, enabled=False)
    async with engine_of(Handlers().namespace(), settings=EngineSettings(limits=off)) as (_, port):
        for _ in range(3):
            async with wire(port) as client:
                await client.open(auth={"user": "ann"})
                assert all(ack["ok"] for ack in await flood(client, "join", 20, "x" * 80))
    assert not NO_LIMITS.enabled
