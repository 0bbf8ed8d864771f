"""A server whose chats are not encrypted, for what is about something else.

Somebody who comes to an encrypted chat with nothing but a password has to bring their keys first, from another device
or by the recovery code: that has tests of its own. These need a person who signs in a second time, or whose browser has
thrown everything away, and then look at something else; or what becomes of an outbox when tabs close and crash.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.server import Server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """In the place of the usual one."""
    with Server(tmp_path, ENCRYPTION="off") as running:
        yield running
