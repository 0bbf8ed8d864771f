"""What an application is to the engine: who may connect, what events do, what happens at the end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from batiyoun.realtime.hub import Hub
from batiyoun.realtime.recovery import Recovery
from batiyoun.wire.packets import Event

if TYPE_CHECKING:
    from batiyoun.realtime.socket import Socket


class ConnectRefused(Exception):
    """The client may not use the namespace: it gets CONNECT_ERROR with the message, and `data` as details."""

    def __init__(self, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.message = message
        self.data = data


async def _welcome_everybody(socket: Socket, auth: dict[str, Any] | None) -> dict[str, Any] | None:
    return None


def _ignore_end(socket: Socket, reason: str) -> None:
    return None


@dataclass(slots=True)
class Namespace:
    """A namespace and its application.

    `connect(socket, auth)` decides about a client; what it returns is merged into the CONNECT reply, and it refuses
    with `ConnectRefused` or a `BatiyounError`. Anything emitted to the socket meanwhile follows the reply.
    `disconnect(socket, reason)` is called exactly once for every `connect` that returned, also when the client left
    during it; the socket is still in its rooms. `events(socket, event)` gets every event: usually a `Gateway`.
    `hub` holds the rooms. With `recovery`, clients that were cut off get what they missed (see `recovery.py`).
    """

    events: Callable[[Socket, Event], None]
    connect: Callable[[Socket, dict[str, Any] | None], Awaitable[dict[str, Any] | None]] = _welcome_everybody
    disconnect: Callable[[Socket, str], None] = _ignore_end
    hub: Hub = field(default_factory=Hub)
    recovery: Recovery | None = None
