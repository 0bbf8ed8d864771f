"""The places of the newest messages."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batiyoun.chats.model import Envelope
from batiyoun.runtime import uuid7
from batiyoun.storage.shared.recent import Recent, made_at
from batiyoun.storage.sqlite.rows import envelope_of
from tests.contracts.chat_stores import START, Clock, draft


def envelope(message_id: str, seq: int) -> Envelope:
    """Some envelope with that id."""
    return envelope_of(draft("chat", "ann", message_id=message_id), seq, datetime(2026, 1, 1, tzinfo=UTC))


def test_the_oldest_go_first() -> None:
    recent = Recent(limit=3)
    recent.add([envelope(name, seq) for seq, name in enumerate("abcde", 1)])
    assert [recent.get(name) for name in "abcde"] == [None, None, ("chat", 3), ("chat", 4), ("chat", 5)]
    recent.add([])
    recent.add([envelope("f", 6)])
    assert recent.get("c") is None
    assert recent.get("f") == ("chat", 6)


@given(st.lists(st.lists(st.integers(0, 1000), unique=True, max_size=20), max_size=20))
def test_never_more_than_the_limit(batches: list[list[int]]) -> None:
    recent = Recent(limit=10)
    newest: list[str] = []
    for number, batch in enumerate(batches):
        names = [f"{number}.{name}" for name in batch]
        recent.add([envelope(name, 1) for name in names])
        newest = (newest + names)[-10:]
        assert len(recent._places) == len(newest)
        assert all(recent.get(name) for name in newest)


def test_the_time_in_an_id() -> None:
    assert made_at(Clock().new_id()) == int(START * 1000)
    assert made_at("017f22e2-79b0-7cc3-98c4-dc0c0c07398f") == 1645557742000  # RFC 9562, appendix A.6
    assert abs((made_at(uuid7()) or 0) / 1000 - datetime.now(UTC).timestamp()) < 60


@pytest.mark.parametrize(
    "message_id", ["", "abc", "017f22e2-79b0-4cc3-98c4-dc0c0c07398f", "x17f22e2-79b0-7cc3-98c4-dc0c0c07398f"]
)
def test_ids_without_a_time(message_id: str) -> None:
    assert made_at(message_id) is None


def test_envelopes_are_told_apart_by_id_alone() -> None:
    recent = Recent()
    recent.add([msgspec.structs.replace(envelope("a", 1), chat_id="other")])
    assert recent.get("a") == ("other", 1)
