"""Rows: what is written is what is read, and the checksum covers every value."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batiyoun.chats.model import Draft
from batiyoun.runtime import from_millis
from batiyoun.storage.sqlite.errors import RowDamaged
from batiyoun.storage.sqlite.rows import COLUMNS, INSERT, Stored, checksum, envelope_of, to_envelope, to_row
from batiyoun.storage.sqlite.schema import MIGRATIONS
from tests.contracts.chat_stores import draft

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=6,
)
drafts = st.builds(
    Draft,
    id=text,
    chat_id=st.just("chat"),
    sender_id=st.just("ann"),
    sender_device_id=st.none() | text,
    client_id=text,
    kind=st.sampled_from(["message", "commit", "system"]),
    type=text,
    content=text,
    iv=st.none() | text,
    encrypted=st.booleans(),
    mls=st.none() | text,
    metadata=st.dictionaries(text, json_values, max_size=3),
    notify=st.booleans(),
    digest=st.binary(min_size=16, max_size=16),
)


@pytest.fixture(scope="module")
def tables() -> Iterator[sqlite3.Connection]:
    """The tables in memory, with one person."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for script in MIGRATIONS:
            connection.executescript(script)
        connection.execute("insert into people values (4, 'ann', 0)")
        yield connection


SELECT = f"select {COLUMNS} from log l join people p on p.ref = l.sender"  # noqa: S608  # a constant


def only_row(tables: sqlite3.Connection) -> Stored:
    """The row of the log."""
    return Stored(*tables.execute(SELECT).fetchone())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(item=drafts, seq=st.integers(1, 2**60), millis=st.integers(0, 2**42))
def test_what_is_written_is_what_is_read(tables: sqlite3.Connection, item: Draft, seq: int, millis: int) -> None:
    """Through both ways of reading: row by row, and gathered in one JSON text."""
    tables.execute("delete from log")
    tables.execute(INSERT, to_row(item, 9, 3, seq, 4, millis))
    expected = envelope_of(item, seq, from_millis(millis))
    assert to_envelope(only_row(tables), "chat", 3) == expected
    gathered = tables.execute(SELECT.replace(COLUMNS, f"json_array({COLUMNS})")).fetchone()[0]
    row = msgspec.json.decode(gathered, type=Stored)
    assert to_envelope(row, "chat", 3) == expected
    assert bytes.fromhex(row.digest) == item.digest


@pytest.mark.parametrize("field", [name for name in Stored.__struct_fields__ if name != "sender_id"])
def test_every_value_is_covered(tables: sqlite3.Connection, field: str) -> None:
    tables.execute("delete from log")
    tables.execute(INSERT, to_row(draft("chat", "ann", mls="bWxz", metadata={"a": 1}), 9, 3, 1, 4, 5))
    row = only_row(tables)
    value = getattr(row, field)
    setattr(row, field, value + 1 if isinstance(value, int) else value[:-1] + chr(ord(value[-1]) ^ 1))
    with pytest.raises(RowDamaged, match="envelope"):
        to_envelope(row, "chat", 3)


def test_a_row_of_another_chat_is_not_shown(tables: sqlite3.Connection) -> None:
    tables.execute("delete from log")
    tables.execute(INSERT, to_row(draft("chat", "ann"), 9, 3, 1, 4, 5))
    row = only_row(tables)
    with pytest.raises(RowDamaged, match="found under chat number 8"):
        to_envelope(row, "other", 8)


@pytest.mark.parametrize(
    "bad",
    [{"content": "\ud800"}, {"client_id": "\udfff"}, {"metadata": {"a": object()}}, {"metadata": {"a": "\ud800"}}],
)
def test_what_cannot_be_stored_is_known_before_the_statement(bad: dict[str, Any]) -> None:
    with pytest.raises((UnicodeEncodeError, TypeError)):
        to_row(msgspec.structs.replace(draft("chat", "ann"), **bad), 9, 3, 1, 4, 5)


def test_checksums_of_small_rows_tell_kinds_apart() -> None:
    assert len({checksum(1, "2"), checksum("1", 2), checksum(12, ""), checksum(1, None), checksum(1, 2)}) == 5
