"""audit/service.py: what is written down, and that others cannot fill it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from batiyoun.audit.model import MAX_DETAIL, MAX_DETAILS, AuditEvent
from batiyoun.audit.service import FAILURES, Audit, UnknownDevice
from batiyoun.errors import Unavailable
from tests.harness.accounts import Clock


class Memory:
    """Keeps events in a list, when it works."""

    def __init__(self) -> None:
        self.events: list[AuditEvent] = []
        self.works = True
        self.gate = asyncio.Event()
        self.gate.set()

    async def append(self, event: AuditEvent) -> None:
        await self.gate.wait()
        if not self.works:
            raise Unavailable
        self.events.append(event)

    async def of_user(self, user_id: str, *, before: str | None, limit: int) -> list[AuditEvent]:
        mine = [each for each in self.events if each.user_id == user_id and (before is None or each.id < before)]
        return sorted(mine, key=lambda each: each.id, reverse=True)[:limit]


async def firefox(user_agents: Sequence[str]) -> list[UnknownDevice]:
    return [UnknownDevice("Firefox" * 20, "Linux", "computer") for _ in user_agents]


@pytest.fixture
def store() -> Memory:
    return Memory()


async def test_an_event_says_what_when_and_on_which_device(store: Memory) -> None:
    clock = Clock()
    audit = Audit(store, clock.runtime(), describe=firefox)
    await audit.record("signed_in", "asha", session_id="s", user_agent="Mozilla/5.0", details={"by": "password"})
    (event,) = await audit.of_user("asha")
    assert (event.kind, event.at, event.session_id) == ("signed_in", clock.runtime().utcnow(), "s")
    assert (event.browser, event.os, event.device_kind) == (("Firefox" * 20)[:64], "Linux", "computer")
    assert event.details == {"by": "password"}


async def test_49_the_header_itself_is_not_kept(store: Memory) -> None:
    audit = Audit(store, Clock().runtime())
    await audit.record("signed_in", "asha", user_agent="a secret way to look")
    assert "secret" not in repr(store.events)


async def test_details_stay_small(store: Memory) -> None:
    audit = Audit(store, Clock().runtime())
    await audit.record("signed_in", "asha", details={str(number): "x" * 1_000 for number in range(100)})
    (event,) = store.events
    assert (len(event.details), {len(value) for value in event.details.values()}) == (MAX_DETAILS, {MAX_DETAIL})


async def test_50_what_cannot_be_written_down_is_said(store: Memory) -> None:
    store.works = False
    with pytest.raises(Unavailable):
        await Audit(store, Clock().runtime()).record("signed_in", "asha")


async def test_others_cannot_fill_somebody_s_log(store: Memory) -> None:
    clock = Clock()
    audit = Audit(store, clock.runtime())
    for _ in range(100):
        audit.note("sign_in_failed", "asha")
    audit.note("sign_in_failed", "ravi")
    await audit.settled()
    assert [event.user_id for event in store.events].count("asha") == FAILURES.burst
    assert [event.user_id for event in store.events].count("ravi") == 1
    clock.now += FAILURES.period
    audit.note("sign_in_failed", "asha")
    await audit.settled()
    assert len(store.events) == FAILURES.burst + 2


async def test_nobody_waits_for_a_note_and_the_end_does(store: Memory) -> None:
    audit = Audit(store, Clock().runtime())
    store.gate.clear()
    audit.note("sign_in_failed", "asha")
    await asyncio.sleep(0)
    assert store.events == []
    closing = asyncio.create_task(audit.close())
    await asyncio.sleep(0)
    store.gate.set()
    await closing
    assert [event.kind for event in store.events] == ["sign_in_failed"]


async def test_a_note_that_fails_harms_nobody(store: Memory, caplog: pytest.LogCaptureFixture) -> None:
    store.works = False
    audit = Audit(store, Clock().runtime())
    audit.note("sign_in_failed", "asha")
    await audit.settled()
    assert "could not be written" in caplog.text
