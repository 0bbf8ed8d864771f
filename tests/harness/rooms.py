"""The real hub with ears: rooms work as always, and what is published is written down instead of sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from batiyoun.live import Caller
from batiyoun.realtime import Hub
from batiyoun.realtime.hub import Room


class Heard(Hub):
    """`said` is everything published: (room, event, arguments)."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[tuple[str, str, tuple[Any, ...]]] = []

    def publish(self, room: str, event: str, *arguments: Any, skip: Any = None) -> None:
        """Write it down."""
        self.said.append((room, event, arguments))

    def publish_all(self, rooms: Iterable[str], event: str, *arguments: Any) -> None:
        """Write it down, once per room."""
        for room in rooms:
            self.publish(room, event, *arguments)

    def to(self, room: str) -> list[str]:
        """The events published to that room."""
        return [event for name, event, _ in self.said if name == room]


@dataclass(eq=False)
class Connection:
    """A connection as features see it."""

    id: str
    data: Caller
    in_rooms: list[Room] = field(default_factory=list)
    told: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)
    is_gone: bool = False

    @property
    def rooms(self) -> frozenset[str]:
        """The rooms it is in."""
        return frozenset(room.name for room in self.in_rooms)

    def emit(self, event: str, *args: Any) -> None:
        """Write it down."""
        self.told.append((event, args))


def connection(user_id: str, connection_id: str = "c1") -> Connection:
    """A connection of that user."""
    return Connection(connection_id, Caller(user_id, f"session of {user_id}"))
