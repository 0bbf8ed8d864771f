"""A generator process, seen from the script that commands it."""

from __future__ import annotations

import subprocess
import sys
from typing import TypeVar

import msgspec

from benchmarks.load.jobs import Answer, Failed, Job
from benchmarks.machine import generator_core, pinned

A = TypeVar("A")


class GeneratorFailed(Exception):
    """A job has no result; the message says why."""


class Generator:
    """One process that generates load, on the generator's core. A context manager."""

    def __init__(self) -> None:
        with pinned(generator_core()):
            self._process = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.load.worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )

    def __enter__(self) -> Generator:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def begin(self, job: Job) -> None:
        """Start the job; several generators work at the same time between `begin` and `finish`."""
        assert self._process.stdin is not None
        self._process.stdin.write(msgspec.json.encode(job) + b"\n")
        self._process.stdin.flush()

    def finish(self, answer: type[A]) -> A:
        """The answer to the job that was begun. Raises `GeneratorFailed`."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            msg = f"the generator ended with code {self._process.wait()}"
            raise GeneratorFailed(msg)
        got: Answer = msgspec.json.decode(line, type=Answer)
        if isinstance(got, Failed):
            raise GeneratorFailed(got.reason)
        assert isinstance(got, answer)
        return got

    def do(self, job: Job, answer: type[A]) -> A:
        """`begin` and `finish`."""
        self.begin(job)
        return self.finish(answer)
