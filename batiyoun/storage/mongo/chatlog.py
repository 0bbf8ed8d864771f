"""`LogStore`, `ChatStore` and `GroupStore` in MongoDB.

Nothing is remembered that another node may change, except the rosters of the writer (lanes.py), whose version is
compared in its transaction. Only what a majority has on disk is shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING, UpdateOne

from batiyoun.chats.groups.model import Group, WaitingWelcome
from batiyoun.chats.model import REDACTED, Chat, Draft, Envelope, Member, Membership, NewChat, Outcome, Page, Receipt
from batiyoun.errors import Unavailable
from batiyoun.runtime import Runtime
from batiyoun.storage.errors import StoreUnusable
from batiyoun.storage.mongo import groups, lists, schema
from batiyoun.storage.mongo.client import (
    ConnectionLost,
    Document,
    Duplicate,
    Mongo,
    Session,
    TryAgain,
    translated,
    understood,
)
from batiyoun.storage.mongo.documents import SHOWN, is_text, to_envelope
from batiyoun.storage.mongo.lanes import Lanes, new_member
from batiyoun.storage.reasons import cannot_be_used
from batiyoun.storage.shared.batch import Batch, in_order, pause
from batiyoun.storage.shared.patience import Patience
from batiyoun.storage.shared.receipts import Cursors, Seat, advance
from batiyoun.storage.shared.wishes import check_retry

#: A page carries about this many bytes at most, so that neither a node nor the client chokes on long bodies.
PAGE_BYTES = 2_000_000
#: messages that come in one answer of the server
_AT_ONCE = 128
_MAX_SEQ = 2**62
#: how much longer than the server's our own patience is: the driver should notice first, and put its things in order
_GRACE = 1.0


class MongoChatLog:
    """The ports of `chats/store.py` and `chats/groups/store.py`. `await open()` before use, `await close()` after.

    `url` is MongoDB's. `connections`: at most so many. `seconds`: how long anything may take before it is `Unavailable`
    (a second more when the server hangs).
    """

    def __init__(
        self, url: str, runtime: Runtime | None = None, *, connections: int = 20, seconds: float = 5.0
    ) -> None:
        self._runtime = runtime or Runtime()
        self._url = url
        self._connections = connections
        self._seconds = seconds
        # two, because a full disk stops writing and not reading
        self._using = Patience("MongoDB (messages)", seconds + _GRACE, self._runtime.monotonic)
        self._writing = Patience("MongoDB (message log)", seconds + _GRACE, self._runtime.monotonic)
        self._mongo: Mongo
        self._lanes: Lanes

    async def open(self) -> None:
        """Connect and look at the collections. Raises `StoreUnusable` with the way out."""
        self._mongo = Mongo(self._url, connections=self._connections, seconds=self._seconds)
        self._lanes = Lanes(self._mongo, self._runtime)
        try:
            await self._mongo.check()
            await schema.check(self._mongo)
        except Unavailable as error:
            await self._mongo.close()
            what, authority = "MongoDB (messages)", "tlsCAFile=/path/ca.pem"
            raise StoreUnusable(
                cannot_be_used(what, error, setting="BATIYOUN_MESSAGES_URL", authority=authority)
            ) from error
        except BaseException:
            await self._mongo.close()
            raise

    async def close(self) -> None:
        """Let the connections go. Idempotent."""
        await self._mongo.close()

    async def ready(self) -> bool:
        """Whether the set has a primary that answers."""
        try:
            async with self._reading() as session:
                await self._mongo.client.admin.command("ping", session=session)
            if self._writing.lost:  # nobody sends to a node that is not ready, so this is where it recovers
                async with self._writing.limit():
                    with translated(), self._mongo.limit():
                        await self._mongo.client.admin.command("ping")
        except Unavailable:
            return False
        return True

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[Session]:
        """A session for reads that follow each other, in time. Raises `Unavailable`."""
        async with self._using.limit():
            with translated(), self._mongo.limit():
                async with self._mongo.reading() as session:
                    yield session

    # ── LogStore ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def append(self, batch: Sequence[Draft]) -> list[Outcome]:
        """See `LogStore.append`. Every lane is a transaction of its own."""
        work = Batch(enumerate(batch))
        failure: Unavailable | None = None
        try:
            async with self._writing.limit():
                await self._lanes.append(work, self._seconds)
        except Unavailable as error:
            failure = error
        if work.waiting and failure is None:
            failure = Unavailable(retry_after=1)
        return in_order(len(batch), work.outcomes, failure)

    async def page(self, chat_id: str, *, after: int | None, before: int | None, limit: int, floor: int) -> Page:
        """See `LogStore.page`. A page also ends at about 2 MB, with `has_more` true."""
        forward = after is not None
        low = min(max(after or 0, floor), _MAX_SEQ)
        high = min(before if before is not None else _MAX_SEQ, _MAX_SEQ)
        async with self._reading() as session:
            # the head first: everything up to it is there for all reads that follow
            head = (await lists.heads(self._mongo, [chat_id], session)).get(chat_id, 0)
            end = min(head, high - 1)
            envelopes = await self._between(chat_id, low, end, forward=forward, limit=max(limit, 1), session=session)
        if not envelopes:
            return Page([], head, False)
        if not forward:
            envelopes.reverse()
        more = envelopes[-1].seq < end if forward else envelopes[0].seq > low + 1
        return Page(envelopes, head, more)

    async def _between(
        self, chat_id: str, low: int, end: int, *, forward: bool, limit: int, session: Session
    ) -> list[Envelope]:
        """At most `limit` and about `PAGE_BYTES` of `low < seq <= end`, at least one if there is one."""
        if low >= end:
            return []
        order = ASCENDING if forward else DESCENDING
        found: list[Envelope] = []
        room = PAGE_BYTES
        cursor = self._mongo.messages.find(
            {"chatId": chat_id, "seq": {"$gt": low, "$lte": end}},
            SHOWN,
            sort=[("seq", order)],
            limit=limit,
            batch_size=_AT_ONCE,
            session=session,
        )
        async with cursor:
            async for document in cursor:
                envelope = to_envelope(document)
                if found and room <= 0:
                    break
                room -= len(envelope.content) + len(envelope.mls or "") + 300
                found.append(envelope)
        return found

    async def redact(self, chat_id: str, seq: int) -> None:
        """See `LogStore.redact`."""
        if not is_text(chat_id):
            return
        wiped = {"content": "", "metadata": {}, "type": REDACTED, "notify": False}
        place = {"chatId": chat_id, "seq": min(seq, _MAX_SEQ), "kind": "message"}
        async with self._reading() as session:
            await self._mongo.messages.update_one(
                place, {"$set": wiped, "$unset": {"iv": "", "mls": ""}}, session=session
            )
            self._mongo.wrote(session)

    async def locate(self, user_id: str, message_id: str) -> Envelope | None:
        """See `LogStore.locate`."""
        if not (is_text(user_id) and is_text(message_id)):
            return None
        async with self._reading() as session:
            document = await self._mongo.messages.find_one({"_id": message_id}, SHOWN, session=session)
            if document is None:
                return None
            seat = {"chatId": document["chatId"], "userId": user_id, "joinedSeq": {"$lt": document["seq"]}}
            if await self._mongo.members.find_one(seat, {"_id": 1}, session=session) is None:
                return None
        return to_envelope(document)

    # ── ChatStore ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def create(self, chat: NewChat) -> tuple[Chat, bool]:
        """See `ChatStore.create`."""
        doubt = False
        attempts = 0
        async with self._using.limit():
            with understood(), self._mongo.limit():
                while True:
                    try:
                        existing = await self._create(chat)
                        break
                    except ConnectionLost:
                        doubt = True
                    except (Duplicate, TryAgain):  # somebody else makes it at this moment
                        pass
                    attempts += 1
                    await asyncio.sleep(pause(attempts))
        if existing is not None and chat.direct_key is None:
            check_retry(chat, existing["creatorId"], existing.get("digest"), repeated=doubt)
        chat_id = chat.id if existing is None else existing["_id"]
        found = await self.get(chat_id)
        if found is None:
            raise Unavailable(retry_after=1)
        # an answer that was lost on its way may have been that it is made
        return found, existing is None or (doubt and chat_id == chat.id)

    async def _create(self, chat: NewChat) -> Document | None:
        """Make the chat; returns the one that is there already."""
        document: Document = {
            "_id": chat.id,
            "type": chat.type,
            "participants": list(chat.roles),
            "lastMessage": None,
            "lastMessageAt": None,
            "createdAt": chat.created_at,
            "encryption": chat.encryption,
            "name": chat.name,
            "creatorId": chat.creator_id,
            "headSeq": 0,
            "rosterSeq": 0,
            "lastMessageSeq": 0,
        }
        if chat.direct_key is not None:
            document["directKey"] = chat.direct_key
        if chat.digest is not None:
            document["digest"] = chat.digest
        shown = {"_id": 1, "creatorId": 1, "digest": 1}
        async with self._mongo.transaction() as session:
            existing = await self._mongo.chats.find_one(
                {"_id": await self._direct(chat, session) or chat.id}, shown, session=session
            )
            if existing is None:
                await self._mongo.chats.insert_one(document, session=session)
                if chat.direct_key is not None:
                    await self._mongo.directs.insert_one({"_id": chat.direct_key, "chatId": chat.id}, session=session)
                members = [
                    {"chatId": chat.id, "userId": user_id} | new_member(int(role), 0)
                    for user_id, role in chat.roles.items()
                ]
                await self._mongo.members.insert_many(members, session=session)
        return existing

    async def _direct(self, chat: NewChat, session: Session) -> str | None:
        """The id of the direct chat of that key, if there is one."""
        if chat.direct_key is None:
            return None
        found = await self._mongo.directs.find_one({"_id": chat.direct_key}, session=session)
        return found["chatId"] if found else None

    async def get(self, chat_id: str) -> Chat | None:
        """See `ChatStore.get`."""
        if not is_text(chat_id):
            return None
        async with self._reading() as session:
            found = await lists.chats(self._mongo, [chat_id], session)
        return found.get(chat_id)

    async def list_of(self, user_id: str, *, limit: int, before: str | None) -> list[tuple[Chat, Envelope | None, int]]:
        """See `ChatStore.list_of`."""
        async with self._reading() as session:
            seats = await lists.seats_of(self._mongo, user_id, session)
            ids = await lists.by_activity(self._mongo, seats, session)
            start = ids.index(before) + 1 if before in ids else 0
            ids = ids[start : start + max(limit, 1)]
            found = await lists.chats(self._mongo, ids, session)
            shown = await lists.shown(self._mongo, [seats[chat_id] for chat_id in ids], session)
        # who was removed while we looked is not in the list
        return [
            (found[chat_id], *shown[chat_id])
            for chat_id in ids
            if chat_id in found and user_id in found[chat_id].members
        ]

    async def summary(self, chat_id: str, member: Member) -> tuple[Envelope | None, int]:
        """See `ChatStore.summary`."""
        if not is_text(chat_id):
            return None, 0
        async with self._reading() as session:
            seat = await self._mongo.members.find_one({"chatId": chat_id, "userId": member.user_id}, session=session)
            shown = await lists.shown(self._mongo, [seat], session) if seat else {}
        return shown.get(chat_id, (None, 0))

    async def memberships(self, user_id: str) -> list[Membership]:
        """See `ChatStore.memberships`."""
        async with self._reading() as session:
            seats = await lists.seats_of(self._mongo, user_id, session)
            return await lists.memberships(self._mongo, user_id, seats, session)

    async def heads(self, chat_ids: Collection[str]) -> dict[str, int]:
        """See `ChatStore.heads`."""
        async with self._reading() as session:
            return await lists.heads(self._mongo, chat_ids, session)

    async def advance(self, receipts: Sequence[Receipt]) -> list[Receipt]:
        """See `ChatStore.advance`."""
        chat_ids = {receipt.chat_id for receipt in receipts if is_text(receipt.chat_id)}
        user_ids = {receipt.user_id for receipt in receipts if is_text(receipt.user_id)}
        if not chat_ids or not user_ids:
            return []
        async with self._reading() as session:
            heads = await lists.heads(self._mongo, chat_ids, session)
            places: dict[Seat, Any] = {}
            cursors: dict[Seat, Cursors] = {}
            wanted = {"chatId": {"$in": list(heads)}, "userId": {"$in": list(user_ids)}}
            async for seat in self._mongo.members.find(wanted, session=session):
                key = (seat["chatId"], seat["userId"])
                places[key] = seat["_id"]
                cursors[key] = Cursors(seat["deliveredSeq"], seat["readSeq"], seat["sharedReadSeq"])
            moved, changed = advance(receipts, cursors, heads)
            if changed:
                # `$max`, because another node may have moved the same cursors further meanwhile
                updates = [
                    UpdateOne(
                        {"_id": places[key]},
                        {"$max": {"deliveredSeq": c.delivered, "readSeq": c.read, "sharedReadSeq": c.shared}},
                    )
                    for key, c in changed.items()
                ]
                await self._mongo.members.bulk_write(updates, ordered=False, session=session)
                self._mongo.wrote(session)
        return moved

    # ── GroupStore ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def group(self, chat_id: str) -> Group | None:
        """See `GroupStore.group`."""
        async with self._reading() as session:
            return (await groups.read(self._mongo, [chat_id], session)).get(chat_id)

    async def group_info(self, chat_id: str) -> tuple[Group, bytes] | None:
        """See `GroupStore.group_info`."""
        async with self._reading() as session:
            return await groups.read_info(self._mongo, chat_id, session)

    async def welcomes(self, user_id: str, device_id: str, *, since: datetime, limit: int) -> list[WaitingWelcome]:
        """See `GroupStore.welcomes`."""
        async with self._reading() as session:
            return await groups.read_welcomes(self._mongo, user_id, device_id, since, limit, session)

    async def forget_welcome(self, user_id: str, device_id: str, welcome_id: str) -> None:
        """See `GroupStore.forget_welcome`."""
        if is_text(welcome_id):
            async with self._reading() as session:
                await groups.forget_welcome(self._mongo, user_id, device_id, welcome_id, session)

    async def forget_welcomes(self, before: datetime) -> int:
        """See `GroupStore.forget_welcomes`."""
        async with self._reading() as session:
            return await groups.forget_welcomes(self._mongo, before, session)
