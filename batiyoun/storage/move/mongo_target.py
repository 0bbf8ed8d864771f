"""Fills the collections of a MongoDB."""

from __future__ import annotations

from collections.abc import Sequence

from pymongo import InsertOne
from pymongo.errors import BulkWriteError, PyMongoError

from batiyoun.chats.groups.model import WaitingWelcome
from batiyoun.chats.model import Draft, Envelope
from batiyoun.errors import Unavailable
from batiyoun.storage.errors import StoreUnusable
from batiyoun.storage.mongo import schema
from batiyoun.storage.mongo.client import Document, Mongo, duplicate
from batiyoun.storage.mongo.documents import to_document, to_stored
from batiyoun.storage.mongo.groups import put_group, put_welcome
from batiyoun.storage.move.model import MovedChat, MovedRow, MoveFailed

#: an index or a batch may take long, and nobody waits for this server yet
_SECONDS = 600.0
_DRAFT_FIELDS = frozenset(Draft.__struct_fields__) & frozenset(Envelope.__struct_fields__)


class MongoTarget:
    """See `Target`."""

    def __init__(self, url: str) -> None:
        self._mongo = Mongo(url, connections=2, seconds=_SECONDS)

    async def open(self) -> None:
        """See `Target`."""
        try:
            await schema.migrate(self._mongo)
        except StoreUnusable as error:
            raise MoveFailed(str(error)) from error
        except (Unavailable, PyMongoError) as error:
            raise MoveFailed("MongoDB does not answer: start it, or correct the address.") from error

    async def close(self) -> None:
        """See `Target`."""
        await self._mongo.close()

    async def ids(self) -> set[str]:
        """See `Target`."""
        return {chat["_id"] async for chat in self._mongo.chats.find({}, {"_id": 1})}

    async def begin(self, chat: MovedChat) -> int:
        """See `Target`."""
        document: Document = {
            "type": chat.type,
            "participants": [],
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
            await self._mongo.directs.update_one(
                {"_id": chat.direct_key}, {"$setOnInsert": {"chatId": chat.id}}, upsert=True
            )
        if chat.digest is not None:
            document["digest"] = chat.digest
        await self._mongo.chats.update_one({"_id": chat.id}, {"$setOnInsert": document}, upsert=True)
        newest = await self._mongo.messages.find_one({"chatId": chat.id}, {"seq": 1}, sort=[("seq", -1)])
        return int(newest["seq"]) if newest else 0

    async def put(self, chat: MovedChat, rows: Sequence[MovedRow]) -> None:
        """See `Target`. In order, so that what is there after a crash has no gap."""
        try:
            await self._mongo.messages.bulk_write([InsertOne(_document(row)) for row in rows], ordered=True)
        except BulkWriteError as error:
            if duplicate(error):
                raise MoveFailed(
                    f"The target has other messages in chat {chat.id}: move into an empty store."
                ) from error
            raise

    async def page(self, chat: MovedChat, after: int, limit: int) -> list[MovedRow]:
        """See `Target`."""
        wanted = {"chatId": chat.id, "seq": {"$gt": after}}
        found = self._mongo.messages.find(wanted, sort=[("seq", 1)], limit=limit)
        stored = [to_stored(document) async for document in found]
        return [MovedRow(each.envelope, each.digest) for each in stored]

    async def finish(self, chat: MovedChat) -> None:
        """See `Target`."""
        message_id, seq, at = chat.last_message or (None, 0, None)
        known = {
            "name": chat.name,
            "headSeq": chat.head_seq,
            "rosterSeq": chat.roster_seq,
            "lastMessage": message_id,
            "lastMessageSeq": seq,
            "lastMessageAt": at,
            "participants": [seat.user_id for seat in chat.seats],
        }
        seats = [
            {
                "chatId": chat.id,
                "userId": seat.user_id,
                "role": seat.role,
                "joinedSeq": seat.joined_seq,
                "deliveredSeq": seat.delivered_seq,
                "readSeq": seat.read_seq,
                "sharedReadSeq": seat.shared_read_seq,
            }
            for seat in chat.seats
        ]
        async with self._mongo.transaction() as session:
            await self._mongo.chats.update_one({"_id": chat.id}, {"$set": known}, session=session)
            await self._mongo.members.delete_many({"chatId": chat.id}, session=session)
            if seats:
                await self._mongo.members.insert_many(seats, session=session)
            await self._mongo.welcomes.delete_many({"chatId": chat.id}, session=session)
            if chat.group is not None:
                await put_group(self._mongo, chat.id, chat.group.group, chat.group.info, session)
                for each in chat.group.welcomes:
                    waiting = WaitingWelcome(each.id, chat.id, each.generation, each.epoch, each.welcome)
                    await put_welcome(self._mongo, waiting, each.made_at, each.devices, session)


def _document(row: MovedRow) -> Document:
    envelope = row.envelope
    known = {name: getattr(envelope, name) for name in _DRAFT_FIELDS}
    return to_document(Draft(**known, digest=row.digest), envelope.seq, envelope.timestamp)
