"""The writer of the log: one batch, one statement, whoever else writes.

Optimistic in three ways, and each is checked where the row is written: that the rosters remembered here are still
the newest (their version), that every clientId is new (a unique index), that the text can be held (PostgreSQL says so).
What turns out otherwise is looked up and tried again; a chat's drafts are written together or not at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence

import asyncpg
import msgspec

from batiyoun.chats.model import Role
from batiyoun.runtime import Runtime
from batiyoun.storage.postgres import statements
from batiyoun.storage.postgres.groups import put_step, to_group
from batiyoun.storage.postgres.pool import ConnectionLost, PgConnection, Pool, TryAgain, transaction, translated
from batiyoun.storage.postgres.rows import WIDTH, fits, is_text, to_columns, to_stored
from batiyoun.storage.shared.batch import Batch, pause
from batiyoun.storage.shared.plan import Key, Plan, Roster, Stored
from batiyoun.storage.shared.rosters import Rosters

ROLES = {int(role): role for role in Role}
#: where the group's columns of `ROSTERS` begin
GROUP_AT = 6


#: What the driver, the server (SQLSTATE 22…, 54…) and JSON say of what they cannot hold.
_UNFIT = (
    asyncpg.DataError,
    asyncpg.ProgramLimitExceededError,
    UnicodeEncodeError,
    TypeError,
    OverflowError,
    msgspec.MsgspecError,
)


class Appender:
    """Writes batches with the rosters it remembers."""

    def __init__(self, pool: Pool, runtime: Runtime) -> None:
        self._pool = pool
        self._runtime = runtime
        self._rosters = Rosters()

    async def append(self, batch: Batch) -> None:
        """Settle the batch. Tries until it is cancelled: the deadline is the caller's."""
        while batch.waiting:
            if batch.attempts:
                await asyncio.sleep(pause(batch.attempts))
            plans: list[Plan] = []
            try:
                async with self._pool.connection() as connection:
                    await self._attempt(connection, batch, plans)
            except asyncpg.UniqueViolationError as error:
                if error.constraint_name != "log_client_id":
                    raise
                batch.careful |= {plan.chat_id for plan in plans}
            except ConnectionLost:
                batch.in_doubt(plans)
                batch.attempts += 1
            except TryAgain:
                batch.attempts += 1
            except _UNFIT:
                if not batch.refuse_unfit(fits):
                    raise

    async def probe(self) -> None:
        """A sign of life on the writer's connection. Raises `Unavailable`."""
        with translated():
            async with self._pool.connection() as connection:
                await connection.execute("select 1")

    async def _attempt(self, connection: PgConnection, batch: Batch, plans: list[Plan]) -> None:
        """Decide what waits and write it; `plans` gets what is about to be written."""
        decided = await self._decide(connection, batch)
        for plan in decided:
            if not plan.rows:
                batch.settle(plan.chat_id, plan.outcomes)
        plans += [plan for plan in decided if plan.rows]
        if not plans:
            return
        now = self._runtime.utcnow()
        if any(plan.structural for plan in plans):
            async with transaction(connection):
                heads = await _write(connection, plans, now)
                await _restructure(connection, plans, heads)
                await _step(connection, plans, heads, now)
        else:
            heads = await _write(connection, plans, now)
        for plan in plans:
            head = heads.get(plan.chat_id)
            if head is None:  # another node changed the roster: what was decided may be wrong
                self._rosters.forget([plan.chat_id])
                continue
            if (roster := plan.roster_after(head)) is not None:
                self._rosters.put(roster)
            batch.settle(plan.chat_id, plan.appended(head, now))

    async def _decide(self, connection: PgConnection, batch: Batch) -> list[Plan]:
        """The plans of all chats that wait; refusals rest on what the tables say now."""
        known = {chat_id: roster for chat_id in batch.waiting if (roster := self._rosters.get(chat_id))}
        missing = batch.waiting.keys() - known.keys()
        known |= await self._load(connection, missing)
        stored = await _stored(connection, batch, known, batch.careful & batch.waiting.keys())
        plans = [batch.plan(chat_id, known, stored) for chat_id in batch.waiting]
        unsure = {plan.chat_id for plan in plans if plan.unsure}
        if not unsure:
            return plans
        remembered = unsure - missing
        if remembered:
            known = {chat_id: roster for chat_id, roster in known.items() if chat_id not in remembered}
            known |= await self._load(connection, remembered)
        stored |= await _stored(connection, batch, known, unsure)
        return [batch.plan(p.chat_id, known, stored) if p.chat_id in unsure else p for p in plans]

    async def _load(self, connection: PgConnection, chat_ids: Collection[str]) -> dict[str, Roster]:
        """The rosters as they are now, of those chats that exist."""
        self._rosters.forget(chat_ids)
        wanted = [chat_id for chat_id in chat_ids if is_text(chat_id)]
        found: dict[str, Roster] = {}
        for record in await connection.fetch(statements.ROSTERS, wanted) if wanted else ():
            ref, chat_id, version, people, roles, encrypted = tuple(record)[:GROUP_AT]
            members = {user: ROLES[role] for user, role in zip(people, roles, strict=True) if user is not None}
            found[chat_id] = Roster(chat_id, version, members, ref, encrypted, to_group(record, GROUP_AT))
            self._rosters.put(found[chat_id])
        return found


