"""A flood of sign-ins: what messages notice while strangers try passwords as fast as they are answered.

A room of 50, one member sends at a steady rate. Measured twice: with nobody signing in, and with 96 clients who try
wrong passwords of accounts that exist and of accounts that do not. Passwords are hashed as in production (bcrypt, cost
12) and the limits on attempts are off, so nothing but the hashing itself stands between the flood and the messages. The
server has one core for everything.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from benchmarks import script
from benchmarks.load.generator import Generator
from benchmarks.load.jobs import Open, Opened, Pace, Paced, Sender
from benchmarks.scene import rooms
from benchmarks.script import Options, Result, present
from benchmarks.servers.batiyoun import Batiyoun
from benchmarks.tables import Table, count, millis, ratio

ROOM = 50
RATE = 400.0
CONTENT = 200
ATTACKERS = 96
COST = 12


@dataclass
class Flood:
    """Clients that sign in as fast as they are answered; `answers` counts statuses since the last `reset`."""

    port: int
    answers: Counter[int] = field(default_factory=Counter)
    began: float = field(default_factory=time.monotonic)
    _stop: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def reset(self) -> None:
        """Count from now on."""
        with self._lock:
            self.answers.clear()
            self.began = time.monotonic()

    def rates(self) -> tuple[float, float]:
        """Answers a second: all, and those whose password was hashed."""
        with self._lock:
            seconds = time.monotonic() - self.began
            return self.answers.total() / seconds, self.answers[401] / seconds

    def attack(self, number: int) -> None:
        """One client, until the flood is over."""
        attempt = 0
        while not self._stop.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            try:
                while not self._stop.is_set():
                    attempt += 1
                    # every other one has an account
                    name = f"person{number}" if attempt % 2 else f"nobody{number}"
                    body = json.dumps({"identifier": name, "password": f"guess {number} {attempt}"})
                    connection.request("POST", "/api/auth/login", body, {"Content-Type": "application/json"})
                    answer = connection.getresponse()
                    answer.read()
                    with self._lock:
                        self.answers[answer.status] += 1
                    if answer.status != 401:
                        self._stop.wait(0.05)  # told to come back later
            except OSError:
                self._stop.wait(0.05)
            finally:
                connection.close()

    @contextmanager
    def raging(self) -> Iterator[None]:
        """While this lasts, everybody attacks."""
        threads = [threading.Thread(target=self.attack, args=(number,), daemon=True) for number in range(ATTACKERS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join(timeout=60)


class Seen(NamedTuple):
    """What the messages noticed, and how many sign-ins a second were answered and hashed."""

    pace: Pace
    answered: float = 0.0
    hashed: float = 0.0


def _measure(subject: Batiyoun, options: Options, *, flooded: bool) -> Seen:
    scene = rooms(1, ROOM)
    with subject.start(scene) as running, Generator() as generator:
        generator.do(Open(running.port, running.seats), Opened)
        talking = [Sender(0, running.chat_ids[0], ROOM)]
        job = Paced(talking, running.pids, RATE, CONTENT, options.warmup, options.seconds * 2)
        if not flooded:
            return Seen(generator.do(job, Pace))
        flood = Flood(running.port)
        with flood.raging():
            time.sleep(2)  # until the queue of passwords is full
            flood.reset()
            pace = generator.do(job, Pace)
            return Seen(pace, *flood.rates())


def run(options: Options) -> Result:
    """One table."""
    result = Result()
    subject = Batiyoun(BATIYOUN_PASSWORD_COST=str(COST))
    present([subject], result)
    table = Table(
        "Login flood",
        f"A room of {ROOM}, {RATE:.0f} messages/s, one core for the server; {ATTACKERS} clients try wrong passwords "
        f"(bcrypt cost {COST}) without limits. Ratio: p99 of the delivery with the flood to without; printed, not "
        "judged.",
        [
            "signing in", "server", "stored before the ack", "ack p50", "ack p99", "delivery p50", "delivery p99",
            "sign-ins answered/s", "of them hashed/s", "ratio",
        ],
    )  # fmt: skip
    plain = _measure(subject, options, flooded=False)
    flooded = _measure(subject, options, flooded=True)
    for who, seen in (("nobody", plain), (f"{ATTACKERS} strangers", flooded)):
        pace = seen.pace
        cells = [who, subject.name, subject.stored, millis(pace.ack_p50), millis(pace.ack_p99)]
        cells += [millis(pace.delivery_p50), millis(pace.delivery_p99), count(seen.answered), count(seen.hashed)]
        table.add(*cells, *([ratio(pace.delivery_p99, plain.pace.delivery_p99)] if seen is flooded else []))
    table.notes.append(
        "Passwords are hashed in a thread of low priority behind a queue of 64; what does not fit is told to come back "
        "(503). The generator and the attackers share the other core."
    )
    result.tables.append(table)
    return result


if __name__ == "__main__":
    script.main(__doc__, run)
