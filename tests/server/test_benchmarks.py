"""The server and the generator of the benchmarks: one that cannot start is noticed here, not when it is needed."""

from __future__ import annotations

import pytest

from benchmarks.load.generator import Generator, GeneratorFailed
from benchmarks.load.jobs import Done, Drop, Open, Opened, Pace, Paced, Seat, Throughput, Windows
from benchmarks.scene import rooms, senders
from benchmarks.servers.batiyoun import Batiyoun


def test_a_scene_is_laid_loaded_and_counted() -> None:
    scene = rooms(3, 3)
    with Batiyoun().start(scene) as running, Generator() as generator:
        generator.do(Open(running.port, running.seats), Opened)
        talking = senders(scene, running.chat_ids)
        full = generator.do(Windows(talking, running.pids, 2, 200, 0.1, 0.5), Throughput)
        assert full.messages > 10
        assert abs(full.deliveries - 3 * full.messages) <= 3 * 2 * 3, "but for what is under way"
        pace = generator.do(Paced(talking, running.pids, 50, 200, 0.1, 0.5), Pace)
        assert 0 < pace.ack_p50 <= pace.ack_p99
        assert 0 < pace.delivery_p50 <= pace.delivery_p99
        generator.do(Drop(), Done)
        with pytest.raises(GeneratorFailed, match="not signed in"):
            generator.do(Open(running.port, [Seat("batiyoun_session=" + "x" * 43)]), Opened)
