"""The statements of the message store."""

from __future__ import annotations

from batiyoun.storage.postgres.rows import COLUMNS

#: One batch in one statement. The chats are locked in the order of their numbers, so that nodes wait for each other and
#: never in a circle; a lock also gives the newest version of a row, however old the statement's snapshot is (PostgreSQL
#: manual, "Read Committed"). Only chats whose roster is still the one that the drafts were decided by are written:
#: `roster_seq` says so. A second envelope under one clientId breaks `log_client_id` and undoes the whole statement;
#: skipping it (`on conflict do nothing`) would leave a gap in `seq`.
#: $1–$4: chats, the roster's version, rows, place of the last row a chat list shows (0: none). $5: time.
#: $6–$20: the rows' columns.
APPEND = """
    with
    chat(ref, roster_seq, rows, shown) as materialized (
        select * from unnest($1::bigint[], $2::bigint[], $3::int[], $4::int[])
    ),
    locked as materialized (
        select c.ref, c.head_seq, c.roster_seq from chatlog.chats c
        where c.ref = any($1::bigint[]) order by c.ref for update
    ),
    fresh as materialized (
        select l.ref, l.head_seq, c.rows, c.shown from locked l join chat c on c.ref = l.ref
        where l.roster_seq = c.roster_seq
    ),
    moved as (
        update chatlog.chats c set
            head_seq = f.head_seq + f.rows,
            last_message_seq = case when f.shown > 0 then f.head_seq + f.shown else c.last_message_seq end,
            last_message_at = case when f.shown > 0 then $5::timestamptz else c.last_message_at end
        from fresh f where c.ref = f.ref
    ),
    written as (
        insert into chatlog.log(
            chat, seq, timestamp, id, sender_id, sender_device_id, client_id, kind, type, content, iv, encrypted, mls,
            metadata, notify, digest
        )
        select
            f.ref, f.head_seq + r.place, $5::timestamptz, r.id, r.sender_id, r.device, r.client_id, r.kind, r.type,
            r.content, r.iv, r.encrypted, r.mls, r.metadata, r.notify, r.digest
        from unnest(
            $6::bigint[], $7::int[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[],
            $14::text[], $15::text[], $16::boolean[], $17::text[], $18::json[], $19::boolean[], $20::bytea[]
        ) r(
            chat, place, id, sender_id, device, client_id, kind, type, content, iv, encrypted, mls, metadata, notify,
            digest
        )
        join fresh f on f.ref = r.chat
    )
    select ref, head_seq from fresh
"""

#: The rosters of chats $1: number, id, version, members, their roles, whether it is encrypted, the group's columns.
ROSTERS = """
    select
        c.ref, c.id, c.roster_seq, array_agg(m.user_id), array_agg(m.role), c.encryption = 'mls',
        g.generation, g.epoch, g.open_from, g.leaves
    from chatlog.chats c
    left join chatlog.members m on m.chat = c.ref
    left join chatlog.groups g on g.chat = c.ref
    where c.id = any($1::text[]) group by c.ref, g.chat
"""

#: What the log has under (chat $1, sender $2, clientId $3): the envelope's columns, its digest, the chat's number.
STORED = f"""
    select {COLUMNS}, l.digest, l.chat
    from unnest($1::bigint[], $2::text[], $3::text[]) k(chat, sender_id, client_id)
    join chatlog.log l on l.chat = k.chat and l.sender_id = k.sender_id and l.client_id = k.client_id
"""  # noqa: S608  # constants

#: The members ($1 chat, $2 person) whose rows are about to change, locked in one order.
LOCK_MEMBERS = """
    select 1 from chatlog.members m
    join unnest($1::bigint[], $2::text[]) w(chat, user_id) on w.chat = m.chat and w.user_id = m.user_id
    order by m.chat, m.user_id for update of m
"""
#: Members $2 of chats $1 come in, or come back, with role $3; all cursors at $4.
ENTER = """
    insert into chatlog.members(chat, user_id, role, joined_seq, delivered_seq, read_seq, shared_read_seq)
    select chat, user_id, role, joined, joined, joined, joined
    from unnest($1::bigint[], $2::text[], $3::smallint[], $4::bigint[]) e(chat, user_id, role, joined)
    on conflict (chat, user_id) do update set
        role = excluded.role, joined_seq = excluded.joined_seq, delivered_seq = excluded.delivered_seq,
        read_seq = excluded.read_seq, shared_read_seq = excluded.shared_read_seq
"""
LEAVE = """
    delete from chatlog.members m using unnest($1::bigint[], $2::text[]) l(chat, user_id)
    where m.chat = l.chat and m.user_id = l.user_id
"""
RAISE = """
    update chatlog.members m set role = r.role
    from unnest($1::bigint[], $2::text[], $3::smallint[]) r(chat, user_id, role)
    where m.chat = r.chat and m.user_id = r.user_id
"""
#: Chat $1: the roster's version $2; the name $4 when $3.
RESTRUCTURE = """
    update chatlog.chats set roster_seq = $2, name = case when $3::boolean then $4::text else name end where ref = $1
"""

