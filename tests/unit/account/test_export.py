"""account/export.py: the document is whole, or cut off where everybody sees it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from batiyoun.account.export import Exporter
from batiyoun.auth.service import Principal
from batiyoun.chats.model import ChatView, Envelope, Page, Participant
from batiyoun.chats.payloads import ChatList
from batiyoun.errors import ChatNotFound, Unauthenticated, Unavailable
from batiyoun.users.service import UserService
from tests.harness.accounts import Accounts, open_accounts, person

AT = datetime(2026, 1, 1, tzinfo=UTC)


def view(chat_id: str, *people: str) -> ChatView:
    participants = [Participant(each, "member", 0, read_seq=0) for each in people]
    return ChatView(chat_id, "group", "none", participants, "Family", None, None, 0, 0, AT)


def envelope(chat_id: str, seq: int, sender: str) -> Envelope:
    return Envelope(
        chat_id, seq, f"m{seq}", sender, None, f"c{seq}", "message", "text", f'"{seq}"', None, False, None, {}, True, AT
    )


@dataclass
class Chats:
    """Two pages of chats, three of messages each; `trouble` is raised at the second page of messages."""

    people: list[str]
    trouble: Exception | None = None
    pages: list[str] = field(default_factory=list)

    async def list_of(self, user_id: str, *, limit: int, before: str | None) -> ChatList:
        """See `ChatService`: the first chat moved up meanwhile and comes twice."""
        one, two = view("one", *self.people), view("two", *self.people)
        return ChatList([one], True) if before is None else ChatList([one, two], False)

    async def page(self, user_id: str, chat_id: str, *, after: int, before: None, limit: int) -> Page:
        """See `ChatService`."""
        self.pages.append(chat_id)
        if after and self.trouble is not None:
            raise self.trouble
        return Page([envelope(chat_id, after + 1, self.people[-1])], 3, after < 2)


@pytest.fixture
async def accounts(tmp_path: Path) -> AsyncIterator[Accounts]:
    async with open_accounts(tmp_path) as opened:
        yield opened


async def export(accounts: Accounts, chats: Chats) -> AsyncIterator[bytes]:
    auth: Any = accounts.auth
    exporter = Exporter(
        auth=auth,
        users=UserService(accounts.stores.users),
        audit=accounts.auth.audit,
        chats=chats,  # type: ignore[arg-type]
        runtime=accounts.clock.runtime(),
        sections={"extra": _extra},
    )
    (session,) = await accounts.auth.sessions_of(chats.people[0])
    async for piece in await exporter.begin(Principal(chats.people[0], session.id), "a browser"):
        yield piece


async def take(
    pieces: AsyncIterator[bytes], into: list[bytes], then: Callable[[], Awaitable[None]] | None = None
) -> None:
    """The pieces, as far as they come."""
    async for piece in pieces:
        into.append(piece)
        if then is not None:
            await then()


async def _extra(user_id: str) -> dict[str, Any]:
    return {"of": user_id, "at": AT}


async def people_of(accounts: Accounts) -> list[str]:
    asha = await accounts.signed_up("asha")
    ravi = person("ravi")
    await accounts.stores.accounts.create(ravi, None)
    return [(await asha.get("/api/users/me")).json()["id"], ravi.id]


async def test_pages_are_put_together_and_nothing_comes_twice(accounts: Accounts) -> None:
    people = await people_of(accounts)
    document = json.loads(b"".join([piece async for piece in export(accounts, Chats(people))]))
    assert [chat["id"] for chat in document["chats"]] == ["one", "two"]
    assert [message["seq"] for message in document["chats"][0]["messages"]] == [1, 2, 3]
    assert document["chats"][0]["messages"][0]["content"] == '"1"'
    assert document["extra"] == {"of": people[0], "at": "2026-01-01T00:00:00Z"}
    assert [each["username"] for each in document["people"]] == ["ravi"]
    assert document["format"] == 1


async def test_28_a_chat_that_was_left_meanwhile_ends_there(accounts: Accounts) -> None:
    people = await people_of(accounts)
    pieces = [piece async for piece in export(accounts, Chats(people, ChatNotFound()))]
    assert [len(chat["messages"]) for chat in json.loads(b"".join(pieces))["chats"]] == [1, 1]


async def test_a_document_that_is_cut_off_is_no_document(accounts: Accounts) -> None:
    people = await people_of(accounts)
    got: list[bytes] = []
    with pytest.raises(Unavailable):
        await take(export(accounts, Chats(people, Unavailable())), got)
    with pytest.raises(json.JSONDecodeError):
        json.loads(b"".join(got))


async def test_09_a_session_that_ends_gets_no_more(accounts: Accounts) -> None:
    chats = Chats(await people_of(accounts))

    async def then() -> None:
        if chats.pages:
            await accounts.auth.revoke_all(chats.people[0])

    with pytest.raises(Unauthenticated):
        await take(export(accounts, chats), [], then)
    assert len(chats.pages) == 1
