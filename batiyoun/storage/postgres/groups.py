"""Groups and Welcomes in PostgreSQL: statements, and what is made of their rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from batiyoun.chats.groups.model import Group, Step, WaitingWelcome
from batiyoun.storage.postgres.pool import PgConnection
from batiyoun.storage.postgres.rows import Record
from batiyoun.storage.shared.leaves import pack, unpack

#: what one answer carries at most of Welcomes, unless a single one is larger
WELCOME_BYTES = 2_000_000

#: The group of chat $1.
GROUP = """
    select g.generation, g.epoch, g.open_from, g.leaves
    from chatlog.chats c join chatlog.groups g on g.chat = c.ref where c.id = $1
"""
#: The same with its public description: one statement, so both are of one moment.
INFO = """
    select g.generation, g.epoch, g.open_from, g.leaves, i.info
    from chatlog.chats c join chatlog.groups g on g.chat = c.ref join chatlog.group_infos i on i.chat = c.ref
    where c.id = $1
"""
#: At most $4 Welcomes for device $2 of user $1 after $3, and about $5 bytes; one always is.
WELCOMES = """
    select id, chat_id, generation, epoch, welcome from (
        select
            w.ref, w.id, c.id as chat_id, w.generation, w.epoch, w.welcome,
            octet_length(w.welcome) as size, sum(octet_length(w.welcome)) over (order by w.ref) as running
        from chatlog.welcomed d
        join chatlog.welcomes w on w.ref = d.welcome
        join chatlog.chats c on c.ref = w.chat
        where d.device_id = $2 and d.user_id = $1 and w.made_at > $3
        order by w.ref limit $4
    ) w where running <= $5 or running = size order by ref
"""
FORGET = """
    with gone as (
        delete from chatlog.welcomed d using chatlog.welcomes w
        where w.id = $3 and d.welcome = w.ref and d.device_id = $2 and d.user_id = $1 returning d.welcome
    )
    delete from chatlog.welcomes w using gone
    where w.ref = gone.welcome and (select count(*) from chatlog.welcomed d where d.welcome = w.ref) = 1
"""
FORGET_OLD = "with gone as (delete from chatlog.welcomes where made_at <= $1 returning ref) select count(*) from gone"

_PUT_GROUP = """
    insert into chatlog.groups(chat, generation, epoch, open_from, leaves) values ($1, $2, $3, $4, $5)
    on conflict (chat) do update set
        generation = excluded.generation, epoch = excluded.epoch, open_from = excluded.open_from,
        leaves = excluded.leaves
"""
_PUT_INFO = """
    insert into chatlog.group_infos(chat, info) values ($1, $2) on conflict (chat) do update set info = excluded.info
"""
_PUT_WELCOME = """
    with made as (
        insert into chatlog.welcomes(id, chat, generation, epoch, made_at, welcome)
        values ($1, $2, $3, $4, $5, $6) returning ref
    )
    insert into chatlog.welcomed(welcome, device_id, user_id)
    select made.ref, d.device_id, d.user_id from made, unnest($7::text[], $8::text[]) d(device_id, user_id)
"""


def to_group(record: Record, at: int = 0) -> Group | None:
    """The group whose columns (generation, epoch, open_from, leaves) begin at `at`; None for nulls."""
    if record[at] is None:
        return None
    return Group(record[at], record[at + 1], record[at + 2], unpack(record[at + 3]))


def to_welcomes(records: Iterable[Record]) -> list[WaitingWelcome]:
    """The Welcomes of `WELCOMES`."""
    return [WaitingWelcome(*record) for record in records]


async def put_step(connection: PgConnection, chat: int, commit_id: str, step: Step, now: object) -> None:
    """The group as it is after the commit, and the Welcomes for those it brought in; the chat is locked."""
    group = step.group
    await put_group(connection, chat, group, step.info)
    if step.welcome is not None:
        waiting = (commit_id, chat, group.generation, group.epoch, now, step.welcome)
        await put_welcome(connection, waiting, step.welcomed)


async def put_group(connection: PgConnection, chat: int, group: Group, info: bytes) -> None:
    """The group of chat number `chat`, in place of what it was."""
    await connection.execute(_PUT_GROUP, chat, group.generation, group.epoch, group.open_from, pack(group.leaves))
    await connection.execute(_PUT_INFO, chat, info)


async def put_welcome(connection: PgConnection, welcome: Sequence[object], devices: Iterable[tuple[str, str]]) -> None:
    """A Welcome (id, chat's number, generation, epoch, time, bytes) for devices: (user, device)."""
    people, names = zip(*devices, strict=True)
    await connection.execute(_PUT_WELCOME, *welcome, names, people)
