"""A log over a store that the test directs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from batiyoun.chats.log import Log
from batiyoun.chats.model import Appended, Draft, Envelope, Outcome, Page, Refused, Replayed
from batiyoun.errors import ChatNotFound


def draft(name: str, *, size: int = 0) -> Draft:
    """A draft told apart by its client id; `size` characters of content."""
    return Draft(
        name, "chat", "ann", None, name, "message", "text", "x" * size, None, False, None, {}, True, name.encode()
    )


def envelope(item: Draft, seq: int) -> Envelope:
    """What the store makes of a draft."""
    return Envelope(
        chat_id=item.chat_id,
        seq=seq,
        id=item.id,
        sender_id=item.sender_id,
        sender_device_id=None,
        client_id=item.client_id,
        kind=item.kind,
        type=item.type,
        content=item.content,
        iv=None,
        encrypted=False,
        mls=None,
        metadata={},
        notify=True,
        timestamp=datetime(2026, 1, 1, tzinfo=UTC),
    )


class ScriptedStore:
    """Appends everything; `failures` are raised one per batch; batches wait while `held`."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.failures: list[Exception] = []
        self.refuse: set[str] = set()
        self.replay: set[str] = set()
        self.short = False
        self.open = asyncio.Event()
        self.open.set()
        self.seq = 0

    async def append(self, batch: Sequence[Draft]) -> list[Outcome]:
        """One outcome per draft, as scripted."""
        self.batches.append([item.id for item in batch])
        await self.open.wait()
        if self.failures:
            raise self.failures.pop(0)
        outcomes: list[Outcome] = []
        for item in batch:
            if item.id in self.refuse:
                outcomes.append(Refused(ChatNotFound()))
            elif item.id in self.replay:
                outcomes.append(Replayed(envelope(item, 1)))
            else:
                self.seq += 1
                outcomes.append(Appended(envelope(item, self.seq)))
        return outcomes[:-1] if self.short else outcomes

    async def page(self, chat_id: str, *, after: int | None, before: int | None, limit: int, floor: int) -> Page:
        """Not asked by the log."""
        raise NotImplementedError

    async def redact(self, chat_id: str, seq: int) -> None:
        """See `LogStore`."""
        raise NotImplementedError

    async def locate(self, user_id: str, message_id: str) -> Envelope | None:
        """Not asked by the log."""
        raise NotImplementedError


class Desk:
    """A log over a scripted store, and everything it says in order: `("published", ids)`, `("done", id, outcome)`."""

    def __init__(self, **limits: Any) -> None:
        self.store = ScriptedStore()
        self.heard: list[tuple[Any, ...]] = []
        self.fatal: list[str] = []
        self.log = Log(self.store, publish=self.publish, fatal=lambda reason, _: self.fatal.append(reason), **limits)

    def publish(self, appended: Sequence[Appended]) -> None:
        """Note what was published."""
        self.heard.append(("published", [item.envelope.id for item in appended]))

    def append(self, name: str, *, size: int = 0) -> None:
        """Queue a draft and note its outcome."""
        self.log.append(draft(name, size=size), lambda outcome: self.heard.append(("done", name, outcome)))

    def outcome(self, name: str) -> Outcome:
        """What the sender of that draft heard, exactly once."""
        [found] = [entry[2] for entry in self.heard if entry[:2] == ("done", name)]
        assert isinstance(found, Outcome)
        return found

    def error(self, name: str) -> Exception:
        """What the draft was refused with."""
        outcome = self.outcome(name)
        assert isinstance(outcome, Refused)
        return outcome.error


async def turns(count: int = 5) -> None:
    """Let the loop turn: enough for the pump to take and commit what waits."""
    for _ in range(count):
        await asyncio.sleep(0)
