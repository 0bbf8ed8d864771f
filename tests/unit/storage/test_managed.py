"""Servers as one rents them: they speak TLS and are found by name; wrong certificates are refused in words."""

from __future__ import annotations

import logging
import os
import pwd
import shutil
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dns.asyncresolver
import pytest
import trustme

from batiyoun.errors import Unavailable
from batiyoun.parts.stores import check_accounts, check_messages, check_redis
from batiyoun.runtime import Runtime
from batiyoun.settings import Settings, load_settings
from batiyoun.storage.errors import StoreUnusable
from batiyoun.storage.messages import message_store, migrate_messages
from batiyoun.storage.redis.link import RedisLink
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.migrate import migrate
from batiyoun.upkeep.finding import Finding, Grade
from tests.harness.mongo import Mongod
from tests.harness.names import name_server
from tests.harness.postgres import SERVANT, Postgres, with_tls
from tests.harness.redis import RedisServer
from tests.harness.server import free_port

#: what an SRV record leads to
SEED = "db1.chat.example"


@dataclass
class Papers:
    """Certificates in a folder: the server's with its key, the authority's, and a stranger's."""

    both: Path
    cert: Path
    key: Path
    ca: Path
    stranger: Path


@pytest.fixture(scope="module")
def papers() -> Iterator[Papers]:
    """For a server on loopback, also by the name that the SRV record gives it."""
    folder = Path(tempfile.mkdtemp(prefix="papers-"))
    authority = trustme.CA()
    leaf = authority.issue_cert("127.0.0.1", SEED)
    made = Papers(*(folder / name for name in ("both.pem", "cert.pem", "key.pem", "ca.pem", "stranger.pem")))
    leaf.private_key_and_cert_chain_pem.write_to_path(made.both)
    leaf.cert_chain_pems[0].write_to_path(made.cert)
    leaf.private_key_pem.write_to_path(made.key)
    authority.cert_pem.write_to_path(made.ca)
    trustme.CA().cert_pem.write_to_path(made.stranger)
    if os.geteuid() == 0:  # PostgreSQL runs as a servant, and wants the key for itself
        servant = pwd.getpwnam(SERVANT)
        for path in (folder, *folder.iterdir()):
            os.chown(path, servant.pw_uid, servant.pw_gid)
    made.key.chmod(0o600)
    yield made
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def redis(papers: Papers) -> Iterator[tuple[RedisServer, int]]:
    """A Redis that speaks TLS, and its port. Valkey's package was built without."""
    port = free_port()
    files = {"tls-cert-file": papers.cert, "tls-key-file": papers.key, "tls-ca-cert-file": papers.ca}
    options = {name: str(path) for name, path in files.items()}
    with RedisServer("redis", **{"tls-port": str(port), "tls-auth-clients": "no", **options}) as running:
        yield running, port


@pytest.fixture(scope="module")
def postgres_tls(papers: Papers) -> Iterator[str]:
    """The address of a database on a PostgreSQL that speaks TLS; `{ca}` is whom to trust."""
    port = str(free_port())
    settings = {"listen_addresses": "127.0.0.1", "port": port, "ssl": "on"}
    with Postgres(with_tls(), **settings, ssl_cert_file=str(papers.cert), ssl_key_file=str(papers.key)) as running:
        yield f"postgresql://app@127.0.0.1:{port}/{running.database()}?sslmode=verify-full&sslrootcert={{ca}}"


@pytest.fixture(scope="module")
def mongo_tls(papers: Papers) -> Iterator[Mongod]:
    """A replica set that speaks TLS."""
    options = ("--tlsMode", "preferTLS", "--tlsCertificateKeyFile", str(papers.both), "--tlsCAFile", str(papers.ca))
    with Mongod(1, *options, "--tlsAllowConnectionsWithoutCertificates") as running:
        yield running


def problem_of(findings: list[Finding]) -> str:
    """What the only problem says."""
    (found,) = [finding for finding in findings if finding.grade is Grade.PROBLEM]
    assert found.exit_code == 69
    return found.sentence


def good(findings: list[Finding]) -> str:
    """What was fine, when nothing was a problem."""
    assert all(finding.grade is not Grade.PROBLEM for finding in findings), findings
    return findings[0].sentence


