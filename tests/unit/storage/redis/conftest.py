"""Fixtures: a real server."""

from tests.harness.redis import redis_server, valkey_server

__all__ = ["redis_server", "valkey_server"]
