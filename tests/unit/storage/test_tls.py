"""Databases over TLS, by the options of their addresses: the right certificate is trusted and no other."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import trustme

from batiyoun.errors import Unavailable
from batiyoun.runtime import Runtime
from batiyoun.settings import load_settings
from batiyoun.storage.errors import StoreUnusable
from batiyoun.storage.messages import message_store, migrate_messages
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.migrate import migrate
from tests.harness.mongo import Mongod
from tests.harness.postgres import Postgres
from tests.harness.tls_front import tls_front


@pytest.fixture
def authority() -> trustme.CA:
    """Who vouches for the servers."""
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path) -> Path:
    """Its certificate."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return tmp_path / "ca.pem"


@pytest.fixture
def stranger(tmp_path: Path) -> Path:
    """The certificate of an authority that does not vouch for them."""
    trustme.CA().cert_pem.write_to_path(tmp_path / "stranger.pem")
    return tmp_path / "stranger.pem"


@pytest_asyncio.fixture(params=["postgresql", "mongodb"])
async def address(request: pytest.FixtureRequest, authority: trustme.CA) -> AsyncIterator[str]:
    """The address of a server behind TLS, with `{ca}` for the certificates to trust."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        name = server.database()
        async with tls_front(context, unix=server.folder / ".s.PGSQL.5432", asked_first=True) as port:
            yield f"postgresql://app@127.0.0.1:{port}/{name}?sslmode=verify-full&sslrootcert={{ca}}"
    else:
        running: Mongod = request.getfixturevalue("mongo")
        async with tls_front(context, port=running.primary().port) as port:
            options = "directConnection=true&tls=true&tlsCAFile={ca}"
            yield f"mongodb://127.0.0.1:{port}/{running.database()}?{options}"


async def test_messages_over_tls(address: str, trusted: Path, stranger: Path) -> None:
    url = load_settings(messages_url=address.format(ca=trusted)).messages_address
    await migrate_messages(url)
    store = message_store(url, Runtime(), connections=2, seconds=5)
    await store.open()
    try:
        assert await store.ready()
    finally:
        await store.close()
    suspicious = message_store(address.format(ca=stranger), Runtime(), connections=2, seconds=1)
    with pytest.raises(StoreUnusable, match="BATIYOUN_MESSAGES_URL"):
        await suspicious.open()


@pytest.mark.parametrize("address", ["postgresql"], indirect=True)
async def test_accounts_over_tls(address: str, trusted: Path, stranger: Path) -> None:
    database = Database(load_settings(database_url=address.format(ca=trusted)).accounts_url)
    try:
        await migrate(database)
        assert await database.ready()
    finally:
        await database.close()
    suspicious = Database(load_settings(database_url=address.format(ca=stranger)).accounts_url)
    try:
        with pytest.raises(Unavailable):
            async with suspicious.reading():
                pass
    finally:
        await suspicious.close()
