"""What the server tells about presence and typing: the second arguments of the seed's events."""

from __future__ import annotations

from datetime import datetime

import msgspec


class UserTyping(msgspec.Struct, frozen=True, rename="camel"):
    """`user_typing(userId, details)`: shown for three seconds."""

    chat_id: str
    user_id: str


class UserOnline(msgspec.Struct, frozen=True, rename="camel"):
    """`user_online(userId, details)`."""

    user_id: str


class UserOffline(msgspec.Struct, frozen=True, rename="camel"):
    """`user_offline(userId, details)`."""

    user_id: str
    last_seen: datetime
