"""What is read about chats: rosters, lists, heads, unread counts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from pymongo import ASCENDING

from batiyoun.chats.model import Chat, Envelope, Member, Membership
from batiyoun.storage.mongo.client import Document, Mongo, Session
from batiyoun.storage.mongo.documents import ROLES, SHOWN, is_text, to_envelope

#: Unread messages are counted one by one up to here; what follows counts as unread (an upper bound, as promised).
UNREAD_EXACT = 1_000


async def heads(mongo: Mongo, chat_ids: Collection[str], session: Session) -> dict[str, int]:
    """The newest `seq` of those chats that exist."""
    wanted = {"_id": {"$in": list(filter(is_text, chat_ids))}}
    return {chat["_id"]: chat["headSeq"] async for chat in mongo.chats.find(wanted, {"headSeq": 1}, session=session)}


async def chats(mongo: Mongo, chat_ids: Collection[str], session: Session) -> dict[str, Chat]:
    """Those chats that exist, with their rosters."""
    found: dict[str, Chat] = {}
    async for chat in mongo.chats.find({"_id": {"$in": list(chat_ids)}}, {"participants": 0}, session=session):
        found[chat["_id"]] = Chat(
            chat["_id"], chat["type"], chat["encryption"], chat["name"], chat["headSeq"], chat["createdAt"], {}
        )
    async for seat in mongo.members.find({"chatId": {"$in": list(found)}}, {"_id": 0}, session=session):
        found[seat["chatId"]].members[seat["userId"]] = Member(
            seat["userId"],
            ROLES[seat["role"]],
            seat["joinedSeq"],
            seat["deliveredSeq"],
            seat["readSeq"],
            seat["sharedReadSeq"],
        )
    return found


async def seats_of(mongo: Mongo, user_id: str, session: Session) -> dict[str, Document]:
    """The user's place in each of their chats."""
    found = mongo.members.find({"userId": user_id}, {"_id": 0}, session=session)
    return {seat["chatId"]: seat async for seat in found}


async def by_activity(mongo: Mongo, seats: dict[str, Document], session: Session) -> list[str]:
    """The chats, newest activity first; the id (by time of creation) decides between equals, so that pages fit."""
    fields = {"createdAt": 1, "lastMessageSeq": 1, "lastMessageAt": 1}
    active: list[tuple[Any, str]] = []
    async for chat in mongo.chats.find({"_id": {"$in": list(seats)}}, fields, session=session):
        spoken = chat["lastMessageSeq"] > seats[chat["_id"]]["joinedSeq"]
        active.append((chat["lastMessageAt"] if spoken else chat["createdAt"], chat["_id"]))
    active.sort(reverse=True)
    return [chat_id for _, chat_id in active]


async def memberships(mongo: Mongo, user_id: str, seats: dict[str, Document], session: Session) -> list[Membership]:
    """The user's chats; only direct ones have their other person read along."""
    fields: Document = {
        "type": 1,
        "headSeq": 1,
        "participants": {"$cond": [{"$eq": ["$type", "direct"]}, "$participants", "$$REMOVE"]},
    }
    found: list[Membership] = []
    async for chat in mongo.chats.find({"_id": {"$in": list(seats)}}, fields, session=session):
        seat = seats[chat["_id"]]
        partner = next((other for other in chat.get("participants", ()) if other != user_id), None)
        found.append(
            Membership(
                chat["_id"],
                chat["type"],
                ROLES[seat["role"]],
                seat["joinedSeq"],
                chat["headSeq"],
                seat["readSeq"],
                partner,
            )
        )
    return found


async def shown(mongo: Mongo, seats: Sequence[Document], session: Session) -> dict[str, tuple[Envelope | None, int]]:
    """(last message, unread) of the chats of one user's seats."""
    if not seats:
        return {}
    by_chat = {seat["chatId"]: seat for seat in seats}
    ends: dict[str, int] = {}
    last: dict[str, str] = {}
    fields = {"headSeq": 1, "lastMessage": 1, "lastMessageSeq": 1}
    async for chat in mongo.chats.find({"_id": {"$in": list(by_chat)}}, fields, session=session):
        ends[chat["_id"]] = chat["headSeq"]
        if chat["lastMessageSeq"] > by_chat[chat["_id"]]["joinedSeq"]:
            last[chat["_id"]] = chat["lastMessage"]
    messages: dict[str, Envelope] = {}
    # named with their chats, so that a sharded collection asks nobody else
    wanted = {"_id": {"$in": list(last.values())}, "chatId": {"$in": list(last)}}
    async for document in mongo.messages.find(wanted, SHOWN, session=session):
        messages[document["chatId"]] = to_envelope(document)
    behind = [seat for chat_id, seat in by_chat.items() if ends.get(chat_id, 0) > _cursor(seat)]
    counted = await _unread(mongo, behind, session)
    beyond = {seat["chatId"]: max(0, ends[seat["chatId"]] - _cursor(seat) - UNREAD_EXACT) for seat in behind}
    return {chat_id: (messages.get(chat_id), counted.get(chat_id, 0) + beyond.get(chat_id, 0)) for chat_id in by_chat}


def _cursor(seat: Document) -> int:
    cursor: int = max(seat["readSeq"], seat["joinedSeq"])
    return cursor


async def _unread(mongo: Mongo, seats: Iterable[Document], session: Session) -> dict[str, int]:
    """What others said loudly, among the first rows after the read cursor of each seat."""
    seats = list(seats)
    if not seats:
        return {}
    user_id = seats[0]["userId"]
    count: list[Document] = [
        {"$match": {"$expr": {"$and": [{"$eq": ["$chatId", "$$chat"]}, {"$gt": ["$seq", "$$cursor"]}]}}},
        {"$sort": {"seq": ASCENDING}},
        {"$limit": UNREAD_EXACT},
        {"$match": {"kind": "message", "notify": True, "senderId": {"$ne": user_id}}},
        {"$count": "n"},
    ]
    pipeline: list[Document] = [
        {"$match": {"userId": user_id, "chatId": {"$in": [seat["chatId"] for seat in seats]}}},
        {"$set": {"cursor": {"$max": ["$readSeq", "$joinedSeq"]}}},
        {
            "$lookup": {
                "from": mongo.messages.name,
                "let": {"chat": "$chatId", "cursor": "$cursor"},
                "pipeline": count,
                "as": "unread",
            }
        },
        {"$project": {"_id": 0, "chatId": 1, "unread": 1}},
    ]
    found: dict[str, int] = {}
    async for row in await mongo.members.aggregate(pipeline, session=session):
        found[row["chatId"]] = row["unread"][0]["n"] if row["unread"] else 0
    return found
