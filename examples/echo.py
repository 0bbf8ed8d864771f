"""The engine by itself: Engine.IO echo on /engine.io/, Socket.IO echo on /socket.io/.

Run `python -m examples.echo [port]`, then connect with any official client.
"""

import asyncio
import sys
from typing import Any

from batiyoun.realtime import Engine, EngineIO, EngineSettings, Namespace, Session, Socket, first_serving
from batiyoun.web.shell import new_event_loop, serve
from batiyoun.wire.packets import Event


class Echo:
    """Raw Engine.IO: every message comes back as it is."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def on_text(self, message: bytes, start: int) -> None:
        self.session.send_text(message[start:])

    def on_binary(self, message: bytes) -> None:
        self.session.send_binary(message)

    def on_flow(self, *, fast: bool) -> None: ...
    def on_caught_up(self) -> None: ...
    def on_close(self, reason: str) -> None: ...


async def connect(socket: Socket, auth: dict[str, Any] | None) -> None:
    socket.emit("auth", auth or {})


def events(socket: Socket, event: Event) -> None:
    if event.name == "message":
        socket.emit("message-back", *event.arguments())
    elif event.name == "message-with-ack":
        socket.ack(event.ack, *event.arguments())


async def main(port: int) -> None:
    settings = EngineSettings(ping_interval_ms=300, ping_timeout_ms=3_000, connect_timeout_ms=1_000)
    raw = EngineIO(EngineSettings(path="/engine.io/", ping_interval_ms=300, ping_timeout_ms=3_000), Echo)
    engine = Engine(settings, {name: Namespace(events, connect) for name in ("/", "/custom")})

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await (raw.polling if raw.serves(scope["path"]) else engine.polling)(scope, receive, send)

    await serve(app, websocket_protocol=first_serving(raw, engine.io), port=port, on_ready=print, drain=engine.drain)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3000))
