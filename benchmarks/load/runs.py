"""The two ways of loading a server: as much as it takes (closed loop), or at a given rate (open loop)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Final

from benchmarks.accounting import Meter
from benchmarks.load.connection import Connection
from benchmarks.load.jobs import Pace, Paced, Throughput, Windows
from benchmarks.load.sending import Route, Traffic

_MARK: Final = b'"clientId":"'


async def run_windows(job: Windows, connections: Sequence[Connection]) -> Throughput:
    """Keep `window` messages of every sender in flight; count between two instants, then let everything arrive."""
    traffic = Traffic(job.senders, connections, job.content)
    meter = Meter(job.pids)
    running = True

    def next_one(route: Route, _number: int) -> None:
        if running:
            route.send()

    for route in traffic.routes:
        route.on_done = next_one
        for _ in range(job.window):
            route.send()
    await asyncio.sleep(job.warmup)

    def snapshot() -> tuple[float, int, int, float, float]:
        used = meter.read().cpu
        return time.perf_counter(), traffic.acked, traffic.tally.deliveries, used, time.process_time()

    begin = snapshot()
    await asyncio.sleep(job.seconds)
    end = snapshot()
    running = False
    await traffic.settle()
    seconds, messages, deliveries, cpu, generator = (b - a for a, b in zip(begin, end, strict=True))
    return Throughput(seconds, int(messages), int(deliveries), cpu, generator)


async def run_paced(job: Paced, connections: Sequence[Connection]) -> Pace:
    """Send at a fixed rate without waiting for anything, so that a slow answer slows nothing down but itself."""
    traffic = Traffic(job.senders, connections, job.content)
    meter = Meter(job.pids)
    sent: list[float] = []
    late: list[float] = []
    acks: list[tuple[int, float]] = []
    deliveries: list[tuple[int, float]] = []
    numbers: dict[bytes, int] = {}
    clock = time.perf_counter

    def on_done(_route: Route, number: int) -> None:
        acks.append((number, clock() - sent[number]))

    def on_delivery(payload: bytes) -> None:
        at = payload.index(_MARK) + len(_MARK)
        number = numbers[payload[at : payload.index(b'"', at)]]
        deliveries.append((number, clock() - sent[number]))

    def on_sent(number: int, client_id: bytes) -> None:
        numbers[client_id] = number

    for route in traffic.routes:
        route.on_sent, route.on_done = on_sent, on_done
    traffic.tally.on_delivery = on_delivery
    first = int(job.rate * job.warmup)
    total = first + int(job.rate * job.seconds)
    cpu = 0.0
    began = measured = clock()
    try:
        while len(sent) < total:
            due = min(total, int((clock() - began) * job.rate) + 1)
            while len(sent) < due:
                number = len(sent)
                if number == first:
                    measured, cpu = clock(), meter.read().cpu
                now = clock()
                late.append(now - began - number / job.rate)
                sent.append(now)
                assert traffic.routes[number % len(traffic.routes)].send() == number
            await asyncio.sleep(0.001)
        seconds, cpu = clock() - measured, meter.read().cpu - cpu
        await traffic.settle()
    finally:
        traffic.tally.on_delivery = None
    ack = sorted(latency for number, latency in acks if number >= first)
    delivery = sorted(latency for number, latency in deliveries if number >= first)
    return Pace(
        rate=(total - first) / seconds,
        ack_p50=quantile(ack, 0.5),
        ack_p99=quantile(ack, 0.99),
        delivery_p50=quantile(delivery, 0.5),
        delivery_p99=quantile(delivery, 0.99),
        late=quantile(sorted(late[first:]), 0.99),
        cpu=cpu,
        seconds=seconds,
    )


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value that `share` of the ordered values do not exceed."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
