"""The socket edge of chats: every event checks that this caller may touch this chat, then asks the service."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from batiyoun.chats.model import Outcome, Receipt, Refused
from batiyoun.chats.payloads import (
    Done,
    JoinChat,
    Joined,
    ReceiptPayload,
    SendMessage,
    Sent,
    Sync,
    Synced,
)
from batiyoun.chats.receipts import ReceiptBook
from batiyoun.chats.residence import Residence
from batiyoun.chats.service import ChatService
from batiyoun.errors import ChatNotFound, InvalidInput
from batiyoun.live import Peer, Reply, Rooms, chat_room, open_room
from batiyoun.presence.service import PresenceService

#: chats that one connection may have open at once
MAX_OPEN = 32

#: the scope that an API token needs to send an event; one that is not here is refused to all API tokens
SCOPES = {
    "join_chat": "chats:read",
    "leave_chat": "chats:read",
    "send_message": "messages:write",
    "typing": "messages:write",
    "read_receipt": "messages:write",
    "delivery_receipt": "messages:write",
    "sync": "chats:read",
}


class ChatEvents:
    """Handlers of the contract's client events; `table()` is what the gateway takes."""

    def __init__(
        self,
        service: ChatService,
        receipts: ReceiptBook,
        presence: PresenceService,
        residence: Residence,
        rooms: Rooms,
    ) -> None:
        self._service = service
        self._receipts = receipts
        self._presence = presence
        self._residence = residence
        self._rooms = rooms

    def table(self) -> dict[str, tuple[Callable[..., Any], type[Any]]]:
        """Event name → (handler, payload)."""
        return {
            "join_chat": (self.join_chat, JoinChat),
            "leave_chat": (self.leave_chat, JoinChat),
            "send_message": (self.send_message, SendMessage),
            "typing": (self.typing, JoinChat),
            "read_receipt": (partial(self.receipt, True), ReceiptPayload),
            "delivery_receipt": (partial(self.receipt, False), ReceiptPayload),
            "sync": (self.sync, Sync),
        }

    async def join_chat(self, peer: Peer, wish: JoinChat) -> Joined:
        """Mark the chat as open on this connection. Answers who is there right now."""
        chat_id = wish.chat_id
        await self._access(peer, chat_id)
        view = await self._service.view(peer.data.user_id, chat_id)
        await self._access(peer, chat_id)  # removed while we asked
        opened = peer.data.open_chats
        if len(opened) >= MAX_OPEN and chat_id not in opened:
            raise InvalidInput(f"At most {MAX_OPEN} chats can be open at once. Leave one first.")
        opened.add(chat_id)
        self._rooms.join(peer, open_room(chat_id))
        others = [member.user_id for member in view.participants if member.user_id != peer.data.user_id]
        if self._service.bars(chat_id, peer.data.user_id) is not None:
            return Joined(view.head_seq, [], [])
        return Joined(view.head_seq, await self._presence.online(others), await self._presence.typing(chat_id))

    def leave_chat(self, peer: Peer, wish: JoinChat, reply: Reply) -> None:
        """The chat is not on the screen any more; messages keep coming."""
        peer.data.open_chats.discard(wish.chat_id)
        self._rooms.leave(peer, open_room(wish.chat_id))
        reply(Done())

    def send_message(self, peer: Peer, message: SendMessage, reply: Reply) -> None:
        """Answers `{id, seq, timestamp}` when the message is durable.

        Rooms are not asked: the log knows members, and what somebody stored before they left.
        """
        answered = partial(answer, reply)
        self._service.send(peer.data, message.chat_id, message.client_id, message, answered)

    async def typing(self, peer: Peer, wish: JoinChat) -> Done:
        """Tell the others that this person types; repeat it every two seconds while it lasts."""
        await self._access(peer, wish.chat_id)
        if self._service.bars(wish.chat_id, peer.data.user_id) is None:
            await self._presence.type(peer, wish.chat_id)
        return Done()

    def receipt(self, read: bool, peer: Peer, what: ReceiptPayload, reply: Reply) -> None:
        """Everything up to here is seen (`read`) or here; answered when it is durable."""
        user_id = peer.data.user_id
        if what.message_id is not None:
            self._receipts.add_by_id(user_id, what.message_id, read, reply)
        elif what.chat_id is not None and what.seq is not None:
            receipt = Receipt(what.chat_id, user_id, what.seq, read)
            if not self._rooms.holds(chat_room(what.chat_id), peer):
                self._residence.ask(peer, what.chat_id, partial(self._receipts.add, receipt, reply), reply)
                return
            self._receipts.add(receipt, reply)
        else:
            raise InvalidInput("Give `messageId`, or `chatId` and `seq`.", fields={"messageId": "missing"})

    async def sync(self, peer: Peer, wish: Sync) -> Synced:
        """Where every chat stands; the client fetches what it lacks. Also makes sure that the rooms are right."""
        await self._residence.settle(peer)
        return await self._service.sync(peer.data.user_id, wish.cursors)

    async def _access(self, peer: Peer, chat_id: str) -> None:
        if not await self._residence.admits(peer, chat_id):
            raise ChatNotFound


def answer(reply: Reply, outcome: Outcome) -> None:
    """The acknowledgement of a stored or refused message."""
    if isinstance(outcome, Refused):
        reply(outcome.error)
    else:
        envelope = outcome.envelope
        reply(Sent(envelope.id, envelope.seq, envelope.timestamp))
