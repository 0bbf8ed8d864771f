"""How a chat looks to one of its members; pure."""

from __future__ import annotations

from batiyoun.chats.model import Chat, ChatView, Envelope, Participant
from batiyoun.chats.preferences.model import NO_PREFERENCES, Preferences


def view_for(
    user_id: str,
    chat: Chat,
    last: Envelope | None,
    unread: int,
    *,
    read_only: bool = False,
    preferences: Preferences = NO_PREFERENCES,
) -> ChatView:
    """The public shape: one's own `readSeq`, everybody else's `sharedReadSeq`."""
    return ChatView(
        id=chat.id,
        type=chat.type,
        encryption=chat.encryption,
        participants=[
            Participant(member.user_id, member.role.wire, member.delivered_seq, read_seq=member.read_seq)
            if member.user_id == user_id
            else Participant(
                member.user_id, member.role.wire, member.delivered_seq, shared_read_seq=member.shared_read_seq
            )
            for member in chat.members.values()
        ],
        name=chat.name,
        last_message=last,
        last_message_at=last.timestamp if last else None,
        head_seq=chat.head_seq,
        unread=unread,
        created_at=chat.created_at,
        read_only=read_only,
        preferences=preferences,
    )
