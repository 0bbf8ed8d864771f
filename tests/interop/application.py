"""A server for official clients to try what the echo example does not do.

Run `python -m tests.interop.application PORT`; it prints its address when it is ready and stops on SIGTERM.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from batiyoun.realtime import (
    ConnectRefused,
    Engine,
    EngineSettings,
    Gateway,
    Handler,
    Hub,
    Limits,
    Namespace,
    Recovery,
    Reply,
    Socket,
)
from batiyoun.web.shell import new_event_loop, serve

HUB, RECOVERING = Hub(), Hub()


async def welcome(socket: Socket, auth: dict[str, Any] | None) -> dict[str, Any]:
    """Everybody is in the lobby, and hears something before the reply to CONNECT is written."""
    HUB.join(socket, "lobby")
    socket.emit("welcome", socket.namespace)
    return {"protocol": 1}


async def refuse(socket: Socket, auth: dict[str, Any] | None) -> None:
    """Only with the word."""
    if not auth or auth.get("word") != "friend":
        raise ConnectRefused("speak", {"code": "unauthenticated"})


async def ask(socket: Socket, payload: None) -> dict[str, Any]:
    """Ask the client something and report its answer, and how a question ends that it does not answer."""
    answers = await socket.emit_with_ack("question", 6, 7, b"\x01", timeout=5)
    try:
        await socket.emit_with_ack("unanswered", timeout=0.1)
    except TimeoutError:
        return {"answers": answers, "unanswered": "timeout"}
    return {"answers": answers, "unanswered": "answered"}


def tell(socket: Socket, payload: None, reply: Reply) -> None:
    """Tell the lobby, the sender too."""
    HUB.publish("lobby", "told", {"by": socket.id}, b"\x00\xff")
    reply({"ok": True})


async def join_recovering(socket: Socket, auth: dict[str, Any] | None) -> None:
    """A lobby whose members may come back."""
    RECOVERING.join(socket, "lobby")


def tell_recovering(socket: Socket, payload: int, reply: Reply) -> None:
    """Tell that lobby a number."""
    RECOVERING.publish("lobby", "told", payload)
    reply({"ok": True})


def leave(socket: Socket, payload: None, reply: Reply) -> None:
    """The server ends the namespace."""
    socket.disconnect()


def expel(socket: Socket, payload: None, reply: Reply) -> None:
    """The server ends the connection."""
    socket.disconnect(close=True)


async def main(port: int) -> None:
    """Serve until SIGTERM."""
    settings = EngineSettings(ping_interval_ms=300, ping_timeout_ms=3_000, limits=Limits(enabled=False))
    table = {
        "ask": Handler(ask),
        "tell": Handler(tell),
        "leave": Handler(leave),
        "expel": Handler(expel),
    }
    namespaces = {
        "/": Namespace(Gateway(table), welcome, hub=HUB),
        "/private": Namespace(Gateway(table), refuse),
        "/recovering": Namespace(
            Gateway({"tell": Handler(tell_recovering, int)}), join_recovering, hub=RECOVERING, recovery=Recovery()
        ),
    }
    engine = Engine(settings, namespaces)
    await serve(
        engine.polling,
        websocket_protocol=engine.websocket_protocol,
        port=port,
        on_ready=lambda url: print(url, flush=True),  # noqa: T201 - whoever started this waits for it
        drain=engine.drain,
        drain_seconds=3,
    )


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(main(int(sys.argv[1])))
