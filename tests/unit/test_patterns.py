"""Patterns of what is read from outside end where the text ends: `re` lets `$` stand before a last line feed, too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Annotated

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import inspect


def _kinds(kind: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    for each in kind.__subclasses__():
        if each.__module__.startswith("batiyoun."):
            yield each
        yield from _kinds(each)


def _strings(kind: object) -> Iterator[inspect.StrType]:
    """Every string in it, however deep; structs inside it are looked at for themselves."""
    if isinstance(kind, inspect.StrType):
        yield kind
    elif isinstance(kind, inspect.UnionType):
        for each in kind.types:
            yield from _strings(each)
    elif isinstance(kind, inspect.CollectionType):
        yield from _strings(kind.item_type)
    elif isinstance(kind, inspect.DictType):
        yield from _strings(kind.key_type)
        yield from _strings(kind.value_type)
    elif isinstance(kind, inspect.Metadata):
        yield from _strings(kind.type)


@cache
def patterns() -> tuple[str, ...]:
    """The patterns of all structs; whatever reads something from outside is imported with the app."""
    import_module("batiyoun.app")
    found = set()
    for kind in _kinds(msgspec.Struct):
        try:
            about = inspect.type_info(kind)
        except TypeError:
            continue  # what msgspec cannot read comes from nowhere outside
        assert isinstance(about, inspect.StructType)
        found |= {each.pattern for field in about.fields for each in _strings(field.type) if each.pattern}
    return tuple(sorted(found))


def test_every_pattern_is_looked_at() -> None:
    assert len(patterns()) >= 4, patterns()


@pytest.mark.parametrize("pattern", patterns())
@given(data=st.data())
def test_nothing_comes_after_what_a_pattern_allows(pattern: str, data: st.DataObject) -> None:
    kind = Annotated[str, msgspec.Meta(pattern=pattern)]
    value = data.draw(st.from_regex(re.compile(pattern), fullmatch=True))
    assert msgspec.convert(value, kind) == value
    for more in ("\n", "\r\n", "\n\n", "\nx", " "):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(value + more, kind)
