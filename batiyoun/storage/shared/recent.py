"""Where the newest messages are: message id → (chat id, seq).

The seed's receipts name only a message; nearly all of them name one of the last minutes, and an index on the id would
cost every message on the hot path (design D4).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from batiyoun.chats.model import Envelope


class Recent:
    """A bounded map, oldest out first."""

    def __init__(self, limit: int = 50_000) -> None:
        self._limit = limit
        self._places: dict[str, tuple[str, int]] = {}
        # the order of arrival; taking a dict's first keys out again and again gets slower each time
        self._order: deque[str] = deque()

    def add(self, envelopes: Iterable[Envelope]) -> None:
        """Remember the places of new envelopes."""
        places, order = self._places, self._order
        for envelope in envelopes:
            places[envelope.id] = (envelope.chat_id, envelope.seq)
            order.append(envelope.id)
        for _ in range(len(order) - self._limit):
            places.pop(order.popleft(), None)

    def get(self, message_id: str) -> tuple[str, int] | None:
        """(chat id, seq), if the message is among the newest."""
        return self._places.get(message_id)


def made_at(message_id: str) -> int | None:
    """The milliseconds since the epoch that a UUIDv7 carries (RFC 9562 §5.7); None for anything else."""
    if len(message_id) != 36 or message_id[14] != "7":
        return None
    try:
        return int(message_id[:8] + message_id[9:13], 16)
    except ValueError:
        return None
