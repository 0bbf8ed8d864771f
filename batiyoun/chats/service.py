"""The rules of chats and messages: who may make one, see one, write into one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection

from batiyoun.chats.checks import access_chat, check_message, digest_of, digest_of_wish
from batiyoun.chats.groups.framing import sealed_in
from batiyoun.chats.log import Log
from batiyoun.chats.model import (
    Appended,
    Chat,
    ChatView,
    Draft,
    Encryption,
    Membership,
    NewChat,
    Outcome,
    Page,
    Refused,
    Replayed,
    Role,
)
from batiyoun.chats.openness import Openness, Programs, nobody
from batiyoun.chats.payloads import MAX_GROUP, ChatList, CreateChat, MessageBody, Receipts, Synced, SyncedChat
from batiyoun.chats.preferences.model import NO_PREFERENCES
from batiyoun.chats.preferences.service import PreferenceService
from batiyoun.chats.store import ChatStore, LogStore
from batiyoun.chats.successors import may_succeed, next_chat, successor_of
from batiyoun.chats.views import view_for
from batiyoun.errors import (
    BatiyounError,
    ClientIdReused,
    Conflict,
    EncryptionRequired,
    InvalidInput,
    UserNotFound,
)
from batiyoun.live import Caller
from batiyoun.runtime import Runtime

MAX_PAGE = 500
#: Of these user ids, the ones that exist and may be talked to.
Known = Callable[[Collection[str]], Awaitable[set[str]]]
#: Of these other people, the ones who block the person of that id or whom that person blocks.
Apart = Callable[[str, Collection[str]], Awaitable[set[str]]]


#: Why a person cannot write into a chat of two, of which one blocks the other; None: they can.
Bars = Callable[[str, str], BatiyounError | None]


def open_to_all(_: str, __: str) -> None:
    """Nobody blocks anybody."""


async def together(_: str, __: Collection[str]) -> set[str]:
    """Nobody blocks anybody."""
    return set()


def direct_key(one: str, other: str, encryption: Encryption) -> str:
    """What makes a direct chat unique: the pair in a fixed order and the encryption."""
    first, second = sorted((one, other))
    return f"{first}:{second}:{encryption}"


class ChatService:
    """Chats and their messages, for one caller at a time.

    `created` is told of every new chat, before the caller gets the answer. `encrypts`: new chats are end-to-end
    encrypted; `plaintext_too`: people may ask for others, which only API tokens may else; `programs` says which people
    API tokens speak for. Without `preferences` nobody has any.
    """

    def __init__(
        self,
        chats: ChatStore,
        log_store: LogStore,
        log: Log,
        known: Known,
        runtime: Runtime,
        *,
        preferences: PreferenceService | None = None,
        apart: Apart = together,
        bars: Bars = open_to_all,
        programs: Programs = nobody,
        encrypts: bool = False,
        plaintext_too: bool = False,
    ) -> None:
        self._encrypts = encrypts
        self._plaintext_too = plaintext_too
        self._chats = chats
        self._log_store = log_store
        self._log = log
        self._known = known
        self._runtime = runtime
        self._preferences = preferences
        self._apart = apart
        #: why a person cannot write into a chat; None: they can
        self.bars = bars
        self._openness = Openness(programs, encrypts=encrypts, plaintext_too=plaintext_too)
        self._asking: set[asyncio.Task[None]] = set()
        self.created: list[Callable[[Chat], None]] = []
        #: told of the two people of every new direct chat, after `created`
        self.met: list[Callable[[str, str], Awaitable[None]]] = []

    # ── chats ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def create(self, user_id: str, wish: CreateChat, *, by_program: bool = False) -> tuple[ChatView, bool]:
        """Make a chat with these people, or find the direct chat that exists; the flag says whether it is new.

        A group with an `id` of the client's is made once: the same wish again finds it. `by_program`: an API token
        asks, whose owner has no device that could read an encrypted chat. Raises `InvalidInput`, `UserNotFound`,
        `Conflict` (end-to-end encryption asked for and not offered), `EncryptionRequired` (a chat without it asked
        for), `ClientIdReused` (that id is of another group, whoever's), `ChatNotFound` (the group is there, and one
        has left it).
        """
        encryption = self._encryption(wish, by_program=by_program)
        others = dict.fromkeys(wish.participants)
        others.pop(user_id, None)
        if wish.type == "direct":
            self._check_direct(wish, others)
        elif encryption == "mls" and wish.name is not None:
            raise InvalidInput("The name of an encrypted group is said inside of it.", fields={"name": "sealed"})
        elif encryption == "none" and (wish.name is None or not wish.name.strip()):
            raise InvalidInput("A group needs a name.", fields={"name": "missing"})
        elif len(others) + 1 > MAX_GROUP:
            raise InvalidInput(f"A group has at most {MAX_GROUP:,} members.", fields={"participants": "too many"})
        # who was there when the group was made may be gone when the wish comes again
        again = wish.id is not None and await self._chats.get(wish.id) is not None
        if not again and len(await self._known(others)) != len(others):
            raise UserNotFound
        if not again and await self._apart(user_id, others):
            raise UserNotFound  # as for nobody: who is blocked is not told (security check 27)
        chat, new = await self._chats.create(self._new_chat(user_id, wish, list(others), encryption))
        if new:
            await self._tell_of(chat)
            return view_for(user_id, chat, None, 0), True
        newest = await self._newest(chat) if chat.type == "direct" else chat.id
        return await self.view(user_id, newest), False

    async def _newest(self, chat: Chat) -> str:
        """Where two people talk now, if others took the place of their first chat."""
        while chat.encryption == "mls" and (after := await self._chats.get(successor_of(chat.id))) is not None:
            chat = after
        return chat.id

    async def succeed(self, user_id: str, chat_id: str) -> tuple[ChatView, bool]:
        """Make the chat that takes an encrypted chat's place, or find it; the flag says whether it is new.

        The same people are in it, in the same roles. Raises `ChatNotFound` (also for who left the new one), `Conflict`,
        `Forbidden`, `UserNotFound` (the other person of a direct chat has no account any more).
        """
        old, member = access_chat(await self._chats.get(chat_id), user_id)
        if await self._chats.get(successor_of(chat_id)) is not None:
            return await self.view(user_id, successor_of(chat_id)), False
        may_succeed(old, member)
        known = await self._known(old.members)
        key = None
        if old.type == "direct" and (barred := self.bars(chat_id, user_id)) is not None:
            raise barred
        if old.type == "direct":
            if known != set(old.members):
                raise UserNotFound
            one, *others = old.members
            key = direct_key(one, others[0] if others else one, "mls")
        try:
            chat, new = await self._chats.create(next_chat(old, user_id, known, key, self._runtime.utcnow()))
        except ClientIdReused:  # another admin began it at this moment
            return await self.view(user_id, successor_of(chat_id)), False
        if not new:
            return await self.view(user_id, chat.id), False
        await self._tell_of(chat)
        return view_for(user_id, chat, None, 0), True

    async def _tell_of(self, chat: Chat) -> None:
        for tell in self.created:
            tell(chat)
        if chat.type == "direct" and len(chat.members) == 2:
            for introduce in self.met:
                await introduce(*chat.members)

    def _encryption(self, wish: CreateChat, *, by_program: bool) -> Encryption:
        """Of the new chat: what was asked for, if that may be, else what is usual."""
        usual: Encryption = "mls" if self._encrypts and not by_program else "none"
        wanted = wish.encryption or usual
        if wanted == "mls" and usual == "none":
            raise Conflict("This chat cannot be end-to-end encrypted here. Leave encryption out.")
        if wanted == "none" and usual == "mls" and not self._plaintext_too:
            raise EncryptionRequired("Chats are end-to-end encrypted here. Leave encryption out.")
        return wanted

    @staticmethod
    def _check_direct(wish: CreateChat, others: dict[str, None]) -> None:
        if len(set(wish.participants)) > 2 or len(others) > 1:  # one's own id may be listed too
            raise InvalidInput("A direct chat has one other person.", fields={"participants": "too many"})
        if wish.name is not None:
            raise InvalidInput("A direct chat has no name of its own.", fields={"name": "not for direct chats"})
        if wish.id is not None:
            raise InvalidInput("A direct chat is found by its people.", fields={"id": "not for direct chats"})

    def _new_chat(self, user_id: str, wish: CreateChat, others: list[str], encryption: Encryption) -> NewChat:
        direct = wish.type == "direct"
        partner = others[0] if others else user_id  # oneself alone: "Notes to self"
        return NewChat(
            id=wish.id or self._runtime.new_id(),
            type=wish.type,
            encryption=encryption,
            name=wish.name.strip() if wish.name else None,
            creator_id=user_id,
            roles={user_id: Role.MEMBER if direct else Role.OWNER} | dict.fromkeys(others, Role.MEMBER),
            direct_key=direct_key(user_id, partner, encryption) if direct else None,
            created_at=self._runtime.utcnow(),
            digest=digest_of_wish(wish, others) if wish.id else None,
        )

    async def view(self, user_id: str, chat_id: str) -> ChatView:
        """The chat as this member sees it. Raises `ChatNotFound`."""
        chat, member = access_chat(await self._chats.get(chat_id), user_id)
        last, unread = await self._chats.summary(chat_id, member)
        wanted = await self._preferences.of_chat(user_id, chat_id) if self._preferences else NO_PREFERENCES
        closed = bool(await self._openness.closed([chat]))
        return view_for(user_id, chat, last, unread, read_only=closed, preferences=wanted)

    async def list_of(self, user_id: str, *, limit: int, before: str | None) -> ChatList:
        """A page of the user's chats, newest activity first."""
        rows = await self._chats.list_of(user_id, limit=limit + 1, before=before)
        closed = await self._openness.closed([chat for chat, _, _ in rows[:limit]])
        wanted = await self._preferences.of_user(user_id) if self._preferences else {}
        views = [
            view_for(
                user_id,
                chat,
                last,
                unread,
                read_only=chat.id in closed,
                preferences=wanted.get(chat.id, NO_PREFERENCES),
            )
            for chat, last, unread in rows[:limit]
        ]
        return ChatList(views, has_more=len(rows) > limit)

    async def memberships(self, user_id: str) -> list[Membership]:
        """Every chat of the user, cheaply."""
        return await self._chats.memberships(user_id)

    async def sync(self, user_id: str, cursors: dict[str, int]) -> Synced:
        """Which chats have moved since the client's cursors, and which it is not in any more; never bodies."""
        mine = {row.chat_id: row for row in await self._chats.memberships(user_id)}
        return Synced(
            chats=[SyncedChat(row.chat_id, row.head_seq, row.read_seq) for row in mine.values()],
            removed=[chat_id for chat_id in cursors if chat_id not in mine],
        )

    # ── messages ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def send(
        self, caller: Caller, chat_id: str, client_id: str | None, body: MessageBody, done: Callable[[Outcome], None]
    ) -> None:
        """Put a message on the chat's log; `done` is called when it is durable or refused.

        Without `client_id` there is no idempotency. Whether the caller is a member is decided where the row is written.
        Raises `InvalidInput`, `PayloadTooLarge`, `Busy`. In an encrypted chat the log refuses what is not encrypted
        (`EncryptionRequired`, `MlsInvalid`), or not for those who are in it now (`EpochStale`, `NotInGroup`). In a chat
        from before encryption people are refused (`EncryptionRequired`), and in one of two while one of them blocks the
        other (`BlockedByYou`, `NotReachable`).
        """
        check_message(body)
        draft = self._draft(caller, chat_id, client_id, body)
        if not self._in_the_clear(caller, body):
            self._log.append(draft, done)
            return
        # rare where chats are encrypted, so it may take a question to the stores
        task = asyncio.get_running_loop().create_task(self._send_openly(draft, done), name="a message in the clear")
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def put(self, caller: Caller, chat_id: str, client_id: str, body: MessageBody) -> Appended | Replayed:
        """As `send`, waiting for the outcome. Raises also what the log refuses with (`ChatNotFound`, …)."""
        check_message(body)
        draft = self._draft(caller, chat_id, client_id, body)
        if self._in_the_clear(caller, body):
            await self._openness.check(await self._chats.get(chat_id), caller.user_id)
        return await self._log.send(draft)

    def _in_the_clear(self, caller: Caller, body: MessageBody) -> bool:
        """Whether a person says something that the server can read, where that may be over."""
        return self._openness.closes and body.mls is None and not caller.program

    async def _send_openly(self, draft: Draft, done: Callable[[Outcome], None]) -> None:
        try:
            await self._openness.check(await self._chats.get(draft.chat_id), draft.sender_id)
            self._log.append(draft, done)
        except BatiyounError as error:
            done(Refused(error))

    def _draft(self, caller: Caller, chat_id: str, client_id: str | None, body: MessageBody) -> Draft:
        message_id = self._runtime.new_id()
        return Draft(
            id=message_id,
            chat_id=chat_id,
            sender_id=caller.user_id,
            sender_device_id=caller.device_id,
            client_id=client_id or message_id,
            kind="message",
            type=body.type,
            content=body.content,
            iv=body.iv,
            encrypted=body.encrypted,
            mls=body.mls,
            metadata=body.metadata,
            notify=body.notify,
            digest=digest_of(body),
            barred=self.bars(chat_id, caller.user_id),
            sealed=None if body.mls is None else sealed_in(body.mls, chat_id),
        )

    async def page(self, user_id: str, chat_id: str, *, after: int | None, before: int | None, limit: int) -> Page:
        """A piece of the log, from where the member joined. Raises `ChatNotFound`, `InvalidInput`."""
        if after is not None and before is not None:
            raise InvalidInput("Give `after` or `before`, not both.", fields={"before": "not with after"})
        _, member = access_chat(await self._chats.get(chat_id), user_id)
        return await self._log_store.page(
            chat_id, after=after, before=before, limit=min(limit, MAX_PAGE), floor=member.joined_seq
        )

    async def receipts(self, user_id: str, chat_id: str, seq: int | None) -> Receipts:
        """Who has got and seen the message at `seq` (the newest by default). Raises `ChatNotFound`."""
        chat, _ = access_chat(await self._chats.get(chat_id), user_id)
        at = chat.head_seq if seq is None else min(seq, chat.head_seq)
        others = [member for member in chat.members.values() if member.user_id != user_id and member.joined_seq < at]
        return Receipts(
            seq=at,
            read_by=[member.user_id for member in others if member.shared_read_seq >= at],
            delivered_to=[member.user_id for member in others if member.delivered_seq >= at],
        )
