"""One's own data as one JSON document, in pieces: a large account never stands in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import Any

import msgspec
from pydantic import BaseModel

from batiyoun.audit.model import entry_of
from batiyoun.audit.service import MAX_PAGE as AUDIT_PAGE
from batiyoun.audit.service import Audit
from batiyoun.auth.service import AuthService, Principal
from batiyoun.chats.model import ChatView
from batiyoun.chats.service import MAX_PAGE, ChatService
from batiyoun.errors import ChatNotFound, Unauthenticated
from batiyoun.runtime import Runtime
from batiyoun.users.model import own_user, public_user
from batiyoun.users.service import UserService

#: of the document; a number more for every change that a reader must know of
FORMAT = 1
CHATS_PAGE = 100
PEOPLE_PAGE = 200

#: what else is kept about a person, by the name it has in the document
Section = Callable[[str], Awaitable[Any]]


class Exporter:
    """Writes `{format, exportedAt, profile, sessions, securityLog, …, chats: [{…, messages}], people}`.

    Messages are as they are stored: what is encrypted stays encrypted, and can be read with the keys of one's devices.
    """

    def __init__(
        self,
        *,
        auth: AuthService,
        users: UserService,
        audit: Audit,
        chats: ChatService,
        runtime: Runtime,
        sections: Mapping[str, Section],
    ) -> None:
        self._auth = auth
        self._users = users
        self._audit = audit
        self._chats = chats
        self._runtime = runtime
        self._sections = sections

    async def begin(self, me: Principal, user_agent: str) -> AsyncIterator[bytes]:
        """The document's pieces, in order; that it was asked for is written to the security log first.

        Raises `UserNotFound`, `Unavailable`. The iterator raises `Unauthenticated` when the session ends meanwhile, and
        whatever reading raises: then the document is cut off, and nobody takes it for the whole.
        """
        await self._users.get(me.user_id)
        await self._audit.record("data_exported", me.user_id, session_id=me.session_id, user_agent=user_agent)
        return self._pieces(me)

    async def _pieces(self, me: Principal) -> AsyncIterator[bytes]:
        user_id = me.user_id
        profile = own_user(await self._users.get(user_id))
        yield b'{"format":%d,"exportedAt":%s,"profile":%s' % (FORMAT, _json(self._runtime.utcnow()), _json(profile))
        yield b',"sessions":' + _json(
            [
                {
                    "id": session.id,
                    "createdAt": session.created_at,
                    "lastSeenAt": session.last_seen_at,
                    "userAgent": session.user_agent,
                }
                for session in await self._auth.sessions_of(user_id)
            ]
        )
        for name, read in self._sections.items():
            yield b",%s:%s" % (_json(name), _json(await read(user_id)))
        async for piece in _array("securityLog", self._security_log(user_id)):
            yield piece
        people: set[str] = set()
        yield b',"chats":['
        first = True
        async for chat in self._all_chats(me):
            people |= {participant.user_id for participant in chat.participants}
            yield (b"" if first else b",") + _json(chat)[:-1]
            first = False
            async for piece in _array("messages", self._messages(me, chat.id, people)):
                yield piece
            yield b"}"
        yield b"]"
        async for piece in _array("people", self._profiles(people - {user_id})):
            yield piece
        yield b"}\n"

    async def _security_log(self, user_id: str) -> AsyncIterator[Iterable[Any]]:
        before: str | None = None
        while events := await self._audit.of_user(user_id, before=before, limit=AUDIT_PAGE):
            before = events[-1].id
            yield [entry_of(event) for event in events]

    async def _all_chats(self, me: Principal) -> AsyncIterator[ChatView]:
        before: str | None = None
        shown: set[str] = set()
        while True:
            page = await self._chats.list_of(me.user_id, limit=CHATS_PAGE, before=before)
            for chat in page.chats:
                # a chat that moves up while the pages are read comes twice
                if chat.id not in shown:
                    shown.add(chat.id)
                    yield chat
            if not page.has_more:
                return
            before = page.chats[-1].id

    async def _messages(self, me: Principal, chat_id: str, people: set[str]) -> AsyncIterator[Iterable[Any]]:
        """Pages of the log. Each asks again whether one may see it (security check 28)."""
        after = 0
        while True:
            if self._auth.has_ended(me):
                raise Unauthenticated
            try:
                page = await self._chats.page(me.user_id, chat_id, after=after, before=None, limit=MAX_PAGE)
            except ChatNotFound:  # removed from it meanwhile
                return
            people |= {message.sender_id for message in page.messages}
            yield page.messages
            if not page.has_more:
                return
            after = page.messages[-1].seq

    async def _profiles(self, people: Iterable[str]) -> AsyncIterator[Iterable[Any]]:
        ids = sorted(people)
        for start in range(0, len(ids), PEOPLE_PAGE):
            yield [public_user(user) for user in await self._users.profiles(ids[start : start + PEOPLE_PAGE])]


async def _array(name: str, pages: AsyncIterator[Iterable[Any]]) -> AsyncIterator[bytes]:
    """`,"name":[…]` from pages of items."""
    yield b",%s:[" % _json(name)
    first = True
    async for page in pages:
        items = [_json(item) for item in page]
        if items:
            yield (b"" if first else b",") + b",".join(items)
            first = False
    yield b"]"


def _json(value: Any) -> bytes:
    return msgspec.json.encode(value, enc_hook=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True)
    raise NotImplementedError(type(value).__name__)