CREATE = """
    with made as (
        insert into chatlog.chats(id, type, encryption, name, creator_id, direct_key, created_at, digest)
        values ($1, $2, $3, $4, $5, $6, $7, $10) on conflict do nothing returning ref
    ),
    seated as (
        insert into chatlog.members(chat, user_id, role, joined_seq, delivered_seq, read_seq, shared_read_seq)
        select made.ref, s.user_id, s.role, 0, 0, 0, 0
        from made, unnest($8::text[], $9::smallint[]) s(user_id, role)
    )
    select ref from made
"""
#: The chat of id $1 or direct key $2, and by which wish it was made.
EXISTING = """
    select id, creator_id, digest from chatlog.chats where direct_key = $2
    union all select id, creator_id, digest from chatlog.chats where id = $1
"""

_CHAT = "c.id, c.type, c.encryption, c.name, c.head_seq, c.created_at"
_SEATS = """
    (select array_agg(m.user_id order by m.user_id) from chatlog.members m where m.chat = c.ref),
    (select array_agg(
        array[m.role, m.joined_seq, m.delivered_seq, m.read_seq, m.shared_read_seq] order by m.user_id
    ) from chatlog.members m where m.chat = c.ref)
"""
#: The chat $1: its columns, its members, their numbers.
CHAT = f"select {_CHAT}, {_SEATS} from chatlog.chats c where c.id = $1"  # noqa: S608  # constants
#: Where the columns of `_CHAT` and `_SEATS` end.
CHAT_WIDTH = 8

#: What a chat list shows of `c` to member `m`: unread among the first $2 rows after the read cursor, how many may
#: follow those, the last message.
_SHOWN = f"""
    (select count(*) filter (where l.kind = 'message' and l.notify and l.sender_id <> m.user_id) from (
        select l.kind, l.notify, l.sender_id from chatlog.log l
        where l.chat = c.ref and l.seq > greatest(m.read_seq, m.joined_seq) order by l.seq limit $2
    ) l),
    greatest(0, c.head_seq - greatest(m.read_seq, m.joined_seq) - $2),
    {COLUMNS}
"""  # noqa: S608  # constants
_LAST = """
    left join chatlog.log l on l.chat = c.ref and l.seq = c.last_message_seq and l.seq > m.joined_seq
"""

#: User $1's chats, newest activity first, at most $3 after the chat $4.
LIST = f"""
    with mine as materialized (
        select c.ref, c.id,
            case when c.last_message_seq > m.joined_seq then c.last_message_at else c.created_at end as active
        from chatlog.members m join chatlog.chats c on c.ref = m.chat where m.user_id = $1
    ),
    page as materialized (
        select ref, id, active from mine
        where not exists (select from mine where id = $4)
        or (active, id) < (select active, id from mine where id = $4)
        order by active desc, id desc limit $3
    )
    select {_CHAT}, {_SEATS}, {_SHOWN}
    from page p
    join chatlog.chats c on c.ref = p.ref
    join chatlog.members m on m.chat = p.ref and m.user_id = $1
    {_LAST}
    order by p.active desc, p.id desc
"""  # noqa: S608  # constants

#: The same of the one chat $3.
SUMMARY = f"""
    select {_SHOWN} from chatlog.chats c join chatlog.members m on m.chat = c.ref and m.user_id = $1 {_LAST}
    where c.id = $3
"""  # noqa: S608  # constants

MEMBERSHIPS = """
    select c.id, c.type, m.role, m.joined_seq, c.head_seq, m.read_seq, case c.type when 'direct' then (
        select o.user_id from chatlog.members o where o.chat = m.chat and o.user_id <> m.user_id limit 1
    ) end
    from chatlog.members m join chatlog.chats c on c.ref = m.chat where m.user_id = $1
"""

