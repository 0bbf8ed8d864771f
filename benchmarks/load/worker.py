"""The process that generates load: jobs come in on standard input, answers go out on standard output."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import time

import msgspec
import uvloop

from benchmarks.load.connection import Connection, Tally, connect
from benchmarks.load.jobs import Answer, Done, Drop, Failed, Job, Open, Opened, Paced, Seat, Stall, Windows
from benchmarks.load.runs import quantile, run_paced, run_windows
from benchmarks.machine import raise_file_limit


class Worker:
    """Holds the connections between the jobs."""

    def __init__(self) -> None:
        self._tally = Tally()
        self._connections: list[Connection] = []

    async def do(self, job: Job) -> Answer:
        """Carry the job out; every failure becomes an answer."""
        try:
            return await self._do(job)
        except ExceptionGroup as exc:  # of a thousand handshakes that failed the first says why
            return Failed(f"{type(exc.exceptions[0]).__name__}: {exc.exceptions[0]}")
        except Exception as exc:
            return Failed(f"{type(exc).__name__}: {exc}")

    async def _do(self, job: Job) -> Answer:
        match job:
            case Open():
                return await self._open(job)
            case Windows():
                return await run_windows(job, self._connections)
            case Paced():
                return await run_paced(job, self._connections)
            case Stall():
                for seat in job.seats:
                    self._connections[seat].stall()
                return Done()
            case Drop():
                for connection in self._connections:
                    connection.drop()
                self._connections = []
                await asyncio.sleep(0)
                return Done()

    async def _open(self, job: Open) -> Opened:
        """Connect every seat. The heap is frozen then: a full collection would stall the clock of everybody."""
        assert not self._connections
        self._tally = Tally()
        gate = asyncio.Semaphore(job.concurrency)
        times: list[float] = []

        async def open_one(seat: Seat) -> Connection:
            async with gate:
                began = time.perf_counter()
                connection = await connect(job.port, seat, self._tally)
                times.append(time.perf_counter() - began)
                return connection

        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(open_one(seat)) for seat in job.seats]
        seconds = time.perf_counter() - began
        self._connections = [task.result() for task in tasks]
        self._tally.check()
        gc.collect()
        gc.freeze()
        times.sort()
        return Opened(seconds, quantile(times, 0.5), quantile(times, 0.99))


async def serve() -> None:
    """Do one job after another until standard input ends."""
    worker = Worker()
    decoder = msgspec.json.Decoder(Job)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.buffer.readline):
        answer = await worker.do(decoder.decode(line))
        sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    raise_file_limit()
    logging.disable()  # picows says what it thinks of every closed connection; the tally counts them
    uvloop.run(serve())
