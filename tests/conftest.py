"""What every test sees. Fixtures that start a server are in `tests/harness`."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.order import arranged

TESTS = Path(__file__).parent
#: A test that was not run has not passed: CI must install what it needs.
STRICT = bool(os.environ.get("CI"))


def _fail(report: pytest.TestReport | pytest.CollectReport) -> None:
    if STRICT and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, and a skip counts as a failure when CI is set: {report.longrepr}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A skipped test fails when CI is set."""
    report = yield
    _fail(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """So does a whole file that skips itself."""
    report = yield
    _fail(report)
    return report


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where several files are run at once, the order is `tests/order.py`'s; that of the tests in a file stays."""
    if not hasattr(config, "workerinput"):
        return
    names = {item.path: item.path.relative_to(TESTS).as_posix() for item in items}
    places = {name: place for place, name in enumerate(arranged(set(names.values())))}
    items.sort(key=lambda item: places[names[item.path]])
