"""chats/views.py: one's own cursor is private, what others share is shared."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from batiyoun.chats.model import Chat, Member, Role
from batiyoun.chats.views import view_for


def test_each_member_sees_their_own_read_cursor_and_what_others_share() -> None:
    members = {
        "asha": Member("asha", Role.OWNER, 0, delivered_seq=9, read_seq=8, shared_read_seq=3),
        "mohan": Member("mohan", Role.MEMBER, 0, delivered_seq=7, read_seq=6, shared_read_seq=2),
    }
    chat = Chat("c", "group", "none", "Family", 9, datetime(2026, 1, 1, tzinfo=UTC), members)
    wire = msgspec.to_builtins(view_for("asha", chat, None, 4))
    own, other = wire["participants"]
    assert own == {"userId": "asha", "role": "owner", "deliveredSeq": 9, "readSeq": 8}
    assert other == {"userId": "mohan", "role": "member", "deliveredSeq": 7, "sharedReadSeq": 2}
    assert (wire["unread"], wire["headSeq"], wire["lastMessage"], wire["name"]) == (4, 9, None, "Family")
