"""What a MongoDB says of itself, for `doctor`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pymongo.errors import PyMongoError

from batiyoun.storage.mongo.client import Mongo
from batiyoun.storage.shared.probe import Probe, clock_ahead, round_trip

#: members that must keep the data so that one may be lost
_SAFE = 2
#: what it raises when there is nothing to look at
ERRORS = (PyMongoError, OSError)


async def probe(url: str, now: Callable[[], datetime], *, seconds: float) -> Probe:
    """Look at the server. Raises `ERRORS`."""
    mongo = Mongo(url, connections=1, seconds=seconds)
    try:
        admin = mongo.client.admin
        hello = await admin.command("hello")
        version = (await admin.command("buildInfo"))["version"]
        milliseconds = await round_trip(lambda: admin.command("ping"))

        async def there() -> datetime:
            # a command's answer has times without a zone; they are UTC
            said: datetime = (await admin.command("hello"))["localTime"]
            return said.replace(tzinfo=UTC)

        ahead = await clock_ahead(now, there)
        is_, hints = f"MongoDB {version}", list[str]()
        if hello.get("msg") == "isdbgrid":
            is_ += ", a sharded cluster"
        elif "setName" in hello:
            members = [*hello.get("hosts", ()), *hello.get("passives", ())]
            is_ += f", replica set {hello['setName']} of {len(members)}"
            hints += _of_members(len(members), await _state(mongo))
    finally:
        await mongo.close()
    return Probe(is_, milliseconds, ahead, hints=tuple(hints))


def _of_members(count: int, state: list[dict[str, Any]]) -> list[str]:
    hints = []
    if count == 1:
        hints.append("The set has one member, so there is one copy of the messages: three survive the loss of one.")
    elif count == _SAFE:
        hints.append("The set has two members that keep data: while one is away nothing can be stored. Add a third.")
    away = [member["name"] for member in state if member.get("health") != 1]
    if away:
        hints.append(f"{len(away)} of {count} members cannot be reached: {', '.join(away)}.")
    return hints


async def _state(mongo: Mongo) -> list[dict[str, Any]]:
    """The members as the set sees them; nothing where our user may not ask."""
    try:
        answer = await mongo.client.admin.command("replSetGetStatus")
    except PyMongoError:
        return []
    return list(answer.get("members", ()))