async def test_redis_over_tls(redis: tuple[RedisServer, int], papers: Papers, caplog: pytest.LogCaptureFixture) -> None:
    url = f"rediss://127.0.0.1:{redis[1]}/0"
    link = RedisLink(url, ca=str(papers.ca))
    assert await link.run("PING") in {b"PONG", "PONG", True}
    await link.close()
    suspicious = RedisLink(url, ca=str(papers.stranger))
    with caplog.at_level(logging.WARNING), pytest.raises(Unavailable):
        await suspicious.run("PING")
    assert "its certificate is not trusted here" in caplog.text
    await suspicious.close()
    assert "Redis 7" in good(await check_redis(load_settings(redis_url=url, redis_ca=papers.ca)))
    for ca in (papers.stranger, None):
        said = problem_of(await check_redis(load_settings(redis_url=url, redis_ca=ca)))
        assert "its certificate is not trusted here" in said
        assert "BATIYOUN_REDIS_CA" in said


async def test_redis_without_tls_where_tls_is_asked_for(papers: Papers) -> None:
    port = free_port()
    with RedisServer("valkey", port=str(port), bind="127.0.0.1"):
        settings = load_settings(redis_url=f"rediss://127.0.0.1:{port}/0", redis_ca=papers.ca, redis_timeout_ms=300)
        assert "does it speak TLS" in problem_of(await check_redis(settings))


async def test_postgresql_over_tls(postgres_tls: str, papers: Papers) -> None:
    def settings(ca: Path) -> Settings:
        url = postgres_tls.format(ca=ca)
        return load_settings(database_url=url, messages_url=url)

    trusting = settings(papers.ca)
    database = Database(trusting.accounts_url)
    try:
        await migrate(database)
        await migrate_messages(trusting.messages_address)
    finally:
        await database.close()
    assert "PostgreSQL" in good(await check_accounts(trusting))
    assert "PostgreSQL" in good(await check_messages(trusting, seconds=None))
    for found in (
        await check_accounts(settings(papers.stranger)),
        await check_messages(settings(papers.stranger), seconds=None),
    ):
        assert "its certificate is not trusted here" in problem_of(found)
        assert "sslrootcert=" in problem_of(found)
    with pytest.raises(StoreUnusable, match="certificate is not trusted"):
        await message_store(settings(papers.stranger).messages_address, Runtime(), connections=1, seconds=2).open()
    elsewhere = postgres_tls.replace("127.0.0.1", "localhost").format(ca=papers.ca)
    said = problem_of(await check_messages(load_settings(messages_url=elsewhere), seconds=None))
    assert "localhost" in said  # the certificate is for another name
    assert "its certificate is not trusted here" in said


async def test_mongodb_over_tls(mongo_tls: Mongod, papers: Papers) -> None:
    url = mongo_tls.url(tls="true", tlsCAFile=str(papers.ca))
    await migrate_messages(url)
    said = good(await check_messages(load_settings(messages_url=url, messages_timeout_ms=3000), seconds=None))
    assert "replica set rs0 of 1" in said
    wrong = url.replace(str(papers.ca), str(papers.stranger))
    said = problem_of(await check_messages(load_settings(messages_url=wrong, messages_timeout_ms=1000), seconds=None))
    assert "its certificate is not trusted here" in said
    assert "tlsCAFile=" in said
    with pytest.raises(StoreUnusable, match="certificate is not trusted"):
        await message_store(wrong, Runtime(), connections=1, seconds=1).open()


async def test_mongodb_by_an_srv_record(mongo_tls: Mongod, papers: Papers, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name server answers; where the host lies is told by hand, for that is the system's resolver."""
    records = {
        ("_mongodb._tcp.db.chat.example", "SRV"): [f"0 5 {mongo_tls.members[0].port} {SEED}."],
        ("db.chat.example", "TXT"): ['"replicaSet=rs0"'],
    }
    known = socket.getaddrinfo

    def getaddrinfo(host: Any, *arguments: Any, **options: Any) -> Any:
        return known("127.0.0.1" if host in {SEED, SEED.encode()} else host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    async with name_server(records) as port:
        resolver = dns.asyncresolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], port
        monkeypatch.setattr(dns.asyncresolver, "default_resolver", resolver)
        url = f"mongodb+srv://db.chat.example/{mongo_tls.database()}?tlsCAFile={papers.ca}"
        await migrate_messages(url)
        said = good(await check_messages(load_settings(messages_url=url, messages_timeout_ms=3000), seconds=None))
        assert "replica set rs0" in said
        # TLS is what such an address means, without being told
        wrong = url.replace(str(papers.ca), str(papers.stranger))
        with pytest.raises(StoreUnusable, match="certificate is not trusted"):
            await message_store(wrong, Runtime(), connections=1, seconds=1).open()
