"""What clients send about preferences, and what their owner's other devices hear."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from batiyoun.chats.payloads import Payload
from batiyoun.chats.preferences.model import Preferences

#: a time with its offset from UTC
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
#: exact in every client
Whole = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]


class EditPreferences(Payload, frozen=True):
    """`PATCH chats/{id}/preferences`: what is given is changed, null takes it back."""

    muted_until: Instant | msgspec.UnsetType | None = msgspec.UNSET
    archived_seq: Whole | msgspec.UnsetType | None = msgspec.UNSET
    pinned: Whole | msgspec.UnsetType | None = msgspec.UNSET


class ChatPreferences(msgspec.Struct, frozen=True, rename="camel"):
    """`chat_preferences`: to all devices of the person who changed what they want of a chat."""

    chat_id: str
    preferences: Preferences