async def _stored(
    connection: PgConnection, batch: Batch, known: dict[str, Roster], chat_ids: Collection[str]
) -> dict[str, dict[Key, Stored]]:
    """What the log has under the clientIds of these chats' drafts."""
    found: dict[str, dict[Key, Stored]] = {chat_id: {} for chat_id in chat_ids}
    refs = {known[chat_id].ref: chat_id for chat_id in chat_ids if chat_id in known}
    keys = [
        (ref, draft.sender_id, draft.client_id)
        for ref, chat_id in refs.items()
        for _, draft in batch.waiting[chat_id]
        if is_text(draft.sender_id) and is_text(draft.client_id)
    ]
    if keys:
        for record in await connection.fetch(statements.STORED, *zip(*keys, strict=True)):
            chat_id = refs[record[WIDTH + 1]]
            stored = to_stored(record, chat_id)
            found[chat_id][stored.envelope.sender_id, stored.envelope.client_id] = stored
    return found


async def _write(connection: PgConnection, plans: Sequence[Plan], now: object) -> dict[str, int]:
    """Write the rows; returns the head before them of each chat whose roster was as it had been remembered."""
    rosters = [plan.roster for plan in plans if plan.roster is not None]
    chats = {roster.ref: roster.chat_id for roster in rosters}
    shown = [place for plan in plans for place in (plan.shown_place,)]
    rows = await connection.fetch(
        statements.APPEND,
        list(chats),
        [roster.version for roster in rosters],
        [len(plan.rows) for plan in plans],
        [0 if place is None else place + 1 for place in shown],
        now,
        *to_columns(plans),
    )
    return {chats[ref]: head for ref, head in rows}


async def _restructure(connection: PgConnection, plans: Iterable[Plan], heads: dict[str, int]) -> None:
    """Do to the rosters and names what the rows say; the chats are locked."""
    entered, left, raised = [], [], []
    changed: list[tuple[int, int, bool, str | None]] = []
    for plan in plans:
        head = heads.get(plan.chat_id)
        if head is None or plan.roster is None or not plan.structural:
            continue
        ref = plan.roster.ref
        entered += [(ref, user, int(entry.role), head + entry.place) for user, entry in plan.entered.items()]
        left += [(ref, user) for user in plan.left]
        raised += [(ref, user, int(role)) for user, role in plan.raised.items()]
        name = None if plan.name is msgspec.UNSET else plan.name
        changed.append((ref, plan.version_after(head), plan.name is not msgspec.UNSET, name))
    touched = [(row[0], row[1]) for row in (*entered, *left, *raised)]
    if touched:
        await connection.execute(statements.LOCK_MEMBERS, *zip(*touched, strict=True))
    for statement, rows in ((statements.LEAVE, left), (statements.ENTER, entered), (statements.RAISE, raised)):
        if rows:
            await connection.execute(statement, *zip(*rows, strict=True))
    await connection.executemany(statements.RESTRUCTURE, changed)


async def _step(connection: PgConnection, plans: Iterable[Plan], heads: dict[str, int], now: object) -> None:
    """Do to the groups what commits among the rows do; the chats are locked."""
    for plan in plans:
        if plan.chat_id not in heads or plan.roster is None:
            continue
        for place, step in plan.steps.items():
            await put_step(connection, plan.roster.ref, plan.rows[place][1].id, step, now)
