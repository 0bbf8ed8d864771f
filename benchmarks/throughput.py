"""Closed-loop measurements of several servers side by side: what the scripts on fan-out and on pairs share."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks.load.generator import Generator
from benchmarks.load.jobs import Open, Opened, Throughput, Windows
from benchmarks.scene import Scene, senders
from benchmarks.script import Options
from benchmarks.servers.subject import Running, Subject
from benchmarks.tables import count, percent

#: characters of a message's body
CONTENT = 200


@dataclass(frozen=True, slots=True)
class Part:
    """A row: the chats of the scene that talk, by place, each with its first member as the sender."""

    name: str
    first_chat: int
    chats: int


@dataclass(frozen=True, slots=True)
class Measured:
    """The runs of one server in one row; what is shown is the median."""

    runs: Sequence[Throughput]

    @property
    def messages(self) -> float:
        """Acknowledged messages per second."""
        return statistics.median(run.messages / run.seconds for run in self.runs)

    @property
    def deliveries(self) -> float:
        """Deliveries per second."""
        return statistics.median(run.deliveries / run.seconds for run in self.runs)

    @property
    def messages_per_cpu(self) -> float:
        """Acknowledged messages per CPU second."""
        return statistics.median(run.messages / run.cpu for run in self.runs)

    @property
    def deliveries_per_cpu(self) -> float:
        """Deliveries per CPU second."""
        return statistics.median(run.deliveries / run.cpu for run in self.runs)

    @property
    def busy(self) -> float:
        """The share of a core the server used."""
        return statistics.median(run.cpu / run.seconds for run in self.runs)

    @property
    def generator_busy(self) -> float:
        """The share of a core the generator used; near one, it and not the server was the limit."""
        return statistics.median(run.generator_cpu / run.seconds for run in self.runs)

    def cells(self) -> list[str]:
        """Messages and deliveries a second, and how busy both sides were."""
        return [count(self.messages), count(self.deliveries), percent(self.busy), percent(self.generator_busy)]


CELLS = ("messages/s", "deliveries/s", "server core", "generator core")


def measure(
    subjects: Sequence[Subject], scene: Scene, parts: Sequence[Part], options: Options
) -> dict[tuple[str, str], Measured]:
    """Every part on every server, by (part's name, server's name).

    All servers are up with all their connections the whole time and are measured in turn, so that what else the machine
    does meets all of them alike.
    """
    runs: dict[tuple[str, str], list[Throughput]] = {}
    with ExitStack() as stack:
        stages: list[tuple[Subject, Running, Generator]] = []
        for subject in subjects:
            running = stack.enter_context(subject.start(scene))
            generator = stack.enter_context(Generator())
            generator.do(Open(running.port, running.seats), Opened)
            stages.append((subject, running, generator))
        for part in parts:
            for _ in range(options.repeat):
                for subject, running, generator in stages:
                    talking = senders(scene, running.chat_ids, part.first_chat, part.chats)
                    job = Windows(talking, running.pids, options.window, CONTENT, options.warmup, options.seconds)
                    runs.setdefault((part.name, subject.name), []).append(generator.do(job, Throughput))
    return {key: Measured(found) for key, found in runs.items()}
