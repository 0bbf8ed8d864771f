"""The writer of the log: four lanes of transactions, whoever else writes.

A chat's lane follows from its id, so the lanes of one node never meet, and those of several nodes seldom do. Two
transactions that write the same chat conflict: the server undoes one at once, and its lane tries again after a moment
that is never the same on two nodes. A chat that keeps being written elsewhere goes on alone, so that it does not hold
up the rest of its lane, and does so for a while.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Coroutine, Iterable, Sequence
from datetime import datetime
from functools import partial
from weakref import WeakValueDictionary
from zlib import crc32

import msgspec
from pymongo import DeleteOne, UpdateOne

from batiyoun.errors import Unavailable
from batiyoun.runtime import Runtime
from batiyoun.storage.mongo import groups
from batiyoun.storage.mongo.abandoned import PATIENCE, Abandoned
from batiyoun.storage.mongo.client import (
    UNFIT,
    Conflict,
    ConnectionLost,
    Document,
    Duplicate,
    Mongo,
    Session,
    TryAgain,
    understood,
)
from batiyoun.storage.mongo.documents import ROLES, fits, is_text, to_document, to_stored
from batiyoun.storage.shared.batch import Batch, pause
from batiyoun.storage.shared.plan import Key, Plan, Roster, Stored
from batiyoun.storage.shared.rosters import Rosters

LANES = 4
_HEAD_FIELDS = {"headSeq": 1, "rosterSeq": 1, "encryption": 1}
#: A chat that was written elsewhere this often while we tried goes alone; so does everything after so many attempts.
_CONTESTED = 2
_HOPELESS = 6
#: seconds for which such a chat goes alone from the start
_REMEMBERED = 10.0
#: seconds to wait at most before a conflict is tried again
_LONGEST_PAUSE = 0.06


class _Lane:
    """A batch on its way, and what its attempts saw."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        #: what the attempt under way is about to write
        self.plans: list[Plan] = []
        #: the heads as the last attempt saw them, and how often each has moved meanwhile
        self.heads: dict[str, int] = {}
        self.moved: dict[str, int] = {}

    def saw(self, heads: dict[str, int]) -> None:
        """An attempt begins with these heads."""
        for chat_id, head in heads.items():
            if self.heads.get(chat_id, head) != head:
                self.moved[chat_id] = self.moved.get(chat_id, 0) + 1
        self.heads = heads

    def contested(self) -> set[str]:
        """Chats that should go alone."""
        waiting = self.batch.waiting.keys()
        if len(waiting) < 2:
            return set()
        if self.batch.attempts >= _HOPELESS:
            return set(waiting)
        return self.moving() & waiting

    def moving(self) -> set[str]:
        """Chats that others keep writing."""
        return {chat_id for chat_id, times in self.moved.items() if times >= _CONTESTED}


