"""Groups and Welcomes in MongoDB."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from batiyoun.chats.groups.model import Group, Step, WaitingWelcome
from batiyoun.storage.mongo.client import Document, Mongo, Session
from batiyoun.storage.mongo.documents import is_text
from batiyoun.storage.shared.leaves import pack, unpack

#: what one answer carries at most of Welcomes, unless a single one is larger
WELCOME_BYTES = 2_000_000
#: what a roster needs of a group: everything but its long description
_FIELDS = {"generation": 1, "epoch": 1, "openFrom": 1, "leaves": 1}


def to_group(document: Document) -> Group:
    """The group of a document."""
    return Group(document["generation"], document["epoch"], document["openFrom"], unpack(document["leaves"]))


async def read(mongo: Mongo, chat_ids: Collection[str], session: Session) -> dict[str, Group]:
    """The groups of those chats that have one."""
    wanted = {"_id": {"$in": list(filter(is_text, chat_ids))}}
    return {found["_id"]: to_group(found) async for found in mongo.groups.find(wanted, _FIELDS, session=session)}


async def read_info(mongo: Mongo, chat_id: str, session: Session) -> tuple[Group, bytes] | None:
    """The group with its public description: one document, so both are of one moment."""
    found = await mongo.groups.find_one({"_id": chat_id}, session=session) if is_text(chat_id) else None
    return None if found is None else (to_group(found), bytes(found["info"]))


async def put_step(mongo: Mongo, chat_id: str, commit_id: str, step: Step, now: datetime, session: Session) -> None:
    """The group as it is after the commit, and the Welcomes for those it brought in."""
    group = step.group
    await put_group(mongo, chat_id, group, step.info, session)
    if step.welcome is not None:
        waiting = WaitingWelcome(commit_id, chat_id, group.generation, group.epoch, step.welcome)
        await put_welcome(mongo, waiting, now, step.welcomed, session)


async def put_group(mongo: Mongo, chat_id: str, group: Group, info: bytes, session: Session) -> None:
    """The group of a chat, in place of what it was."""
    document = {
        "generation": group.generation,
        "epoch": group.epoch,
        "openFrom": group.open_from,
        "leaves": pack(group.leaves),
        "info": info,
    }
    await mongo.groups.replace_one({"_id": chat_id}, document, upsert=True, session=session)


async def put_welcome(
    mongo: Mongo, welcome: WaitingWelcome, made_at: datetime, devices: Iterable[tuple[str, str]], session: Session
) -> None:
    """A Welcome for devices: (user, device)."""
    document = {
        "_id": welcome.id,
        "chatId": welcome.chat_id,
        "generation": welcome.generation,
        "epoch": welcome.epoch,
        "madeAt": made_at,
        "welcome": welcome.welcome,
        "devices": [_device(user_id, device_id) for user_id, device_id in devices],
    }
    await mongo.welcomes.insert_one(document, session=session)


async def read_welcomes(
    mongo: Mongo, user_id: str, device_id: str, since: datetime, limit: int, session: Session
) -> list[WaitingWelcome]:
    """See `GroupStore.welcomes`."""
    found: list[WaitingWelcome] = []
    room = WELCOME_BYTES
    wanted = {"devices": _device(user_id, device_id), "madeAt": {"$gt": since}}
    order = [("madeAt", 1), ("_id", 1)]
    cursor = mongo.welcomes.find(wanted, {"devices": 0}, sort=order, limit=limit, batch_size=8, session=session)
    async with cursor:
        async for each in cursor:
            welcome = bytes(each["welcome"])
            if found and len(welcome) > room:
                break
            room -= len(welcome)
            found.append(WaitingWelcome(each["_id"], each["chatId"], each["generation"], each["epoch"], welcome))
    return found


async def forget_welcome(mongo: Mongo, user_id: str, device_id: str, welcome_id: str, session: Session) -> None:
    """Take the device off the Welcome, and the Welcome away with its last one."""
    device = _device(user_id, device_id)
    await mongo.welcomes.update_one({"_id": welcome_id}, {"$pull": {"devices": device}}, session=session)
    await mongo.welcomes.delete_one({"_id": welcome_id, "devices": {"$size": 0}}, session=session)
    mongo.wrote(session)


async def forget_welcomes(mongo: Mongo, before: datetime, session: Session) -> int:
    """Let go of old ones; returns how many."""
    done = await mongo.welcomes.delete_many({"madeAt": {"$lte": before}}, session=session)
    mongo.wrote(session)
    return done.deleted_count


def _device(user_id: str, device_id: str) -> Document:
    return {"userId": user_id, "deviceId": device_id}
