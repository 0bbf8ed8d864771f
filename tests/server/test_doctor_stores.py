"""`batiyoun doctor` over servers: what it says of those that answer, and of those that should not be served."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from batiyoun.storage.sql.migrate import head
from tests.harness.mongo import Mongod
from tests.harness.postgres import Postgres
from tests.harness.redis import RedisServer
from tests.harness.server import Server
from tests.server.test_doctor import run


@pytest.fixture(scope="module")
def valkey() -> Iterator[RedisServer]:
    """One that may be set up badly."""
    with RedisServer("valkey", appendonly="yes") as running:
        yield running


@pytest.fixture
def server(tmp_path: Path, postgres: Postgres, mongo: Mongod, valkey: RedisServer) -> Server:
    """Not started; its stores are new."""
    settings = {"DATABASE_URL": postgres.url(postgres.database()), "MESSAGES_URL": mongo.url(), "REDIS_URL": valkey.url}
    return Server(tmp_path, **settings)


def about(said: str, subject: str) -> list[str]:
    """What was said of it."""
    return [line for line in said.splitlines() if f" {subject}: " in line]


def test_servers_that_can_be_served(server: Server) -> None:
    server.run("migrate")
    code, said = run(server, "doctor")
    assert code == 0, said
    accounts, messages, redis = (about(said, subject) for subject in ("accounts", "messages", "redis"))
    assert "ms (PostgreSQL 18" in accounts[0]
    assert len(accounts) == 2  # tests run it without fsync
    assert "fsync=off" in accounts[1]
    assert "ms (MongoDB 6.0.5, replica set rs0 of 1)" in messages[0]
    assert messages[1].startswith("warning")
    assert "one copy" in messages[1]
    assert len(redis) == 1
    assert "ms (Valkey " in redis[0]


def test_tables_of_another_version(server: Server, postgres: Postgres) -> None:
    code, said = run(server, "doctor")
    assert code == 78
    for subject in ("accounts", "messages"):
        assert about(said, subject)[-1].startswith("PROBLEM")
        assert "batiyoun migrate" in about(said, subject)[-1]
    server.run("migrate")
    name = server.environment["BATIYOUN_DATABASE_URL"].partition("@/")[2].partition("?")[0]
    postgres.sql("update alembic_version set version_num = '9001'; update needs set revision = '9000'", name)
    code, said = run(server, "doctor")
    assert code == 78
    assert f"needs a newer Batiyoun (revision 9000, this one has {head()})" in about(said, "accounts")[-1]


def test_a_mongodb_without_transactions(server: Server) -> None:
    with Mongod(members=0) as standalone:
        code, said = run(server, "doctor", MESSAGES_URL=standalone.url())
    assert code == 78
    assert "--replSet" in about(said, "messages")[-1]


def test_a_member_that_is_away(server: Server) -> None:
    with Mongod(members=3) as three:
        server.environment["BATIYOUN_MESSAGES_URL"] = three.url()
        server.run("migrate")
        primary = three.primary()
        next(member for member in three.members if member is not primary).kill()
        for _ in range(100):
            code, said = run(server, "doctor")
            if len(about(said, "messages")) > 1:
                break
    assert code == 0, said
    assert "1 of 3 members cannot be reached" in about(said, "messages")[1]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"maxmemory": "100mb", "maxmemory-policy": "allkeys-lru"}, "maxmemory-policy allkeys-lru): set noeviction"),
        ({"appendonly": "no", "save": ""}, "set appendonly yes"),
    ],
)
def test_a_redis_that_forgets(settings: dict[str, str], words: str, server: Server, valkey: RedisServer) -> None:
    server.run("migrate")
    before = {"maxmemory": "0", "maxmemory-policy": "noeviction", "appendonly": "yes"}
    for name, value in settings.items():
        assert valkey.call("CONFIG", "SET", name, value).startswith(b"+OK")
    try:
        code, said = run(server, "doctor")
    finally:
        for name, value in before.items():
            valkey.call("CONFIG", "SET", name, value)
    assert code == 0, said
    assert about(said, "redis")[1].startswith("warning")
    assert words in about(said, "redis")[1]


def test_a_redis_that_takes_no_writes(server: Server, valkey: RedisServer) -> None:
    server.run("migrate")
    assert valkey.call("REPLICAOF", "127.0.0.1", "1").startswith(b"+OK")
    try:
        code, said = run(server, "doctor")
    finally:
        valkey.call("REPLICAOF", "NO", "ONE")
    assert code == 78
    assert "replica" in about(said, "redis")[-1]
