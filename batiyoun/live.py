"""What features know of live connections: the shapes that `realtime` fulfils and `app.py` hands over.

Features never import the engine, and the engine knows no feature.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

#: Answers an event, once, now or later: a struct, or the error that it became.
Reply = Callable[[Any], None]


@dataclass(slots=True)
class Caller:
    """Who is behind a connection, decided by the server at the handshake, never by what a client sends."""

    user_id: str
    session_id: str
    device_id: str | None = None
    #: an API token, behind which there is no device that could decrypt
    program: bool = False
    #: chats this connection has open on the screen
    open_chats: set[str] = field(default_factory=set)


class Peer(Protocol):
    """One connection of a user."""

    @property
    def id(self) -> str:
        """Unguessable and unique while it lives."""
        ...

    @property
    def data(self) -> Any:
        """The `Caller`."""
        ...

    @property
    def rooms(self) -> Collection[str]:
        """The rooms it is in."""
        ...

    def emit(self, event: str, *args: Any) -> None:
        """Send an event to this connection alone."""
        ...


class Rooms(Protocol):
    """Groups of connections that hear the same: `chat:{id}`, `open:{id}`, `user:{id}`, `session:{id}`."""

    def join(self, socket: Any, room: str) -> None:
        """Put a connection in a room."""
        ...

    def leave(self, socket: Any, room: str) -> None:
        """Take a connection out of a room."""
        ...

    def holds(self, room: str, socket: Any) -> bool:
        """Whether the connection is in the room; cheap."""
        ...

    def members(self, room: str) -> Collection[Any]:
        """The local connections in a room."""
        ...

    def publish(self, room: str, event: str, *args: Any, skip: Any = None) -> None:
        """Tell everybody in the room, on every node, except the connection `skip`."""
        ...

    def publish_all(self, rooms: Iterable[str], event: str, *args: Any) -> None:
        """Tell everybody in these rooms the same, encoded once; who is in two of them is told twice."""
        ...

    async def settled(self) -> None:
        """What other nodes tell rooms that were joined until now arrives, unless the bus is away."""
        ...


class Nodes(Rooms, Protocol):
    """The rooms, and the way to those of other nodes."""

    @property
    def rooms(self) -> Collection[str]:
        """The rooms with local connections."""
        ...

    def prepare(self, room: str, event: str, *args: Any) -> Any:
        """An event for the room, encoded once, for `deliver` and `send`."""
        ...

    def deliver(self, room: str, prepared: Any) -> None:
        """Send a prepared event to the local connections in the room."""
        ...

    def publish_here(self, room: str, event: str, *args: Any) -> None:
        """Tell everybody in the room on this node alone."""
        ...

    def send(self, room: str, prepared: Any, stamp: bytes) -> None:
        """Hand a prepared event to the other nodes with connections in the room; they decide when to deliver it."""
        ...

    def tell(self, room: str, name: str, data: bytes) -> None:
        """Tell the other nodes with connections in the room something for themselves."""
        ...


def chat_room(chat_id: str) -> str:
    """Every connection of every member of the chat."""
    return f"chat:{chat_id}"


def open_room(chat_id: str) -> str:
    """The connections that show the chat right now."""
    return f"open:{chat_id}"


def user_room(user_id: str) -> str:
    """Every connection of the user."""
    return f"user:{user_id}"


def session_room(session_id: str) -> str:
    """Every connection of one sign-in."""
    return f"session:{session_id}"


def chat_of(room: str) -> str:
    """The chat of a `chat_room`."""
    return room.removeprefix("chat:")


def user_of(room: str) -> str:
    """The user of a `user_room`."""
    return room.removeprefix("user:")
