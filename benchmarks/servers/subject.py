"""What every server under test offers the scripts."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from benchmarks.load.jobs import Seat
from benchmarks.scene import Scene


class Absent(Exception):
    """A peer is not installed here; the message says so and how to get it."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that is up with its scene laid: where it listens, whose CPU counts, who connects, the chats' ids."""

    port: int
    pids: Sequence[int]
    seats: Sequence[Seat]
    chat_ids: Sequence[str]


class Subject(Protocol):
    """A server that can be started."""

    @property
    def name(self) -> str:
        """As the tables call it."""
        ...

    @property
    def stored(self) -> str:
        """What is durable when it acknowledges a message, in a few words."""
        ...

    def version(self) -> str:
        """Name and version for the machine line. Raises `Absent`."""
        ...

    def start(self, scene: Scene) -> AbstractContextManager[Running]:
        """Start it with that scene; it is stopped and its data removed afterwards. Raises `Absent`."""
        ...
