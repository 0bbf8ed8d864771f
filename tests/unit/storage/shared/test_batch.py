"""storage/shared/batch.py: what is kept over the attempts to store a batch."""

from __future__ import annotations

import pytest

from batiyoun.chats.model import Appended, Refused, Role
from batiyoun.errors import Unavailable
from batiyoun.storage.shared.batch import Batch, in_order, pause
from batiyoun.storage.shared.plan import Roster, Stored, envelope_of
from tests.contracts.chat_stores import draft
from tests.unit.storage.shared.test_plan import NOW

ROSTERS = {name: Roster(name, 0, {"ann": Role.OWNER}) for name in "ab"}


def test_parts_settle_the_whole() -> None:
    batch = Batch(enumerate(draft("ab"[number % 2], "ann", str(number)) for number in range(4)))
    parts = batch.parts(str)
    assert [list(part.waiting) for part in parts] == [["a"], ["b"]]
    for part in parts:
        [chat_id] = part.waiting
        part.settle(chat_id, part.plan(chat_id, ROSTERS, {}).appended(0, NOW))
    outcomes = in_order(4, batch.outcomes, None)
    assert [(o.envelope.content, o.envelope.seq) for o in outcomes if isinstance(o, Appended)] == [
        ("0", 1), ("1", 1), ("2", 2), ("3", 2),
    ]  # fmt: skip


def test_what_nobody_answered_is_looked_up_and_known_again() -> None:
    item = draft("a", "ann")
    batch = Batch([(0, item)])
    batch.in_doubt([batch.plan("a", ROSTERS, {})])
    assert batch.careful == {"a"}
    found = {("ann", item.client_id): Stored(item.digest, envelope_of(item, 1, NOW))}
    assert isinstance(batch.plan("a", ROSTERS, {"a": found}).outcomes[0], Appended)


def test_what_is_unfit_is_found_once() -> None:
    batch = Batch(enumerate([draft("a", "ann", "good"), draft("a", "ann", "bad")]))
    assert batch.refuse_unfit(lambda item: item.content == "good")
    assert not batch.refuse_unfit(lambda item: item.content == "good")
    plan = batch.plan("a", ROSTERS, {})
    assert [item.content for _, item in plan.rows] == ["good"]
    assert isinstance(plan.outcomes[1], Refused)


def test_a_failure_is_for_those_without_an_outcome() -> None:
    refused = Refused(Unavailable())
    error = Unavailable(retry_after=1)
    assert in_order(2, {1: refused}, error) == [Refused(error), refused]
    with pytest.raises(Unavailable):
        in_order(2, {}, error)
    assert in_order(0, {}, None) == []


def test_pauses_grow_up_to_a_limit_and_differ() -> None:
    assert max(pause(1) for _ in range(100)) < 0.01
    assert all(0.1 < pause(50) <= 0.5 for _ in range(100))
    assert len({pause(3) for _ in range(20)}) > 1
