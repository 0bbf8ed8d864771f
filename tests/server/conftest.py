"""Tests of the whole app: the real server as a process, real sockets."""

from __future__ import annotations

from tests.harness.fixtures import server, town

__all__ = ["server", "town"]
