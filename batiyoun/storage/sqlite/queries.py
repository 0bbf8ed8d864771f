"""The reads that go to the reader threads, each one statement that answers with one row.

One row, because Python's sqlite3 gives the interpreter lock away at every step: under load each step would wait up to
the switch interval (5 ms) to get it back. So SQLite gathers the rows into one JSON text.

`:mark` is the durable watermark: what was committed after the last sync is invisible to every statement here.
"""

from __future__ import annotations

from batiyoun.storage.sqlite.rows import COLUMNS, MESSAGE, NOTIFY

_HEAD = "coalesce((select seq from log where chat = c.ref and ref <= :mark order by seq desc limit 1), 0)"


def _page(order: str) -> str:
    """One page. The sizes are summed first, so that long bodies beyond `:bytes` are never read; one row always is."""
    return f"""
        with
        chat(ref, head) as materialized (select c.ref, {_HEAD} from chats c where c.id = :chat),
        near(ref, seq, size) as (
            select l.ref, l.seq, l.size from log l
            where l.chat = (select ref from chat) and l.seq > :low
            and l.seq < min(:high, (select head from chat) + 1)
            order by l.seq {order} limit :limit
        ),
        fitting(ref) as (
            select ref from (
                select ref, size, sum(size) over (order by seq {order} rows unbounded preceding) as running from near
            ) where running - size < :bytes
        )
        select chat.ref, chat.head, (select id from chats where ref = chat.ref), (
            select json_group_array(json_array({COLUMNS}))
            from fitting f join log l on l.ref = f.ref join people p on p.ref = l.sender
        ) from chat
    """  # noqa: S608  # constants only


#: One row of a chat: (chat ref, seq).
MESSAGE_AT = f"""
    select {COLUMNS} from log l join people p on p.ref = l.sender where l.chat = ? and l.seq = ?
"""  # noqa: S608  # a constant

#: ascending from `:low`, exclusive; parameters chat, low, high, limit, bytes, mark → (ref, head, chat id, rows)
PAGE_AFTER = _page("asc")
#: the last before `:high`, exclusive; the same parameters
PAGE_BEFORE = _page("desc")

#: When anything last happened in each of a person's chats: (person, mark) → [[chat id, time or creation time], …]
ACTIVITY = f"""
    select json_group_array(json_array(c.id, coalesce((
        select l.timestamp from log l
        where l.chat = m.chat and l.seq > m.joined_seq and l.ref <= :mark and l.kind = {MESSAGE}
        order by l.seq desc limit 1
    ), c.created_at)))
    from members m join chats c on c.ref = m.chat where m.person = :person
"""  # noqa: S608  # constants only

#: Of the chats `:chats` (JSON: [[chat ref, joined, read, person], …]), in their order:
#: [[chat ref, head, unread among the first `:cap` after `read`, their number, last message or null], …].
#: Only the first rows are looked at, so the cost of a list is bounded however long nobody read.
DETAILS = f"""
    with wanted(ref, joined, read, person) as materialized (
        select value ->> 0, value ->> 1, value ->> 2, value ->> 3 from json_each(:chats)
    )
    select json_group_array(json_array(
        c.ref, {_HEAD},
        (select count(*) filter (where kind = {MESSAGE} and flags & {NOTIFY} and sender <> c.person) from (
            select l.kind, l.flags, l.sender from log l
            where l.chat = c.ref and l.seq > max(c.read, c.joined) and l.ref <= :mark order by l.seq limit :cap
        )),
        (select json_array({COLUMNS}) from log l join people p on p.ref = l.sender
            where l.chat = c.ref and l.seq > c.joined and l.ref <= :mark and l.kind = {MESSAGE}
            order by l.seq desc limit 1)
    )) from wanted c
"""  # noqa: S608  # constants only

#: Where the message `:id` made at `:since` (ms) may be in a person's chats: (chat id, seq). In every chat a binary
#: search over the times, which grow with `seq` as long as the clock is sane, then at most `:span` rows.
LOCATE = """
    with recursive
    mine(chat, joined, head) as materialized (
        select m.chat, m.joined_seq,
               (select seq from log where chat = m.chat and ref <= :mark order by seq desc limit 1)
        from members m where m.person = :person
    ),
    search(chat, low, high) as (
        select chat, joined + 1, head + 1 from mine where head > joined
        union all
        select s.chat,
               iif(l.timestamp < :since, l.seq + 1, s.low),
               iif(l.timestamp < :since, s.high, l.seq)
        from search s join log l on l.chat = s.chat and l.seq = (s.low + s.high) / 2
        where s.low < s.high
    )
    select c.id, l.seq
    from search s
    join mine m on m.chat = s.chat
    join log l on l.chat = s.chat and l.seq >= s.low and l.seq < s.low + :span and l.seq <= m.head
    join chats c on c.ref = s.chat
    where s.low = s.high and l.id = :id
    limit 1
"""
