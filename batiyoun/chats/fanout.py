"""From what became durable to who hears of it: rooms follow the roster in the order of the log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from batiyoun.chats.model import Appended, Chat, Receipt, RosterChange
from batiyoun.chats.payloads import ChatRemoved, ChatUpdated, MessageRead
from batiyoun.chats.recent import Recent
from batiyoun.chats.store import ChatStore
from batiyoun.live import Rooms, chat_room, open_room, user_room

#: Above this many members only counts are told, to the senders: 1,000 members would mean a million receipts (D9).
MAX_NAMED = 50


class FanOut:
    """Tells connections about envelopes, rosters and receipts. Every method is called after the commit."""

    def __init__(
        self, rooms: Rooms, chats: ChatStore, recent: Recent, tell_here: Callable[..., None] | None = None
    ) -> None:
        """`tell_here` is `rooms.publish` for this node alone, when each node does what follows from the log itself."""
        self._rooms = rooms
        self._chats = chats
        self._recent = recent
        self._tell_here = tell_here or rooms.publish
        #: told of every user whose chats changed, in the order of the log
        self.roster_changed: list[Callable[[str], None]] = []

    def appended(self, batch: Sequence[Appended]) -> None:
        """Envelopes in log order. Who was removed hears nothing of or after the removal; who was added hears it all."""
        publish, remember = self._rooms.publish, self._recent.note
        for item in batch:
            envelope = item.envelope
            remember(envelope.chat_id, envelope.seq, envelope.id, envelope.sender_id)
            if item.change is not None:
                self.moved(envelope.chat_id, item.change)
            publish(chat_room(envelope.chat_id), "new_message", envelope)

    def noted(self, chat_id: str, seq: int, message_id: str, sender_id: str) -> None:
        """An envelope took effect here, whoever committed it."""
        self._recent.note(chat_id, seq, message_id, sender_id)

    def created(self, chat: Chat) -> None:
        """A new chat joins the sockets of everybody in it at once."""
        for user_id in chat.members:
            self.entered(chat.id, user_id)

    def entered(self, chat_id: str, user_id: str) -> None:
        """The user is in the chat now, and so are their sockets."""
        self.admit(chat_id, user_id)
        self._tell_here(user_room(user_id), "chat_updated", ChatUpdated(chat_id))

    def admit(self, chat_id: str, user_id: str) -> None:
        """Put the user's sockets in the chat, without telling them."""
        self._changed(user_id)
        for socket in tuple(self._rooms.members(user_room(user_id))):
            self._rooms.join(socket, chat_room(chat_id))

    def left(self, chat_id: str, user_id: str) -> None:
        """The user is not in the chat any more: their sockets hear nothing more of it."""
        self._changed(user_id)
        for socket in tuple(self._rooms.members(user_room(user_id))):
            self._rooms.leave(socket, chat_room(chat_id))
            self._rooms.leave(socket, open_room(chat_id))
        self._tell_here(user_room(user_id), "chat_removed", ChatRemoved(chat_id))

    def _changed(self, user_id: str) -> None:
        for tell in self.roster_changed:
            tell(user_id)

    def moved(self, chat_id: str, change: RosterChange) -> None:
        """An envelope changed the chat: those who left hear it last, those who came hear everything from here."""
        for user_id in change.remove:
            self.left(chat_id, user_id)
        self._tell_here(chat_room(chat_id), "chat_updated", ChatUpdated(chat_id))
        for user_id in change.add:
            self.entered(chat_id, user_id)

    async def receipts(self, advanced: list[Receipt]) -> None:
        """Cursors that moved: `read` to co-members and one's own devices, `delivered` to senders; others if shared."""
        by_chat: defaultdict[str, list[Receipt]] = defaultdict(list)
        for receipt in advanced:
            by_chat[receipt.chat_id].append(receipt)
        for chat_id, moved in by_chat.items():
            chat = await self._chats.get(chat_id)
            if chat is None or len(chat.members) == 1:  # notes to oneself have no receipts
                continue
            if len(chat.members) > MAX_NAMED:
                self._tell_counts(chat, moved)
            else:
                for receipt in moved:
                    self._tell_named(chat, receipt)

    def _tell_named(self, chat: Chat, receipt: Receipt) -> None:
        message_id = self._recent.message_id(chat.id, receipt.seq)
        details = MessageRead(chat.id, receipt.user_id, receipt.seq, message_id)
        if receipt.read and receipt.share:
            self._rooms.publish(chat_room(chat.id), "message_read", message_id, details)
        elif receipt.read:
            self._rooms.publish(user_room(receipt.user_id), "message_read", message_id, details)
        elif receipt.share:
            for sender in self._senders(chat, receipt):
                self._rooms.publish(user_room(sender), "message_delivered", message_id, details)

    def _senders(self, chat: Chat, receipt: Receipt) -> set[str]:
        others = chat.members.keys() - {receipt.user_id}
        if chat.type == "direct":
            return others
        return self._recent.senders(chat.id, receipt.seq) & others

    def _tell_counts(self, chat: Chat, moved: list[Receipt]) -> None:
        for read, event in ((True, "message_read"), (False, "message_delivered")):
            mine = [receipt for receipt in moved if receipt.read is read]
            if not mine:
                continue
            for receipt in mine:
                if read:  # one's own other devices clear their badge
                    own = MessageRead(chat.id, receipt.user_id, receipt.seq, None)
                    self._rooms.publish(user_room(receipt.user_id), event, None, own)
            seq = max(receipt.seq for receipt in mine)
            message_id = self._recent.message_id(chat.id, seq)
            reached = sum(
                (member.shared_read_seq if read else member.delivered_seq) >= seq for member in chat.members.values()
            )
            details = MessageRead(chat.id, None, seq, message_id, count=reached)
            for sender in self._recent.senders(chat.id, seq) & chat.members.keys():
                self._rooms.publish(user_room(sender), event, message_id, details)
