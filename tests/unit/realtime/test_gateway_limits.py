"""Limits of events, bytes, joins and connections: per connection, person and address."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from batiyoun.realtime import Allowance, EngineSettings, Limits, Rate
from tests.harness.wires import Wire, wire
from tests.unit.realtime.handlers import Handlers, error
from tests.unit.realtime.serving import NO_LIMITS, engine_of, until

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
async def test_38_every_limit_answers_with_retry_after(whose: str, kind: str) -> None:
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
