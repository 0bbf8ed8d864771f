"""Fifty attacks on a running server: its memory stays bounded and another user notices nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any, Final

import psutil
import pytest

from tests.harness.wires import Wire
from tests.interop.servers import Process, running
from tests.unit.realtime.attacks import ATTACKS

#: what all attacks together may leave behind: buffers that were large once stay with the allocator
ROOM: Final = 60 * 1024 * 1024
#: seconds within which the other user is answered, on a machine that also runs the attack
PATIENCE: Final = 3.0
#: tasks of the server itself and of the request that asks
FEW_TASKS: Final = 12


@pytest.fixture(scope="module")
def victim() -> Iterator[Process]:
    """The server, the same for all attacks: what one leaves behind is there for the next."""
    with running("tests.unit.realtime.abused") as process:
        yield process


@pytest.fixture(scope="module")
def memory_before(victim: Process) -> int:
    """Bytes of the server's memory before the first attack."""
    return int(psutil.Process(victim.pid).memory_info().rss)


class Bystander:
    """Another user: asks something every 50 ms and remembers the slowest answer."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.slowest = 0.0
        self.asked = 0

    async def live(self) -> None:
        """Until cancelled."""
        while True:
            started = time.monotonic()
            answer = await self.ask("echo", {"n": self.asked})
            assert answer == {"ok": True, "echo": {"n": self.asked}}
            self.slowest = max(self.slowest, time.monotonic() - started)
            self.asked += 1
            await asyncio.sleep(0.05)

    async def ask(self, event: str, *arguments: Any) -> Any:
        """One question; what others say in the room is passed over."""
        return await self._wire.call(event, *arguments)


@pytest.mark.parametrize("name", ATTACKS)
async def test_items_33_to_37_an_attack_harms_nobody_else(name: str, victim: Process, memory_before: int) -> None:
    wire = await Wire.connect(victim.port)
    await wire.open()
    bystander = Bystander(wire)
    living = asyncio.create_task(bystander.live())
    await asyncio.sleep(0.1)
    await asyncio.wait_for(ATTACKS[name](victim.port), 30)
    await asyncio.sleep(0.1)
    assert not living.done() or living.result() is None
    living.cancel()
    await asyncio.gather(living, return_exceptions=True)
    assert bystander.asked > 1
    assert bystander.slowest < PATIENCE
    await settled(bystander)
    assert psutil.Process(victim.pid).memory_info().rss - memory_before < ROOM
    wire.close()


async def settled(bystander: Bystander) -> None:
    """Everything of the attack is gone once its timeouts have passed; only the bystander is left."""
    alone = {"sessions": 1, "sockets": 1, "websockets": 1, "words": 0}
    last: dict[str, Any] = {}
    for _ in range(100):
        last = await bystander.ask("stats")
        if last.items() >= alone.items() and last["tasks"] <= FEW_TASKS:
            return
        await asyncio.sleep(0.1)
    pytest.fail(f"the attack left something behind: {last}")
