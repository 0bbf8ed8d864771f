"""The server that `test_abuse.py` attacks, with the limits a real one has.

Run `python -m tests.unit.realtime.abused PORT`.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from batiyoun.realtime import Engine, EngineSettings, Gateway, Handler, Hub, Limits, Namespace, Rate, Reply, Socket
from batiyoun.web.connection import ShellLimits
from batiyoun.web.shell import new_event_loop, serve

#: the generous ones are those every attack would meet at the door, and never get to what it is about
LIMITS = Limits(handshakes=Rate(10_000, 10_000), sockets_per_address=120)
SETTINGS = EngineSettings(
    ping_interval_ms=2_000, ping_timeout_ms=1_000, connect_timeout_ms=2_000, upgrade_timeout_ms=500,
    close_timeout_ms=500, max_payload=100_000, high_water=64 * 1024, max_queue=128 * 1024, max_lag_ms=1_000,
    limits=LIMITS,
)  # fmt: skip


async def main(port: int) -> None:
    """Serve until SIGTERM."""
    hub = Hub()

    async def connect(socket: Socket, auth: dict[str, Any] | None) -> None:
        hub.join(socket, "lobby")

    async def slow(socket: Socket, payload: Any) -> dict[str, Any]:
        await asyncio.sleep(0.5)
        return {"ok": True}

    def echo(socket: Socket, payload: Any, reply: Reply) -> None:
        reply({"ok": True, "echo": payload})

    def tell(socket: Socket, payload: Any, reply: Reply) -> None:
        hub.publish("lobby", "told", payload)
        reply({"ok": True})

    def stats(socket: Socket, payload: Any, reply: Reply) -> None:
        reply({
            "sessions": len(engine.io.sessions), "sockets": engine.connected, "websockets": engine.io.websockets,
            "tasks": len(asyncio.all_tasks()), "words": len(engine.io.last_words), "pending": engine.pending,
        })  # fmt: skip

    table = {
        "echo": Handler(echo, dict),
        "tell": Handler(tell, str),
        "slow": Handler(slow),
        "stats": Handler(stats),
    }
    engine = Engine(SETTINGS, {"/": Namespace(Gateway(table), connect, hub=hub)})
    await serve(
        engine.polling,
        websocket_protocol=engine.websocket_protocol,
        port=port,
        limits=ShellLimits(head_seconds=1, body_seconds=1, least_rate=10_000, max_body=100_000),
        on_ready=lambda url: print(url, flush=True),  # noqa: T201 - whoever started this waits for it
        drain=engine.drain,
        drain_seconds=2,
    )


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(main(int(sys.argv[1])))
