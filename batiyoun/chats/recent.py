"""Whose message is at a seq: a bounded memory of what was just appended, for receipts."""

from __future__ import annotations

from collections import OrderedDict, deque

from batiyoun.chats.model import Envelope

PER_CHAT = 64


class Recent:
    """The newest envelopes' (seq, id, sender) of the chats that were active last. Bounded in both directions."""

    def __init__(self, max_chats: int = 1024) -> None:
        self._max_chats = max_chats
        self._chats: OrderedDict[str, deque[tuple[int, str, str]]] = OrderedDict()

    def add(self, envelope: Envelope) -> None:
        """Remember an envelope; the longest-silent chat is forgotten when there are too many."""
        self.note(envelope.chat_id, envelope.seq, envelope.id, envelope.sender_id)

    def note(self, chat_id: str, seq: int, message_id: str, sender_id: str) -> None:
        """Remember an envelope of which only this is known."""
        rows = self._chats.get(chat_id)
        if rows is None:
            rows = self._chats[chat_id] = deque(maxlen=PER_CHAT)
            if len(self._chats) > self._max_chats:
                self._chats.popitem(last=False)
        else:
            self._chats.move_to_end(chat_id)
        rows.append((seq, message_id, sender_id))

    def message_id(self, chat_id: str, seq: int) -> str | None:
        """The id of the envelope at `seq`, if it is remembered."""
        for at, message_id, _ in reversed(self._chats.get(chat_id, ())):
            if at <= seq:
                return message_id if at == seq else None
        return None

    def senders(self, chat_id: str, up_to: int) -> set[str]:
        """Who wrote the remembered envelopes up to `seq`."""
        return {sender for at, _, sender in self._chats.get(chat_id, ()) if at <= up_to}
