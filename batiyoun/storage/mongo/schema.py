"""The collections and indexes, and how they came to be.

Steps are numbered and applied in order. Every step can be repeated and can run on two nodes at once, so nobody needs
a lock. Old and new nodes run side by side while a deployment is under way, as with SQL (`shared/revisions.py`): a step
that only adds is applied before the new nodes start, and one that takes away (`post`) when no older ones are left;
`needs`, the oldest version that a program must know, is then the number of that step.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from pymongo import ASCENDING, IndexModel
from pymongo.errors import CollectionInvalid, OperationFailure

from batiyoun.storage.errors import StoreOutdated, StoreTooNew
from batiyoun.storage.mongo.client import Mongo, translated
from batiyoun.storage.shared.revisions import Phase

_NAMESPACE_EXISTS = 48
#: the document in `schema` that tells the version
_KEY = "messages"


async def _first(mongo: Mongo) -> None:
    """Chats, the keys of direct ones, members and messages.

    Every unique index begins with the chat, so that members and messages can be sharded by it; chats and keys have none
    but `_id`. `_id` of a message is its UUIDv7, of a chat too.
    """
    for name in ("chats", "directs", "members", "messages"):
        await _collection(mongo, name)
    await mongo.members.create_indexes(
        [IndexModel([("chatId", ASCENDING), ("userId", ASCENDING)], unique=True), IndexModel("userId")]
    )
    await mongo.messages.create_indexes(
        [
            IndexModel([("chatId", ASCENDING), ("seq", ASCENDING)], unique=True),
            IndexModel([("chatId", ASCENDING), ("senderId", ASCENDING), ("clientId", ASCENDING)], unique=True),
        ]
    )


async def _groups(mongo: Mongo) -> None:
    """The MLS groups of encrypted chats, found by the chat's id, and the Welcomes that wait for devices."""
    for name in ("groups", "welcomes"):
        await _collection(mongo, name)
    await mongo.welcomes.create_indexes(
        [
            IndexModel([("devices", ASCENDING), ("madeAt", ASCENDING)]),
            IndexModel([("madeAt", ASCENDING)]),
        ]
    )


async def _collection(mongo: Mongo, name: str) -> None:
    """Make it unless it is there: a transaction must find it (MongoDB manual, "Transactions")."""
    try:
        await mongo.database.create_collection(name)
    except CollectionInvalid:
        pass  # it is there
    except OperationFailure as error:
        if error.code != _NAMESPACE_EXISTS:  # made by another node at this moment
            raise


Step = Callable[[Mongo], Awaitable[None]]

#: Never change one that was released.
STEPS: tuple[tuple[Phase, Step], ...] = (("pre", _first), ("pre", _groups))
#: an index over everything that was ever said takes long
_MIGRATION_SECONDS = 24 * 3600.0


def required() -> int:
    """The version that this program cannot do without: the newest step that adds."""
    return max(number for number, (phase, _) in enumerate(STEPS, 1) if phase == "pre")


async def migrate(mongo: Mongo, phase: Phase = "post") -> tuple[int, int]:
    """Apply what is missing; returns the versions (before, now). Raises `StoreUnfit`, `Unavailable`."""
    await mongo.check()
    target = required() if phase == "pre" else len(STEPS)
    with translated():
        before, _ = await _versions(mongo)
        if before >= target:
            return before, before
        for number, (kind, step) in enumerate(STEPS[before:target], before + 1):
            raised = number if kind == "post" else 1
            if kind == "post":  # said first: whoever starts while it is under way must know
                await _note(mongo, needs=raised)
            await step(mongo)
            await _note(mongo, version=number, needs=raised)
    return before, target


async def migrate_url(url: str, phase: Phase = "post") -> tuple[int, int]:
    """The same for an address, with all the time an index may take."""
    mongo = Mongo(url, connections=2, seconds=_MIGRATION_SECONDS)
    try:
        return await migrate(mongo, phase)
    finally:
        await mongo.close()


async def check(mongo: Mongo) -> None:
    """Whether this version can use the collections. Raises `StoreOutdated`, `StoreTooNew`, `Unavailable`."""
    with translated():
        version, needs = await _versions(mongo)
    if version < required():
        raise StoreOutdated("The message store has the collections of an older version: run `batiyoun migrate`.")
    if needs > len(STEPS):
        raise StoreTooNew(
            f"The message store needs a newer Batiyoun (version {needs}, this one has {len(STEPS)}). "
            "Install that version."
        )


async def _note(mongo: Mongo, **values: int) -> None:
    await mongo.database["schema"].update_one({"_id": _KEY}, {"$max": values}, upsert=True)


async def _versions(mongo: Mongo) -> tuple[int, int]:
    found = await mongo.database["schema"].find_one({"_id": _KEY})
    return (found.get("version", 0), found.get("needs", 0)) if found else (0, 0)