class Lanes:
    """Writes batches, one transaction per lane, with the rosters it remembers."""

    def __init__(self, mongo: Mongo, runtime: Runtime) -> None:
        self._mongo = mongo
        self._runtime = runtime
        self._rosters = Rosters()
        self._abandoned = Abandoned(mongo, runtime)
        #: chats that other nodes keep writing → until when that is remembered
        self._contested: dict[str, float] = {}
        #: who writes a lane, or a chat that goes alone
        self._turns: WeakValueDictionary[str | int, asyncio.Lock] = WeakValueDictionary()

    async def append(self, batch: Batch, seconds: float) -> None:
        """Settle the batch within that time. Raises `Unavailable` when the server did not answer for all of it.

        What still waits then found others in its way all the time.
        """
        now = self._runtime.monotonic()
        self._contested = {chat_id: until for chat_id, until in self._contested.items() if until > now}
        with self._mongo.limit():
            await _all(self._in_turn(part, now + seconds) for part in batch.parts(self._part_of))

    def _part_of(self, chat_id: str) -> str | int:
        return chat_id if chat_id in self._contested else lane_of(chat_id)

    async def _in_turn(self, part: Batch, deadline: float) -> None:
        """Settle one lane when those before it are done: at the server they would undo each other, and who is unlucky
        again and again would never get through."""
        turn = self._turns.setdefault(self._part_of(next(iter(part.waiting))), asyncio.Lock())
        async with turn:
            await self._go(_Lane(part), deadline)

    async def _go(self, lane: _Lane, deadline: float) -> None:
        """Settle one lane. Raises `Unavailable`."""
        batch, conflict = lane.batch, False
        began = self._runtime.monotonic()
        while batch.waiting:
            alone = lane.contested()
            if alone:
                self._contested |= dict.fromkeys(lane.moving(), self._runtime.monotonic() + _REMEMBERED)
                await _all(self._go(_Lane(part), deadline) for part in batch.parts(partial(_apart, alone)))
                return
            if batch.attempts:
                await asyncio.sleep(pause(batch.attempts, _LONGEST_PAUSE))
                now = self._runtime.monotonic()
                if now > deadline:
                    if conflict:  # the server is well: this does not count against it
                        return
                    raise Unavailable(retry_after=1)
                if now - began > PATIENCE:
                    await self._abandoned.undo()
            lane.plans = []
            try:
                with understood():
                    await self._attempt(lane)
            except Duplicate:
                batch.careful |= {plan.chat_id for plan in lane.plans}
            except TryAgain as error:
                batch.attempts += 1
                conflict = isinstance(error, Conflict)
            except ConnectionLost:
                batch.in_doubt(lane.plans)
                batch.attempts += 1
            except UNFIT:
                if not batch.refuse_unfit(fits):
                    raise

    async def _attempt(self, lane: _Lane) -> None:
        """One transaction. What it refuses and replays rests on one moment, and is durable when it has committed."""
        batch = lane.batch
        async with self._mongo.transaction() as session:
            heads, rosters = await self._look(batch.waiting, session)
            lane.saw(heads)
            plans = await self._decide(batch, rosters, session)
            lane.plans = [plan for plan in plans if plan.rows]
            now = self._runtime.utcnow()
            if lane.plans:
                await self._write(lane.plans, heads, now, session)
        # only what is on a majority's disks is remembered
        for roster in rosters.values():
            self._rosters.put(roster)
        for plan in plans:
            head = heads.get(plan.chat_id, 0)
            if (after := plan.roster_after(head)) is not None:
                self._rosters.put(after)
            batch.settle(plan.chat_id, plan.appended(head, now) if plan.rows else plan.outcomes)

    async def _look(self, chat_ids: Collection[str], session: Session) -> tuple[dict[str, int], dict[str, Roster]]:
        """The heads and the rosters of those chats that exist; members are read only where they have changed."""
        heads: dict[str, int] = {}
        rosters: dict[str, Roster] = {}
        read: dict[str, Roster] = {}
        wanted = {"_id": {"$in": list(filter(is_text, chat_ids))}}
        async for chat in self._mongo.chats.find(wanted, _HEAD_FIELDS, session=session):
            chat_id, version = chat["_id"], chat["rosterSeq"]
            heads[chat_id] = chat["headSeq"]
            known = self._rosters.get(chat_id)
            if known is not None and known.version == version:
                rosters[chat_id] = known
            else:
                self._rosters.forget([chat_id])
                encrypted = chat["encryption"] == "mls"
                rosters[chat_id] = read[chat_id] = Roster(chat_id, version, {}, encrypted=encrypted)
        if read:
            fields = {"_id": 0, "chatId": 1, "userId": 1, "role": 1}
            members = self._mongo.members.find({"chatId": {"$in": list(read)}}, fields, session=session)
            async for member in members:
                read[member["chatId"]].roles[member["userId"]] = ROLES[member["role"]]
        with_groups = [chat_id for chat_id, roster in read.items() if roster.encrypted]
        if with_groups:
            for chat_id, group in (await groups.read(self._mongo, with_groups, session)).items():
                rosters[chat_id] = msgspec.structs.replace(read[chat_id], group=group)
        return heads, rosters

    async def _decide(self, batch: Batch, rosters: dict[str, Roster], session: Session) -> list[Plan]:
        """The plans of all chats that wait; who is refused is looked up first."""
        stored = await self._stored(batch, rosters.keys() & batch.careful, session)
        plans = [batch.plan(chat_id, rosters, stored) for chat_id in batch.waiting]
        unsure = {plan.chat_id for plan in plans if plan.unsure}
        if not unsure:
            return plans
        stored |= await self._stored(batch, unsure, session)
        return [batch.plan(plan.chat_id, rosters, stored) if plan.chat_id in unsure else plan for plan in plans]

    async def _stored(self, batch: Batch, chat_ids: Collection[str], session: Session) -> dict[str, dict[Key, Stored]]:
        """What the log has under the clientIds of these chats' drafts."""
        found: dict[str, dict[Key, Stored]] = {chat_id: {} for chat_id in chat_ids}
        keys = [
            {"chatId": chat_id, "senderId": draft.sender_id, "clientId": draft.client_id}
            for chat_id in chat_ids
            for _, draft in batch.waiting[chat_id]
            if is_text(chat_id) and is_text(draft.sender_id) and is_text(draft.client_id)
        ]
        if keys:
            async for document in self._mongo.messages.find({"$or": keys}, session=session):
                stored = to_stored(document)
                envelope = stored.envelope
                found[envelope.chat_id][envelope.sender_id, envelope.client_id] = stored
        return found

    async def _write(self, plans: Sequence[Plan], heads: dict[str, int], now: datetime, session: Session) -> None:
        """Chats first: that is where another node's transaction is met, before anything is written in vain."""
        done = await self._mongo.chats.bulk_write(
            [_chat_update(plan, heads[plan.chat_id], now) for plan in plans], ordered=False, session=session
        )
        if done.matched_count != len(plans):
            raise Conflict
        documents = [
            to_document(draft, heads[plan.chat_id] + place, now)
            for plan in plans
            for place, (_, draft) in enumerate(plan.rows, 1)
        ]
        await self._mongo.messages.insert_many(documents, session=session)
        changes = list(_member_changes(plans, heads))
        if changes:
            await self._mongo.members.bulk_write(changes, session=session)
        for plan in plans:
            for place, step in plan.steps.items():
                commit_id = plan.rows[place][1].id
                await groups.put_step(self._mongo, plan.chat_id, commit_id, step, now, session)


