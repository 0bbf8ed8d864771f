"""The two servers, shared by all tests that leave them as they found them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.interop.servers import Process, running


@pytest.fixture(scope="session")
def echo() -> Iterator[Process]:
    """`examples/echo.py`."""
    with running("examples.echo") as process:
        yield process


@pytest.fixture(scope="session")
def application() -> Iterator[Process]:
    """`application.py`."""
    with running("tests.interop.application") as process:
        yield process
