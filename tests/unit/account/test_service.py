"""account/service.py: an account ends at once, and what hangs on it in the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from batiyoun.errors import InvalidInput, UserNotFound
from batiyoun.runtime import uuid7
from tests.unit.account.desk import Desk, open_desk


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path) as opened:
        yield opened


async def leave(desk: Desk, username: str = "asha") -> None:
    await desk.leaving.leave(desk.asha.id, username, session_id=uuid7(), user_agent="a browser")


async def test_everything_outside_of_the_database_is_seen_to(desk: Desk) -> None:
    await leave(desk)
    asha = desk.asha.id
    assert desk.errands == [("end_sessions", asha), ("leave_groups", asha), ("forget_avatar", "picture")]
    assert await desk.departures.unfinished() == []
    (event,) = await desk.stores.audit.of_user(asha, before=None, limit=9)
    assert (event.kind, event.details) == ("account_deleted", {"by": "self"})


@pytest.mark.parametrize("errand", ["end_sessions", "leave_groups", "forget_avatar"])
async def test_what_is_in_the_way_is_done_later_from_the_start(desk: Desk, errand: str) -> None:
    desk.broken = {errand}
    await leave(desk)
    left = await desk.stores.users.get(desk.asha.id)
    assert left is not None
    assert left.deleted, "the account is gone all the same"
    await desk.leaving.resume()
    assert len(await desk.departures.unfinished()) == 1
    desk.broken.clear()
    desk.errands.clear()
    await desk.leaving.resume()
    assert [name for name, _ in desk.errands] == ["end_sessions", "leave_groups", "forget_avatar"]
    await desk.leaving.resume()
    assert len(desk.errands) == 3, "and then no more"


async def test_another_name_ends_nothing(desk: Desk) -> None:
    for typed in ("ravi", "", "asha2"):
        with pytest.raises(InvalidInput):
            await leave(desk, typed)
    assert await desk.stores.users.get(desk.asha.id) == desk.asha
    assert desk.errands == []


async def test_nobody_leaves_twice(desk: Desk) -> None:
    await leave(desk)
    with pytest.raises(UserNotFound):
        await leave(desk)
    with pytest.raises(UserNotFound):
        await desk.leaving.wipe(desk.asha.id, by="operator")