async def _all(works: Iterable[Coroutine[None, None, None]]) -> None:
    """Do each of them, also when another one fails; then raise the worst that happened."""
    ended = await asyncio.gather(*works, return_exceptions=True)
    failures = [error for error in ended if error is not None]
    for error in sorted(failures, key=lambda error: isinstance(error, Unavailable)):
        raise error


def _apart(alone: Collection[str], chat_id: str) -> str | None:
    return chat_id if chat_id in alone else None


def lane_of(chat_id: str) -> int:
    """The same on every node."""
    return crc32(chat_id.encode(errors="surrogatepass")) % LANES


def _chat_update(plan: Plan, head: int, now: datetime) -> UpdateOne:
    changed: Document = {"headSeq": head + len(plan.rows)}
    shown = plan.shown_place
    if shown is not None:
        _, draft = plan.rows[shown]
        changed |= {"lastMessage": draft.id, "lastMessageSeq": head + 1 + shown, "lastMessageAt": now}
    if plan.roster_place is not None:
        changed |= {"rosterSeq": plan.version_after(head), "participants": list(plan.roles)}
    if plan.name is not msgspec.UNSET:
        changed["name"] = plan.name
    return UpdateOne({"_id": plan.chat_id, "headSeq": head}, {"$set": changed})


def _member_changes(plans: Iterable[Plan], heads: dict[str, int]) -> Iterable[UpdateOne | DeleteOne]:
    for plan in plans:
        for user_id in plan.left:
            yield DeleteOne({"chatId": plan.chat_id, "userId": user_id})
        for user_id, entry in plan.entered.items():
            yield UpdateOne(
                {"chatId": plan.chat_id, "userId": user_id},
                {"$set": new_member(int(entry.role), heads[plan.chat_id] + entry.place)},
                upsert=True,
            )
        for user_id, role in plan.raised.items():
            yield UpdateOne({"chatId": plan.chat_id, "userId": user_id}, {"$set": {"role": int(role)}})


def new_member(role: int, joined: int) -> Document:
    """Somebody who has just come in: all cursors are where they came in."""
    return {"role": role, "joinedSeq": joined, "deliveredSeq": joined, "readSeq": joined, "sharedReadSeq": joined}
