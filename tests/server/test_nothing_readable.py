"""People talk in encrypted chats; then all that the server stored, logged and passed on is searched."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pymongo
import pytest
from bson.raw_bson import RawBSONDocument

from tests.harness.message_stores import STORES, prepare
from tests.harness.redis import RedisServer
from tests.harness.server import Server
from tests.server.test_client_core import vitest

#: the stores, and how many envelopes; in the short run the others have fewer, for the client is the same
TALKS = [
    *(
        pytest.param(kind, envelopes, id=f"{kind}-{envelopes}", marks=pytest.mark.timeout(500))
        for kind, envelopes in (("sqlite", 200), ("postgresql", 60), ("mongodb", 60))
    ),
    *(
        pytest.param(kind, 10_000, id=f"{kind}-10000", marks=[pytest.mark.soak, pytest.mark.timeout(3_600)])
        for kind in STORES
    ),
]


@dataclass
class Talk:
    """What was said and with which private keys, and ids that the server must have seen."""

    said: list[str]
    keys: list[bytes]
    open: list[str]


@contextmanager
def overheard(redis: RedisServer) -> Iterator[bytearray]:
    """Every command that reaches the server, with its payload; complete when the block ends."""
    heard = bytearray()
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(redis.socket))
        connection.sendall(b"*1\r\n$7\r\nMONITOR\r\n")

        def listen() -> None:
            while piece := connection.recv(1 << 20):
                heard.extend(piece)

        listener = threading.Thread(target=listen)
        listener.start()
        try:
            yield heard
        finally:
            connection.shutdown(socket.SHUT_RDWR)
            listener.join()
    # MONITOR escapes what is not printable (redis.io, "MONITOR"): both forms are searched
    unescaped = re.sub(rb"\\x([0-9a-f]{2})", lambda found: bytes.fromhex(found[1].decode()), bytes(heard))
    heard.extend(unescaped)


def files_below(folder: Path) -> bytes:
    """All files, one after the other: databases, write-ahead logs, what was printed."""
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


async def rows_of_postgres(url: str) -> bytes:
    """Every value of every table; what is compressed on disk is not here."""
    connection = await asyncpg.connect(url)
    try:
        ours = """
            select format('%I.%I', table_schema, table_name) from information_schema.tables
            where table_schema not in ('pg_catalog', 'information_schema')
        """
        tables = await connection.fetch(ours)
        values: list[bytes] = []
        for (table,) in tables:
            for row in await connection.fetch(f"select * from {table}"):  # noqa: S608  # names from the catalogue
                values += [value if isinstance(value, bytes) else str(value).encode() for value in row]
        return b"\n".join(values)
    finally:
        await connection.close()


def documents_of_mongodb(url: str) -> bytes:
    """Every document of the database that the address names, as BSON."""
    client: pymongo.MongoClient[RawBSONDocument] = pymongo.MongoClient(url, document_class=RawBSONDocument)
    with client:
        database = client.get_default_database()
        names = database.list_collection_names()
        return b"\n".join(document.raw for name in names for document in database[name].find())


def forms(secret: bytes) -> list[bytes]:
    """As bytes, in hexadecimal, in JSON, and in base64 wherever in a longer text it begins."""
    found = [secret, secret.hex().encode()]
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + secret)
        # what depends on the neighbours is cut off on both sides
        inner = encoded[4 if shift else 0 : -4]
        found += [inner, inner.replace(b"+", b"-").replace(b"/", b"_")]
    return [form for form in found if len(form) >= 12]


def check(where: str, haystack: bytes, talk: Talk) -> None:
    """Fails with the first thing that must not be there."""
    for word in talk.said:
        for form in [*forms(word.encode()), json.dumps(word)[1:-1].encode()]:
            assert form not in haystack, f"{where} has words of a message: {word}"
    for key in talk.keys:
        for form in forms(key):
            assert form not in haystack, f"{where} has a private key"


@pytest.mark.parametrize(("kind", "envelopes"), TALKS)
def test_the_server_has_nothing_readable(
    kind: str, envelopes: int, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    place = tmp_path / "place"
    place.mkdir()
    with ExitStack() as running:
        settings = prepare(kind, request)
        heard = bytearray()
        if kind != "sqlite":
            redis: RedisServer = request.getfixturevalue("valkey_server")
            redis.empty()
            settings["REDIS_URL"] = redis.url
            heard = running.enter_context(overheard(redis))
        with Server(place, ENCRYPTION="on", LOG_LEVEL="debug", **settings) as server:
            variables = {
                "BATIYOUN_TEST_URL": server.url,
                "BATIYOUN_TEST_TALK": str(envelopes),
                "BATIYOUN_TEST_FOUND": str(report),
            }
            vitest("sealed", variables, "nothing-readable")
    found = json.loads(report.read_text())
    talk = Talk(found["said"], [base64.b64decode(key) for key in found["keys"]], found["open"])
    assert len(talk.said) >= envelopes
    haystacks = {"the data folder or the log": files_below(place)}
    if kind == "postgresql":
        haystacks["PostgreSQL"] = asyncio.run(rows_of_postgres(settings["MESSAGES_URL"]))
    elif kind == "mongodb":
        haystacks["MongoDB"] = documents_of_mongodb(settings["MESSAGES_URL"])
    if heard:
        haystacks["Redis"] = bytes(heard)
    store = {"sqlite": "the data folder or the log", "postgresql": "PostgreSQL", "mongodb": "MongoDB"}[kind]
    assert all(is_there(haystacks[store], name) for name in talk.open), "the search does not see what is in the store"
    for where, haystack in haystacks.items():
        check(where, haystack, talk)


def is_there(haystack: bytes, client_id: str) -> bool:
    """As text, or as the sixteen bytes of a UUID."""
    return client_id.encode() in haystack or bytes.fromhex(client_id.replace("-", "")) in haystack
