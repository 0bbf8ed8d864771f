"""The engine by itself: `python -m examples.echo [port]`, then connect with any official client."""

import sys
from collections.abc import Iterator
from typing import Any

from batiyoun.realtime import Consumer, Engine, EngineIO, EngineSettings, Namespace, Session, Socket
from batiyoun.web.standalone import run
from batiyoun.wire.packets import Event


class Echo(Consumer):
    """Raw Engine.IO: every message comes back as it is."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def on_text(self, message: bytes, start: int) -> None:
        self.session.send_text(message[start:])

    def on_binary(self, message: bytes) -> None:
        self.session.send_binary(message)


async def connect(socket: Socket, auth: dict[str, Any] | None) -> None:
    socket.emit("auth", auth or {})


def events(socket: Socket, event: Event) -> None:
    if event.name == "message":
        socket.emit("message-back", *event.arguments())
    elif event.name == "message-with-ack":
        socket.ack(event.ack, *event.arguments())


def engines() -> Iterator[Engine | EngineIO]:
    yield Engine(EngineSettings(ping_interval_ms=300), {name: Namespace(events, connect) for name in ("/", "/custom")})
    yield EngineIO(EngineSettings(path="/engine.io/", ping_interval_ms=300), Echo)


if __name__ == "__main__":
    run(engines, port=int(sys.argv[1]) if len(sys.argv) > 1 else 3000)
