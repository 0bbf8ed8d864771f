"""What the contract suites of the chats' ports share: a clock, and short ways to say things."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from batiyoun.chats.groups.model import Sealed, Step
from batiyoun.chats.model import (
    Appended,
    Chat,
    ChatType,
    Draft,
    Encryption,
    Envelope,
    Kind,
    NewChat,
    Outcome,
    Replayed,
    Role,
    RosterChange,
)
from batiyoun.chats.store import LogStore
from batiyoun.runtime import Runtime
from batiyoun.storage.messages import MessageStore

START = 1_780_000_000.0


@dataclass
class Clock:
    """Wall time that the test moves; ids are UUIDv7 of that time, so that places can be found by it."""

    time: float = START
    _ids: itertools.count[int] = field(default_factory=itertools.count)

    def now(self) -> float:
        """Seconds since the epoch."""
        return self.time

    def new_id(self) -> str:
        """A UUIDv7 of the clock's time (RFC 9562 §5.7), counting instead of random."""
        digits = f"{int(self.time * 1000):012x}7{next(self._ids):07x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-8{digits[16:19]}-{digits[8:20]}"

    def runtime(self) -> Runtime:
        """The runtime that has this clock."""
        return Runtime(now=self.now, new_id=self.new_id)


class OpenStore(Protocol):
    """Opens the store that lives in a place; closes it at the end. The same place gives the same store again."""

    def __call__(self, place: Path, runtime: Runtime) -> AbstractAsyncContextManager[MessageStore]:
        """An open store."""
        ...


_numbers = itertools.count()


def draft(
    chat: Chat | NewChat | str,
    sender: str,
    body: str = "hello",
    *,
    client_id: str | None = None,
    message_id: str | None = None,
    kind: Kind = "message",
    type_: str = "text",
    notify: bool = True,
    requires: Role = Role.MEMBER,
    barred: Exception | None = None,
    change: RosterChange | None = None,
    mls: str | None = None,
    metadata: dict[str, Any] | None = None,
    sealed: Sealed | None = None,
    step: Step | None = None,
) -> Draft:
    """A message as the service would hand it over, digest and all."""
    number = next(_numbers)
    return Draft(
        id=message_id or f"message-{number}",
        chat_id=chat if isinstance(chat, str) else chat.id,
        sender_id=sender,
        sender_device_id=f"{sender}-phone",
        client_id=client_id or f"client-{number}",
        kind=kind,
        type=type_,
        content=body,
        iv="aXYtb2YtMTItYnl0",
        encrypted=True,
        mls=mls,
        metadata=metadata or {},
        notify=notify,
        digest=hashlib.blake2b(body.encode(errors="surrogatepass"), digest_size=16).digest(),
        requires=requires,
        barred=barred,
        change=change,
        sealed=sealed,
        step=step,
    )


class Scene:
    """A store, a clock, and the chats and messages of a test."""

    def __init__(self, store: MessageStore, clock: Clock) -> None:
        self.store = store
        self.clock = clock
        #: of the chats that are made
        self.encryption: Encryption = "none"

    async def group(self, *members: str, owner: str = "ann", name: str | None = "Friends") -> Chat:
        """A group of the owner and the members."""
        roles = {owner: Role.OWNER} | dict.fromkeys(members, Role.MEMBER)
        return await self._create("group", roles, None, name)

    async def direct(self, one: str, other: str) -> Chat:
        """The direct chat of two, or the notes of one to oneself."""
        key = ":".join(sorted((one, other)))
        return await self._create("direct", dict.fromkeys((one, other), Role.MEMBER), key, None)

    async def _create(self, type_: ChatType, roles: dict[str, Role], key: str | None, name: str | None) -> Chat:
        wish = NewChat(
            id=self.clock.new_id(),
            type=type_,
            encryption=self.encryption,
            name=name,
            creator_id=next(iter(roles)),
            roles=roles,
            direct_key=key,
            created_at=self.clock.runtime().utcnow(),
        )
        chat, _ = await self.store.create(wish)
        return chat

    async def one(self, item: Draft) -> Outcome:
        """What becomes of a single draft."""
        [outcome] = await self.store.append([item])
        return outcome

    async def say(self, chat: Chat, sender: str, *bodies: str, **details: Any) -> list[Envelope]:
        """Messages that must be accepted."""
        outcomes = await self.store.append([draft(chat, sender, body, **details) for body in bodies])
        return [stored(outcome) for outcome in outcomes]

    async def bodies(self, chat: Chat, *, floor: int = 0) -> list[str]:
        """The whole log of a chat."""
        return [envelope.content for envelope in await read_all(self.store, chat.id, floor=floor)]


async def read_all(store: LogStore, chat_id: str, *, floor: int = 0, step: int = 500) -> list[Envelope]:
    """Everything after `floor`, page by page, the way a client catches up."""
    found: list[Envelope] = []
    cursor = floor
    while True:
        page = await store.page(chat_id, after=cursor, before=None, limit=step, floor=floor)
        found += page.messages
        if not page.has_more:
            return found
        cursor = page.messages[-1].seq


def stored(outcome: Outcome) -> Envelope:
    """The envelope of an outcome that must not be a refusal."""
    assert isinstance(outcome, Appended | Replayed), outcome
    return outcome.envelope


OpenScene = Callable[[Path], AbstractAsyncContextManager[Scene]]
