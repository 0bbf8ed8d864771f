"""account/watch.py: what was decided elsewhere is acted upon once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from batiyoun.account import watch as module
from batiyoun.account.watch import KEPT, Watch
from batiyoun.errors import Unavailable
from tests.unit.account.desk import Desk, Notices, open_desk


class Looks:
    """Remembers whom somebody looked at; fails when told to."""

    def __init__(self) -> None:
        self.at: list[str] = []
        self.broken = False
        self.news = asyncio.Event()

    async def __call__(self, user_id: str) -> None:
        self.news.set()
        if self.broken:
            raise Unavailable
        self.at.append(user_id)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path) as opened:
        yield opened


async def test_every_notice_is_looked_at_once(desk: Desk) -> None:
    notices, looks = Notices([("1", "asha")]), Looks()
    watch = Watch(notices, desk.leaving, looks, desk.clock.runtime())
    await watch.look()
    await watch.look()
    notices.kept.append(("2", "asha"))
    await watch.look()
    assert looks.at == ["asha", "asha"]
    assert notices.pruned[-1] == desk.clock.runtime().utcnow() - KEPT


async def test_a_look_that_fails_is_made_again(desk: Desk) -> None:
    notices, looks = Notices([("1", "asha")]), Looks()
    watch = Watch(notices, desk.leaving, looks, desk.clock.runtime())
    looks.broken = True
    with pytest.raises(Unavailable):
        await watch.look()
    looks.broken = False
    await watch.look()
    assert looks.at == ["asha"]


async def test_who_was_deleted_by_command_is_seen_off(desk: Desk) -> None:
    await desk.leaving.wipe(desk.asha.id, by="operator")
    assert desk.errands == []
    await Watch(Notices(), desk.leaving, Looks(), desk.clock.runtime()).look()
    assert len(desk.errands) == 3


async def test_trouble_does_not_end_the_watch(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EVERY", 0.001)
    notices, looks = Notices([("1", "asha")]), Looks()
    watch = Watch(notices, desk.leaving, looks, desk.clock.runtime())
    looks.broken = True
    watch.start()
    try:
        async with asyncio.timeout(5):
            await looks.news.wait()
            looks.broken = False
            while not looks.at:  # noqa: ASYNC110  # nobody tells of the second look
                await asyncio.sleep(0.001)
    finally:
        await watch.close()
    assert looks.at == ["asha"]
