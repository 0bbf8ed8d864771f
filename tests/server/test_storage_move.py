"""`batiyoun storage move`: an embedded installation lives on in PostgreSQL, or in PostgreSQL and MongoDB."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.harness import forge
from tests.harness.forge import BATIYOUN
from tests.harness.mongo import Mongod
from tests.harness.people import Person, Town
from tests.harness.postgres import Postgres
from tests.harness.server import Server


class Home:
    """An embedded installation in which people have talked, and where it is moved to."""

    def __init__(self, folder: Path, targets: dict[str, str]) -> None:
        self.folder = folder
        #: BATIYOUN_ variable without the prefix → address
        self.targets = targets
        self.people: list[Person] = []
        self.direct = self.group = ""

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def move(self) -> subprocess.CompletedProcess[str]:
        """Run the command."""
        addresses = [word for url in sorted(set(self.targets.values())) for word in ("--to", url)]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("BATIYOUN_")}
        return forge.run("storage", "move", "--from", str(self.data), *addresses, environment=kept, timeout=120)

    async def views(self) -> list[Any]:
        """Everything that three people can see: their chats and every message in them."""
        seen: list[Any] = []
        for person in self.people:
            chats = (await person.http.get("/api/chats")).json()
            assert "chats" in chats, chats
            seen.append([(await person.http.get("/api/users/me")).json(), chats])
            seen += [await person.history(chat["id"]) for chat in chats["chats"]]
        return seen


async def live_in(home: Home, server: Server, town: Town) -> None:
    """Words in several scripts, receipts, a removal, an erased name, a client-made retry."""
    asha, bala, chitra = home.people = [await town.sign_up(name) for name in ("asha", "bala", "chitra")]
    home.direct = await asha.create_chat(bala)
    home.group = await asha.create_chat(bala, chitra, name="परिवार")
    for number in range(30):
        for person in (asha, bala):
            assert (await person.put(home.direct, f"{number} नमस्ते 🙏 \u202e", f"d-{number}")).is_success
        assert (await chitra.put(home.group, "x" * (number + 1), f"g-{number}")).is_success
    assert (await bala.http.post(f"/api/chats/{home.direct}/receipts", json={"seq": 7, "kind": "read"})).is_success
    assert (await asha.http.patch(f"/api/chats/{home.group}", json={"name": "Family"})).is_success
    assert (await asha.http.delete(f"/api/chats/{home.group}/members/{bala.id}")).is_success


@asynccontextmanager
async def inhabited(folder: Path, targets: dict[str, str]) -> AsyncIterator[tuple[Home, Server, Town]]:
    home = Home(folder, targets)
    with Server(folder) as server:
        town = Town(server.url)
        try:
            await live_in(home, server, town)
            yield home, server, town
        finally:
            await town.close()


@pytest.fixture(params=["postgresql", "postgresql+mongodb"])
def targets(request: pytest.FixtureRequest, postgres: Postgres) -> dict[str, str]:
    url = postgres.url(postgres.database()).replace("+asyncpg", "")
    if request.param == "postgresql":
        return {"DATABASE_URL": url, "MESSAGES_URL": url}
    mongo: Mongod = request.getfixturevalue("mongo")
    return {"DATABASE_URL": url, "MESSAGES_URL": mongo.url()}


async def test_everything_is_there_afterwards(tmp_path: Path, targets: dict[str, str]) -> None:
    async with inhabited(tmp_path, targets) as (home, server, _):
        busy = await asyncio.to_thread(home.move)
        assert busy.returncode != 0
        assert "is using" in busy.stderr
        server.stop()
        # cut short once, in the middle of the messages; then people talked on, and somebody left
        assert await asyncio.to_thread(cut_short, home)
        server.start()
        assert (await home.people[1].put(home.direct, "one more", "more")).is_success
        assert (await home.people[2].http.post(f"/api/chats/{home.group}/leave")).is_success
        before = await home.views()
        server.stop()
        done = await asyncio.to_thread(home.move)
        assert done.returncode == 0, done.stderr
        assert "3 users" in done.stdout
        assert "2 chats, 94 messages" in done.stdout
        assert (await asyncio.to_thread(home.move)).stdout == done.stdout
        settings = {f"BATIYOUN_{name}": url for name, url in targets.items()}
        server.environment |= settings
        server.start()
        assert await home.views() == before
        await lives_on(home)


def cut_short(home: Home) -> bool:
    """A damaged row stops the move in the middle; then it is as it was. True when it was refused."""
    with closing(sqlite3.connect(home.data / "log.db")) as log, log:
        log.execute("update log set content = content || '!' where client_id = 'g-20'")
    refused = home.move()
    with closing(sqlite3.connect(home.data / "log.db")) as log, log:
        log.execute("update log set content = rtrim(content, '!') where client_id = 'g-20'")
    assert "damaged" in refused.stderr
    return refused.returncode != 0


async def lives_on(home: Home) -> None:
    """Sessions are alive, retries are known, new messages follow the old ones, who was removed stays out."""
    asha, bala, chitra = home.people
    again = await asha.put(home.direct, "0 नमस्ते 🙏 \u202e", "d-0")
    assert (again.status_code, again.json()["seq"]) == (200, 1)
    assert (await asha.put(home.direct, "other words", "d-0")).status_code == 409
    head = (await asha.http.get(f"/api/chats/{home.direct}")).json()["headSeq"]
    fresh: httpx.Response = await bala.put(home.direct, "and on", "after")
    assert fresh.json()["seq"] == head + 1
    async with asha.online() as live:
        assert (await live.send(home.group, "still here", "live-1"))["ok"] is True
    for gone in (bala, chitra):
        assert (await gone.put(home.group, "let me in", "no")).status_code == 404
    login = {"identifier": "asha", "password": asha.password}
    assert (await asha.http.post("/api/auth/login", json=login)).status_code == 200


async def test_a_target_that_is_in_use_is_found_out(tmp_path: Path, postgres: Postgres) -> None:
    url = postgres.url(postgres.database()).replace("+asyncpg", "")
    targets = {"DATABASE_URL": url, "MESSAGES_URL": url}
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    async with inhabited(tmp_path / "one", targets) as (first, server, _):
        server.stop()
        assert (await asyncio.to_thread(first.move)).returncode == 0
    async with inhabited(tmp_path / "two", targets) as (second, server, _):
        server.stop()
        refused = await asyncio.to_thread(second.move)
        assert refused.returncode != 0
        assert "another installation" in refused.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--to", "mysql://x"], "--to takes"),
        (["--to", "mongodb://a/b", "--to", "mongodb://c/d"], "one PostgreSQL and one MongoDB"),
        (["--to", "postgresql://127.0.0.1:1/none"], "holds no installation"),
        ([], "Missing option '--to'"),
    ],
)
def test_a_wish_that_makes_no_sense_is_explained(tmp_path: Path, words: list[str], sentence: str) -> None:
    done = subprocess.run(
        [*BATIYOUN, "storage", "move", "--from", str(tmp_path), *words],
        check=False, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode != 0
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
