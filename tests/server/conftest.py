"""Tests of the whole app: the real server as a process, real sockets."""

from __future__ import annotations

from tests.harness.fixtures import server, shared_server, shared_town, town

__all__ = ["server", "shared_server", "shared_town", "town"]
