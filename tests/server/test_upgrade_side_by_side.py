"""A deployment while people talk: servers of this release and of the next one over the same databases."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from batiyoun.app import build
from batiyoun.parts.offline import migrate_stores
from batiyoun.settings import Settings, load_settings
from batiyoun.startup import CannotStart
from batiyoun.storage.errors import StoreOutdated
from batiyoun.storage.mongo.schema import STEPS
from tests.harness.message_stores import prepare
from tests.harness.people import Person, Town
from tests.harness.postgres import Postgres
from tests.harness.releases import ADDS, TAKES, next_release
from tests.harness.server import Server

#: MongoDB's steps are counted
OURS = len(STEPS)


@pytest.fixture(params=["postgresql", "mongodb"])
def old(request: pytest.FixtureRequest, tmp_path: Path, postgres: Postgres) -> Server:
    """A server of this release that is not started, over databases that it can use."""
    url = postgres.url(postgres.database())
    settings = {"DATABASE_URL": url} | prepare(request.param, request)
    server = Server(tmp_path, **settings)
    server.run("migrate")
    return server


def settings_of(server: Server) -> Settings:
    """The same in this process."""
    kept = dict(os.environ)
    os.environ.update(server.environment)
    try:
        return load_settings()
    finally:
        os.environ.clear()
        os.environ.update(kept)


async def starts(settings: Settings, person: Person, chat: str) -> int:
    """A server of the next release in this process; how many envelopes of the chat it shows."""
    app = build(settings)
    async with app.opened():
        assert {str(each) for each in (await app.users.get_many([person.id]))} == {person.id}
        page = await app.chat_log.page(chat, after=0, before=None, limit=100, floor=0)
        return page.head_seq


async def test_old_and_new_servers_side_by_side(old: Server, tmp_path: Path) -> None:
    settings = settings_of(old)
    with old:
        town = Town(old.url)
        asha, ravi = [await town.sign_up(name) for name in ("asha", "ravi")]
        chat = await asha.create_chat(ravi)
        assert (await asha.put(chat, "before")).json()["seq"] == 1
        with next_release(tmp_path):
            with pytest.raises((CannotStart, StoreOutdated), match="batiyoun migrate"):
                await starts(settings, asha, chat)
            for times in range(2):  # from four machines at once, and again
                done = await asyncio.gather(*(migrate_stores(settings, "pre") for _ in range(4)))
                assert {now for each in done for _, now in each.values()} <= {ADDS, str(OURS + 1)}
                changed = sum(before == now for each in done for before, now in each.values())
                assert times == 0 or changed == 8
            assert await starts(settings, asha, chat) == 1
        # this release goes on, also when it is started anew, and takes nothing back
        assert (await asha.put(chat, "beside")).json()["seq"] == 2
        old.restart()
        assert "already" in old.run("migrate")
        assert (await ravi.put(chat, "beside again")).json()["seq"] == 3
        with next_release(tmp_path / "again"):
            assert await starts(settings, ravi, chat) == 3
            done = await asyncio.gather(*(migrate_stores(settings, "post") for _ in range(4)))
            assert {now for each in done for _, now in each.values()} <= {TAKES, str(OURS + 2)}
            assert await starts(settings, ravi, chat) == 3
        # whoever still runs is not disturbed, but nobody of this release starts any more
        assert (await asha.put(chat, "late")).json()["seq"] == 4
        old.stop()
        old.launch()
        assert old.exit_code() == 78
        assert "newer Batiyoun" in old.output
    await town.close()
