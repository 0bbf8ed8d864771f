"""The housekeeping of encrypted chats."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from batiyoun.errors import Unavailable
from batiyoun.parts import encryption
from batiyoun.parts.encryption import Encryption


async def test_welcomes_are_swept_by_and_by_whatever_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encryption, "FIRST", 0)
    monkeypatch.setattr(encryption, "EVERY", 0)
    outcomes: list[int | Exception] = [Unavailable(), RuntimeError("a fault"), 3]
    swept = asyncio.Event()

    async def sweep() -> int:
        outcome = outcomes.pop(0) if outcomes else 0
        if not outcomes:
            swept.set()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    nothing = cast("Any", SimpleNamespace())
    parts = Encryption(nothing, nothing, messages=nothing, log=nothing, rooms=nothing, directory=nothing)
    monkeypatch.setattr(parts.groups, "sweep", sweep)
    parts.start()
    await asyncio.wait_for(swept.wait(), 5)
    await parts.close()
