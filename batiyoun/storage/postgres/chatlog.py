"""`LogStore`, `ChatStore` and `GroupStore` in PostgreSQL.

Nothing is remembered that another node may change, except the rosters of the writer (appends.py), whose version is
checked where a row is written. What is read is committed, and a commit is on disk: there is nothing to hold back.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import cast

from batiyoun.chats.groups.model import Group, WaitingWelcome
from batiyoun.chats.model import (
    REDACTED,
    Appended,
    Chat,
    Draft,
    Envelope,
    Member,
    Membership,
    NewChat,
    Outcome,
    Page,
    Receipt,
)
from batiyoun.errors import Unavailable
from batiyoun.runtime import Runtime, from_millis
from batiyoun.storage.errors import StoreUnusable
from batiyoun.storage.postgres import groups, statements
from batiyoun.storage.postgres.appends import ROLES, Appender
from batiyoun.storage.postgres.migrate import check
from batiyoun.storage.postgres.pool import ConnectionLost, PgConnection, Pool, TryAgain, translated
from batiyoun.storage.postgres.rows import WIDTH, Record, is_text, to_envelope
from batiyoun.storage.reasons import cannot_be_used
from batiyoun.storage.shared.batch import Batch, in_order
from batiyoun.storage.shared.patience import Patience
from batiyoun.storage.shared.receipts import Cursors, Seat, advance, wishes
from batiyoun.storage.shared.recent import Recent, made_at
from batiyoun.storage.shared.wishes import check_retry

logger = logging.getLogger(__name__)

#: A page carries about this many bytes at most, so that neither a node nor the client chokes on long bodies.
PAGE_BYTES = 2_000_000
#: Unread messages are counted one by one up to here; what follows counts as unread (an upper bound, as promised).
UNREAD_EXACT = 1_000
#: How far a message's time may lie before its row's (the clocks of nodes differ), and how many rows are looked through.
_LOCATE_SLACK = timedelta(seconds=2)
_LOCATE_SPAN = 2_000
_MAX_SEQ = 2**62
#: the last moment that a date can name, in milliseconds since the epoch; an id may claim a later one
_LAST_MILLIS = 253_402_300_000_000


class PostgresChatLog:
    """The ports of `chats/store.py` and `chats/groups/store.py`. `await open()` before use, `await close()` after.

    `url` is libpq's. `connections`: at most so many; one more writes the log. `seconds`: how long anything may take
    before it is `Unavailable`.
    """

    def __init__(
        self, url: str, runtime: Runtime | None = None, *, connections: int = 10, seconds: float = 5.0
    ) -> None:
        runtime = runtime or Runtime()
        self._pool = Pool(url, size=connections, statement_seconds=seconds)
        # of its own, so that readers never keep the writer waiting
        self._writer = Pool(url, size=1, statement_seconds=seconds)
        self._appender = Appender(self._writer, runtime)
        # two, because a full disk stops writing and not reading
        self._using = Patience("PostgreSQL (messages)", seconds, runtime.monotonic)
        self._writing = Patience("PostgreSQL (message log)", seconds, runtime.monotonic)
        self._recent = Recent()

    async def open(self) -> None:
        """Connect and look at the tables. Raises `StoreUnusable` with the way out."""
        try:
            await self._pool.open()
            await self._writer.open()
            with translated():
                async with self._pool.connection() as connection:
                    await check(connection)
                    await _warn_of_loss(connection)
        except Unavailable as error:
            what, authority = "PostgreSQL (messages)", "sslrootcert=/path/ca.pem"
            raise StoreUnusable(
                cannot_be_used(what, error, setting="BATIYOUN_MESSAGES_URL", authority=authority)
            ) from error

    async def close(self) -> None:
        """Let the connections go. Idempotent."""
        await self._writer.close()
        await self._pool.close()

    async def ready(self) -> bool:
        """Whether the store answers now."""
        try:
            await self._rows("select 1")
            if self._writing.lost:  # nobody sends to a node that is not ready, so this is where it recovers
                async with self._writing.limit():
                    await self._appender.probe()
        except Unavailable:
            return False
        return True

    async def _rows(self, statement: str, *arguments: object) -> list[Record]:
        """The rows of a statement that may be repeated."""
        rows, _ = await self._fetch(statement, *arguments)
        return rows

    async def _fetch(self, statement: str, *arguments: object) -> tuple[list[Record], bool]:
        """The rows, and whether it was asked a second time because nobody answered the first. Raises `Unavailable`."""
        repeated = False
        async with self._using.limit():
            with translated():
                while True:
                    try:
                        async with self._pool.connection() as connection:
                            return await connection.fetch(statement, *arguments), repeated
                    except (ConnectionLost, TryAgain):
                        if repeated:
                            raise
                        repeated = True

    # ── LogStore ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def append(self, batch: Sequence[Draft]) -> list[Outcome]:
        """See `LogStore.append`."""
        work = Batch(enumerate(batch))
        failure: Unavailable | None = None
        try:
            async with self._writing.limit():
                with translated():
                    await self._appender.append(work)
        except Unavailable as error:
            failure = error
        outcomes = in_order(len(batch), work.outcomes, failure)
        self._recent.add(outcome.envelope for outcome in outcomes if isinstance(outcome, Appended))
        return outcomes

    async def page(self, chat_id: str, *, after: int | None, before: int | None, limit: int, floor: int) -> Page:
        """See `LogStore.page`. A page also ends at about 2 MB, with `has_more` true."""
        if not is_text(chat_id):
            return Page([], 0, False)
        forward = after is not None
        low = min(max(after or 0, floor), _MAX_SEQ)
        high = min(before if before is not None else _MAX_SEQ, _MAX_SEQ)
        statement = statements.PAGE_AFTER if forward else statements.PAGE_BEFORE
        rows = await self._rows(statement, chat_id, low, high, max(limit, 1), PAGE_BYTES)
        if not rows:
            return Page([], 0, False)
        head: int = rows[0][0]
        envelopes = [to_envelope(row, chat_id, 1) for row in rows if row[1] is not None]
        if not envelopes:
            return Page([], head, False)
        envelopes.sort(key=_seq)
        end = min(head, high - 1)
        more = envelopes[-1].seq < end if forward else envelopes[0].seq > low + 1
        return Page(envelopes, head, more)

    async def redact(self, chat_id: str, seq: int) -> None:
        """See `LogStore.redact`. The pages on disk lose it with the next vacuum."""
        if is_text(chat_id):
            await self._rows(statements.REDACT, chat_id, min(seq, _MAX_SEQ), REDACTED)

    async def locate(self, user_id: str, message_id: str) -> Envelope | None:
        """See `LogStore.locate`: among those this node stored last, else by the time in the id."""
        place = self._recent.get(message_id)
        if place is not None:
            rows = await self._rows(statements.AT, *place, user_id)
            return to_envelope(rows[0], place[0]) if rows else None
        made = made_at(message_id)
        if made is None or made > _LAST_MILLIS or not is_text(user_id):
            return None
        since = from_millis(made) - _LOCATE_SLACK
        rows = await self._rows(statements.LOCATE, user_id, message_id, since, _LOCATE_SPAN)
        return to_envelope(rows[0], rows[0][WIDTH]) if rows else None

    # ── ChatStore ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def create(self, chat: NewChat) -> tuple[Chat, bool]:
        """See `ChatStore.create`."""
        made, repeated = await self._fetch(
            statements.CREATE,
            chat.id,
            chat.type,
            chat.encryption,
            chat.name,
            chat.creator_id,
            chat.direct_key,
            chat.created_at,
            list(chat.roles),
            [int(role) for role in chat.roles.values()],
            chat.digest,
        )
        chat_id = chat.id
        if not made:
            [existing, *_] = await self._rows(statements.EXISTING, chat.id, chat.direct_key)
            chat_id, creator, digest = existing
            if chat.direct_key is None:
                check_retry(chat, creator, digest, repeated=repeated)
        found = await self.get(chat_id)
        if found is None:
            raise Unavailable(retry_after=1)
        # an answer that was lost on its way may have been that it is made
        return found, bool(made) or (repeated and chat_id == chat.id)

    async def get(self, chat_id: str) -> Chat | None:
        """See `ChatStore.get`."""
        rows = await self._rows(statements.CHAT, chat_id) if is_text(chat_id) else []
        return _chat(rows[0]) if rows else None

    async def list_of(self, user_id: str, *, limit: int, before: str | None) -> list[tuple[Chat, Envelope | None, int]]:
        """See `ChatStore.list_of`."""
        if before is not None and not is_text(before):
            before = None
        rows = await self._rows(statements.LIST, user_id, UNREAD_EXACT, max(limit, 1), before)
        return [(_chat(row), *_shown(row, row[0], statements.CHAT_WIDTH)) for row in rows]

    async def summary(self, chat_id: str, member: Member) -> tuple[Envelope | None, int]:
        """See `ChatStore.summary`."""
        rows = await self._rows(statements.SUMMARY, member.user_id, UNREAD_EXACT, chat_id) if is_text(chat_id) else []
        return _shown(rows[0], chat_id, 0) if rows else (None, 0)

    async def memberships(self, user_id: str) -> list[Membership]:
        """See `ChatStore.memberships`."""
        rows = await self._rows(statements.MEMBERSHIPS, user_id)
        return [
            Membership(chat_id, type_, ROLES[role], joined, head, read, partner)
            for chat_id, type_, role, joined, head, read, partner in rows
        ]

    async def heads(self, chat_ids: Collection[str]) -> dict[str, int]:
        """See `ChatStore.heads`."""
        return {row[0]: row[1] for row in await self._rows(statements.HEADS, list(filter(is_text, chat_ids)))}

    async def advance(self, receipts: Sequence[Receipt]) -> list[Receipt]:
        """See `ChatStore.advance`."""
        wanted = {seat: cursors for seat, cursors in wishes(receipts).items() if is_text(seat[0]) and is_text(seat[1])}
        if not wanted:
            return []
        columns = zip(
            *(
                (chat_id, user_id, min(c.delivered, _MAX_SEQ), min(c.read, _MAX_SEQ), min(c.shared, _MAX_SEQ))
                for (chat_id, user_id), c in wanted.items()
            ),
            strict=True,
        )
        cursors: dict[Seat, Cursors] = {}
        heads: dict[str, int] = {}
        for chat_id, user_id, delivered, read, shared, head in await self._rows(statements.ADVANCE, *columns):
            cursors[chat_id, user_id] = Cursors(delivered, read, shared)
            heads[chat_id] = head
        moved, _ = advance(receipts, cursors, heads)
        return moved

    # ── GroupStore ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def group(self, chat_id: str) -> Group | None:
        """See `GroupStore.group`."""
        rows = await self._rows(groups.GROUP, chat_id) if is_text(chat_id) else []
        return groups.to_group(rows[0]) if rows else None

    async def group_info(self, chat_id: str) -> tuple[Group, bytes] | None:
        """See `GroupStore.group_info`."""
        rows = await self._rows(groups.INFO, chat_id) if is_text(chat_id) else []
        group = groups.to_group(rows[0]) if rows else None
        return None if group is None else (group, rows[0][4])

    async def welcomes(self, user_id: str, device_id: str, *, since: datetime, limit: int) -> list[WaitingWelcome]:
        """See `GroupStore.welcomes`."""
        wanted = (user_id, device_id, since, limit, groups.WELCOME_BYTES)
        return groups.to_welcomes(await self._rows(groups.WELCOMES, *wanted))

    async def forget_welcome(self, user_id: str, device_id: str, welcome_id: str) -> None:
        """See `GroupStore.forget_welcome`."""
        if is_text(welcome_id):
            await self._rows(groups.FORGET, user_id, device_id, welcome_id)

    async def forget_welcomes(self, before: datetime) -> int:
        """See `GroupStore.forget_welcomes`."""
        return int((await self._rows(groups.FORGET_OLD, before))[0][0])


def _seq(envelope: Envelope) -> int:
    return envelope.seq


def _chat(row: Record) -> Chat:
    chat_id, type_, encryption, name, head, created_at, people, numbers = tuple(row)[: statements.CHAT_WIDTH]
    members = {
        user_id: Member(user_id, ROLES[role], *cursors)
        for user_id, (role, *cursors) in zip(people or (), numbers or (), strict=True)
    }
    return Chat(chat_id, type_, encryption, name, head, created_at, members)


def _shown(row: Record, chat_id: str, at: int) -> tuple[Envelope | None, int]:
    """(last message, unread) of the columns that begin at `at`."""
    unread = cast(int, row[at] + row[at + 1])
    return (None if row[at + 2] is None else to_envelope(row, chat_id, at + 2)), unread


async def _warn_of_loss(connection: PgConnection) -> None:
    """A server that does not sync loses acknowledged messages in a power cut; only its administrator can help."""
    for name in ("fsync", "full_page_writes"):
        if await connection.fetchval(f"show {name}") != "on":
            logger.warning("PostgreSQL runs with %s=off: a power cut can lose or damage messages", name)
