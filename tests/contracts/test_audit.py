"""The port `AuditStore`, on every database: the log only grows, and the database itself sees to it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from batiyoun.audit.model import AuditEvent
from batiyoun.errors import Unavailable
from batiyoun.runtime import uuid7
from batiyoun.users.model import User
from tests.contracts.account_stores import clock, stores
from tests.harness.accounts import Clock, Stores, person

__all__ = ["clock", "stores"]


@pytest.fixture
async def asha(stores: Stores) -> User:
    made = person("asha")
    await stores.accounts.create(made, None)
    return made


def event(user: User, **changes: object) -> AuditEvent:
    made = AuditEvent(
        id=uuid7(),
        user_id=user.id,
        kind="signed_in",
        at=Clock().runtime().utcnow(),
        session_id=uuid7(),
        browser="Firefox",
        os="Linux",
        device_kind="computer",
        details={"by": "password", "note": "आशा"},
    )
    return replace(made, **changes)  # type: ignore[arg-type]


async def test_what_was_written_down_comes_back_whole(stores: Stores, asha: User) -> None:
    known, bare = event(asha), event(asha, session_id=None, browser=None, os=None, device_kind="other", details={})
    for each in (known, bare):
        await stores.audit.append(each)
    assert await stores.audit.of_user(asha.id, before=None, limit=10) == [bare, known]


async def test_pages_go_back_in_time_without_a_gap(stores: Stores, asha: User) -> None:
    made = [event(asha) for _ in range(7)]
    await asyncio.gather(*(stores.audit.append(each) for each in made))
    found: list[AuditEvent] = []
    while page := await stores.audit.of_user(asha.id, before=found[-1].id if found else None, limit=3):
        found += page
    assert found == sorted(made, key=lambda each: each.id, reverse=True)


async def test_24_everybody_has_a_log_of_their_own(stores: Stores, asha: User) -> None:
    ravi = person("ravi")
    await stores.accounts.create(ravi, None)
    mine, theirs = event(asha), event(ravi)
    for each in (mine, theirs):
        await stores.audit.append(each)
    assert await stores.audit.of_user(asha.id, before=None, limit=10) == [mine]
    assert await stores.audit.of_user(uuid7(), before=None, limit=10) == []


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_events set kind = 'signed_out'",
        "delete from audit_events",
        "delete from users",
        "insert or replace into audit_events select id, user_id, 'signed_out', at, session_id, browser, os,"
        " device_kind, details from audit_events",
        "truncate audit_events",
    ],
)
async def test_the_database_refuses_to_change_what_was_written(stores: Stores, asha: User, statement: str) -> None:
    written = event(asha)
    await stores.audit.append(written)
    with pytest.raises((DBAPIError, Unavailable)):  # a statement that this database does not know is refused, too
        async with stores.database.writing() as connection:
            await connection.execute(text(statement))
    assert await stores.audit.of_user(asha.id, before=None, limit=10) == [written]
