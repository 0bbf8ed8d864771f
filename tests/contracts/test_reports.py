"""The port `ReportStore`, on every database."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from batiyoun.errors import UserNotFound
from batiyoun.reports.model import KEPT, Disclosed, Report
from batiyoun.runtime import uuid7
from batiyoun.storage.sql.departures import SqlDepartureStore
from batiyoun.storage.sql.errands import SqlRetentionStore
from batiyoun.storage.sql.reports import SqlReportStore
from tests.contracts.account_stores import clock, stores
from tests.harness.accounts import Clock, Stores, person

__all__ = ["clock", "stores"]

NOW = Clock().runtime().utcnow()


async def reporter(stores: Stores, name: str = "asha") -> str:
    one = person(name)
    await stores.accounts.create(one, None)
    return one.id


def about(reporter_id: str, note: str = "") -> Report:
    shown = Disclosed(uuid7(), uuid7(), NOW, "चलो 🙂\n")
    return Report(uuid7(), reporter_id, uuid7(), uuid7(), "harassment", note, NOW, (shown,))


async def test_what_was_reported_is_there_whole_and_the_newest_first(stores: Stores) -> None:
    asha, ravi = await reporter(stores), await reporter(stores, "ravi")
    store = SqlReportStore(stores.database)
    made = [about(asha, "one"), replace(about(ravi), chat_id=None, messages=()), about(asha, "two")]
    for each in made:
        assert await store.add(each, most=9)
    assert await store.page(closed=False, limit=9, before=None) == made[::-1]
    assert await store.page(closed=False, limit=1, before=made[2].id) == [made[1]]
    assert await store.of_reporter(asha) == [made[2], made[0]]
    assert await store.close(made[1].id, NOW) is True
    assert await store.close(made[1].id, NOW) is False
    assert await store.page(closed=False, limit=9, before=None) == [made[2], made[0]]
    assert await store.page(closed=True, limit=9, before=None) == [made[2], replace(made[1], closed_at=NOW), made[0]]


async def test_one_is_found_by_the_beginning_of_its_id(stores: Stores) -> None:
    store = SqlReportStore(stores.database)
    asha = await reporter(stores)
    ids = ["01a20428-0000-7000-8000-000000000001", "01a20428-0000-7000-8000-0000000000f1"]
    made = [replace(about(asha), id=report_id) for report_id in ids]
    for each in made:
        await store.add(each, most=9)
    assert await store.find("01a20428") == made[::-1]
    assert await store.find(ids[0]) == await store.find("01A20428-0000-7000-8000-00000000000") == [made[0]]
    for nothing in ("", "01a20429", "someone", "%", "-", ids[0] + "0"):
        assert await store.find(nothing) == []


async def test_no_more_wait_than_may_whoever_is_quicker(stores: Stores) -> None:
    asha = await reporter(stores)
    store = SqlReportStore(stores.database)
    made = [about(asha) for _ in range(6)]
    done = await asyncio.gather(*(store.add(each, most=4) for each in made))
    assert sorted(done) == [False, False, True, True, True, True]
    await store.close(next(each for each, kept in zip(made, done, strict=True) if kept).id, NOW)
    assert await store.add(about(asha), most=4)


async def test_it_goes_with_the_reporter_and_some_time_after_it_was_closed(stores: Stores) -> None:
    asha, ravi = await reporter(stores), await reporter(stores, "ravi")
    store = SqlReportStore(stores.database)
    mine, closed, fresh = about(ravi), about(asha), about(asha)
    for each in (mine, closed, fresh):
        await store.add(each, most=9)
    await store.close(closed.id, NOW)
    await store.close(fresh.id, NOW + timedelta(days=1))
    await SqlDepartureStore(stores.database, Clock().runtime()).wipe(ravi, NOW)
    retention = SqlRetentionStore(stores.database)
    await retention.forget(NOW + KEPT)
    assert [each.id for each in await store.page(closed=True, limit=9, before=None)] == [fresh.id]


async def test_nobody_reports_nothing(stores: Stores) -> None:
    store = SqlReportStore(stores.database)
    with pytest.raises(UserNotFound):
        await store.add(about(uuid7()), most=9)
