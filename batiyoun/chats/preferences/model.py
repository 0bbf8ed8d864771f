"""How a person wants to meet a chat: quietly, out of the way, or on top. Nobody else is told."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

#: chats that one person has on top
MAX_PINNED = 5
#: `mutedUntil` of a chat that stays mute until the person says otherwise; what is further away is cut down to it
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
#: and what is earlier is brought up to this: over is over
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Preferences(msgspec.Struct, frozen=True, rename="camel"):
    """What one member wants of one chat.

    `muted_until`: no sound and no count until then; a time in the year 9999: until the person says otherwise.
    `archived_seq`: out of the way until there is a message after it, and as long as the chat is mute. `pinned`: on top,
    in the order of these numbers. `revision` grows with every change: the larger one is the newer state.
    """

    muted_until: datetime | None = None
    archived_seq: int | None = None
    pinned: int | None = None
    revision: int = 0


NO_PREFERENCES = Preferences()


class Change(msgspec.Struct, frozen=True):
    """What becomes of preferences; what is unset stays as it is."""

    muted_until: datetime | msgspec.UnsetType | None = msgspec.UNSET
    archived_seq: int | msgspec.UnsetType | None = msgspec.UNSET
    pinned: int | msgspec.UnsetType | None = msgspec.UNSET
