"""docs/reference/security-checks.md names tests that are there: a check that nobody makes is none."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
TABLE = TESTS.parent / "docs" / "reference" / "security-checks.md"
#: what identity and transport promise
NUMBERS = [*range(1, 31), 33, 35, 43, 53]


def _listed() -> dict[int, list[tuple[str, str]]]:
    """Number → the files and names of its tests."""
    listed: dict[int, list[tuple[str, str]]] = {}
    for part in re.split(r"^\*\*(?=\d+\.\*\* )", TABLE.read_text(), flags=re.MULTILINE)[1:]:
        number = int(part.partition(".")[0])
        assert number not in listed, f"number {number} is there twice"
        listed[number] = re.findall(r"^- `([\w/]+\.py)::(\w+)`$", part, flags=re.MULTILINE)
    return listed


@cache
def _tests_in(file: str) -> frozenset[str]:
    tree = ast.parse((TESTS / file).read_text())
    found = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(node.name for node in found)


def test_every_promise_is_listed() -> None:
    assert list(_listed()) == NUMBERS


@pytest.mark.parametrize("number", NUMBERS)
def test_the_tests_of_each_promise_exist_and_bear_its_number(number: int) -> None:
    tests = _listed()[number]
    assert tests, "no test is named"
    for file, name in tests:
        assert name in _tests_in(file), f"{file} has no {name}"
        assert f"{number:02}" in re.findall(r"_(\d\d)(?=_)", name), f"{name} does not say that it is for {number}"