#: The newest `seq` of the chats $1.
HEADS = "select id, head_seq from chatlog.chats where id = any($1::text[])"

#: Move members ($1 chat, $2 person) to delivered $3, read $4, shared $5, as far as the head. Returns them as they were.
ADVANCE = """
    with
    wanted(chat_id, user_id, delivered, read, shared) as materialized (
        select * from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[])
    ),
    locked as materialized (
        select
            c.id, m.chat, m.user_id, m.delivered_seq, m.read_seq, m.shared_read_seq, c.head_seq,
            least(w.delivered, c.head_seq) as delivered, least(w.read, c.head_seq) as read,
            least(w.shared, c.head_seq) as shared
        from wanted w
        join chatlog.chats c on c.id = w.chat_id
        join chatlog.members m on m.chat = c.ref and m.user_id = w.user_id
        order by m.chat, m.user_id for update of m
    ),
    moved as (
        update chatlog.members m set
            delivered_seq = greatest(m.delivered_seq, l.delivered), read_seq = greatest(m.read_seq, l.read),
            shared_read_seq = greatest(m.shared_read_seq, l.shared)
        from locked l
        where m.chat = l.chat and m.user_id = l.user_id
        and (l.delivered > l.delivered_seq or l.read > l.read_seq or l.shared > l.shared_read_seq)
    )
    select id, user_id, delivered_seq, read_seq, shared_read_seq, head_seq from locked
"""


def _page(order: str) -> str:
    """One page of chat $1 between $2 and $3, at most $4 rows and about $5 bytes.

    The sizes are summed first (the length of a long body is known without reading it); one row always is read.
    """
    return f"""
        select c.head_seq, {COLUMNS}
        from chatlog.chats c
        left join lateral (
            select n.*, sum(n.size) over (order by n.seq {order}) - n.size as before
            from (
                select {COLUMNS}, octet_length(l.content) + coalesce(octet_length(l.mls), 0) + 300 as size
                from chatlog.log l
                where l.chat = c.ref and l.seq > $2 and l.seq < $3 and l.seq <= c.head_seq
                order by l.seq {order} limit $4
            ) n
        ) l on l.before < $5
        where c.id = $1
    """  # noqa: S608  # constants


#: ascending from $2, exclusive: (head, the envelope's columns), at least one row with nothing but the head
PAGE_AFTER = _page("asc")
#: the last before $3, exclusive; the same
PAGE_BEFORE = _page("desc")

#: The envelope at seq $2 of chat $1, if $3 may see it.
AT = f"""
    select {COLUMNS} from chatlog.chats c
    join chatlog.members m on m.chat = c.ref and m.user_id = $3
    join chatlog.log l on l.chat = c.ref and l.seq = $2 and l.seq > m.joined_seq
    where c.id = $1
"""  # noqa: S608  # constants

#: The message of id $2 in one of user $1's chats, made at $3: in every chat a binary search over the times, which grow
#: with `seq` as long as the clocks are sane, then at most $4 rows. There is no index on the message id: it would cost
#: every message, and only receipts of foreign clients ask.
LOCATE = f"""
    with recursive
    mine as materialized (
        select c.ref, c.id, c.head_seq, m.joined_seq
        from chatlog.members m join chatlog.chats c on c.ref = m.chat where m.user_id = $1
    ),
    search(ref, low, high) as (
        select ref, joined_seq + 1, head_seq + 1 from mine where head_seq > joined_seq
        union all
        select s.ref,
            case when l.timestamp < $3 then l.seq + 1 else s.low end,
            case when l.timestamp < $3 then s.high else l.seq end
        from search s join chatlog.log l on l.chat = s.ref and l.seq = (s.low + s.high) / 2
        where s.low < s.high
    )
    select {COLUMNS}, mine.id
    from search s
    join mine on mine.ref = s.ref
    join chatlog.log l on l.chat = s.ref and l.seq >= s.low and l.seq < s.low + $4 and l.seq <= mine.head_seq
    where s.low = s.high and l.id = $2
    limit 1
"""  # noqa: S608  # constants

#: chat id, seq, type of a tombstone: wipes a message that is none yet, by all of it: the type alone a client once could
#: claim
REDACT = """
    update chatlog.log
    set content = '', iv = null, mls = null, metadata = null, type = $3, notify = false
    where chat = (select ref from chatlog.chats where id = $1) and seq = $2 and kind = 'message'
        and (type <> $3 or content <> '' or iv is not null or mls is not null or metadata is not null or notify)
"""
