"""All chats of a user in one statement: asked at every connect and sync, so it runs on the loop's warm page cache."""

from __future__ import annotations

import sqlite3

from batiyoun.chats.model import Membership, Role
from batiyoun.storage.sqlite.errors import RowDamaged
from batiyoun.storage.sqlite.rows import checksum

_ROLES = {int(role): role for role in Role}

_MEMBERSHIPS = """
    select
      c.id, c.type,
      coalesce((select seq from log where chat = m.chat and ref <= :mark order by seq desc limit 1), 0),
      case c.type when 'direct' then (
        select p.id from members o join people p on p.ref = o.person where o.chat = m.chat and o.person <> m.person
      ) end,
      m.person, m.chat, m.role, m.joined_seq, m.delivered_seq, m.read_seq, m.shared_read_seq, m.checksum,
      c.encryption, c.name, c.creator, c.direct_key, c.created_at, c.checksum, u.checksum
    from people u join members m on m.person = u.ref join chats c on c.ref = m.chat where u.id = :user
"""


def memberships_of(db: sqlite3.Connection, user_id: str, mark: int) -> list[Membership]:
    """The user's chats with their heads as of the watermark `mark`. Raises `sqlite3.Error`, `RowDamaged`."""
    found: list[Membership] = []
    person_sum: int | None = None  # the same in all rows: worked out once
    for (
        chat_id,
        type_,
        head,
        partner,
        person,
        chat,
        role,
        joined,
        delivered,
        read,
        shared,
        seat_sum,
        encryption,
        name,
        creator,
        direct_key,
        created_at,
        chat_sum,
        user_sum,
    ) in db.execute(_MEMBERSHIPS, {"user": user_id, "mark": mark}):
        if checksum(person, chat, role, joined, delivered, read, shared) != seat_sum:
            raise RowDamaged(f"member number {person} of chat number {chat} does not fit its checksum")
        if user_sum != person_sum:
            person_sum = checksum(person, user_id)
            if user_sum != person_sum:
                raise RowDamaged(f"person number {person} does not fit its checksum")
        if checksum(chat, chat_id, type_, encryption, name, creator, direct_key, created_at) != chat_sum:
            raise RowDamaged(f"chat number {chat} does not fit its checksum")
        found.append(
            Membership(
                chat_id=chat_id,
                type=type_,
                role=_ROLES[role],
                joined_seq=joined,
                head_seq=head,
                read_seq=read,
                partner_id=partner,
            )
        )
    return found
