"""Tests of the whole app: the real server as a process, real sockets."""

from __future__ import annotations

from tests.harness.fixtures import server, server_on_each_store, shared_server, shared_town, town
from tests.harness.mongo import mongo
from tests.harness.postgres import postgres
from tests.harness.redis import valkey_server

__all__ = [
    "mongo",
    "postgres",
    "server",
    "server_on_each_store",
    "shared_server",
    "shared_town",
    "town",
    "valkey_server",
]
