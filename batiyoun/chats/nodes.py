"""Several nodes over one log: what was committed here reaches the others, and what they committed takes effect here.

An envelope travels on its chat's channel with a stamp, and every node has it take effect when its turn comes
(`order.py`). Who comes into a chat or leaves it is also said on that person's own channel, because a node that has none
of the chat's members does not listen to the chat. A node follows that word by reading what is true, or by waiting for
the envelope, so neither early nor late words do harm.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Coroutine, Mapping, Sequence
from typing import Any

import msgspec

from batiyoun.chats.fanout import FanOut
from batiyoun.chats.model import Appended, Chat, Envelope, Role, RosterChange
from batiyoun.chats.order import AGAIN, InOrder
from batiyoun.chats.payloads import ChatRemoved, ChatUpdated, Resync
from batiyoun.chats.residence import Residence
from batiyoun.chats.store import ChatStore, LogStore
from batiyoun.errors import BatiyounError
from batiyoun.live import Nodes, Peer, chat_of, chat_room, open_room, user_of, user_room

logger = logging.getLogger(__name__)

#: what nodes tell each other about a person
ROSTER = "roster"
PAGE = 500


class Stamp(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What a node needs to know of an envelope besides its frame."""

    seq: int
    message_id: str
    sender_id: str
    change: RosterChange | None = None


class RosterWord(msgspec.Struct, array_like=True, frozen=True):
    """The user is in the chat since `seq`, or is not any more."""

    chat_id: str
    seq: int
    is_member: bool


class Arrival(msgspec.Struct, frozen=True, gc=False):
    """An envelope on its way to this node's members: `frame` is the prepared `new_message`."""

    stamp: Stamp
    frame: Any


_encode = msgspec.msgpack.Encoder().encode
_decode_stamp = msgspec.msgpack.Decoder(Stamp).decode
_decode_word = msgspec.msgpack.Decoder(RosterWord).decode


class Crossroads:
    """Keeps this node in step with the others."""

    def __init__(self, nodes: Nodes, log: LogStore, chats: ChatStore, fan_out: FanOut) -> None:
        self._nodes = nodes
        self._log = log
        self._chats = chats
        self._fan_out = fan_out
        self._residence: Residence | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._settling: asyncio.Task[None] | None = None
        self.order: InOrder[Arrival] = InOrder(
            apply=self._take_effect,
            fetch=self._fetch,
            heads=self._heads,
            skip=self._skip,
            is_here=lambda chat_id: bool(nodes.members(chat_room(chat_id))),
        )

    def settle_with(self, residence: Residence) -> None:
        """Whom to ask when somebody's chats changed elsewhere."""
        self._residence = residence

    async def close(self) -> None:
        """Follow nobody any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.order.close()

    # ── what happened here ────────────────────────────────────────────────────────────────────────────────────────────

    def appended(self, batch: Sequence[Appended]) -> None:
        """Envelopes that this node committed: to the others at once, to our own members in their turn."""
        for item in batch:
            envelope, change = item.envelope, item.change
            room = chat_room(envelope.chat_id)
            frame = self._nodes.prepare(room, "new_message", envelope)
            stamp = Stamp(envelope.seq, envelope.id, envelope.sender_id, change)
            self._nodes.send(room, frame, _encode(stamp))
            if change is not None:
                for user_id in change.remove:
                    self._tell_roster(user_id, RosterWord(envelope.chat_id, envelope.seq, is_member=False))
                for user_id in change.add:
                    self._tell_roster(user_id, RosterWord(envelope.chat_id, envelope.seq, is_member=True))
            self.order.arrived(envelope.chat_id, envelope.seq, Arrival(stamp, frame))

    def created(self, chat: Chat) -> None:
        """A new chat: everybody's sockets are in it, on every node."""
        for user_id in chat.members:
            self._fan_out.admit(chat.id, user_id)
            self._tell_roster(user_id, RosterWord(chat.id, 0, is_member=True))
        self.order.begin(chat.id, 0)
        self._begin(self._welcome(chat.id, list(chat.members)))

    async def _welcome(self, chat_id: str, user_ids: list[str]) -> None:
        """Tell them of the chat once nothing can be missed that follows what they read then."""
        await self._nodes.settled()
        for user_id in user_ids:
            self._nodes.publish_here(user_room(user_id), "chat_updated", ChatUpdated(chat_id))

    def _tell_roster(self, user_id: str, word: RosterWord) -> None:
        self._nodes.tell(user_room(user_id), ROSTER, _encode(word))

    # ── what happened elsewhere ───────────────────────────────────────────────────────────────────────────────────────

    def begin(self, chat_id: str, seq: int) -> None:
        """See `residence.Turns`."""
        self.order.begin(chat_id, seq)

    def missed(self, peer: Peer, chat_id: str, seq: int) -> None:
        """See `residence.Turns`: the chat was at work here before this member of it came in."""
        last = self.order.last(chat_id)
        if last > seq:
            self._begin(self._tell_missed(peer, chat_id, seq, last))

    async def _tell_missed(self, peer: Peer, chat_id: str, after: int, last: int) -> None:
        page = await self._log.page(chat_id, after=after, before=None, limit=min(last - after, PAGE), floor=0)
        if self._nodes.holds(chat_room(chat_id), peer):
            for envelope in page.messages:
                peer.emit("new_message", envelope)

    def waits(self, user_id: str, chat_id: str, joined_seq: int) -> bool:
        """See `residence.Turns`: nobody hears of a chat what was before them, also where that is late."""
        if not self.order.is_due(chat_id, joined_seq):
            return False
        self.order.promise(chat_id, joined_seq + 1, lambda: self._follow_later(user_id, chat_id))
        return True

    def closed(self, room: str) -> None:
        """A room has no members here any more."""
        if room.startswith("chat:"):
            self.order.end(chat_of(room))

    def stamped(self, room: str, frame: Any, stamp: bytes) -> None:
        """Another node committed an envelope."""
        arrival = Arrival(_decode_stamp(stamp), frame)
        self.order.arrived(chat_of(room), arrival.stamp.seq, arrival)

    def restored(self) -> None:
        """What other nodes said for a while was lost: compare with the store where chats end, and who is in which."""
        self.order.look_again()
        if self._settling is not None:
            self._settling.cancel()
        self._settling = self._begin(self._settle_all())

    async def _settle_all(self) -> None:
        for room in [room for room in self._nodes.rooms if room.startswith("user:")]:
            for socket in tuple(self._nodes.members(room)):
                before = frozenset(socket.rooms)
                await self._settle(socket)
                now = frozenset(socket.rooms)
                for lost in before - now:
                    if lost.startswith("chat:"):
                        socket.emit("chat_removed", ChatRemoved(chat_of(lost)))
                for gained in now - before:
                    socket.emit("chat_updated", ChatUpdated(chat_of(gained)))

    def roster(self, room: str, data: bytes) -> None:
        """Another node says that somebody with sockets here is in a chat now, or not any more."""
        word = _decode_word(data)
        user_id = user_of(room)
        if self._residence is not None:
            self._residence.changed(user_id)
        due = self.order.is_due(word.chat_id, word.seq)
        if word.is_member and due:
            # It takes effect in its turn, unless the chat is let go before.
            self.order.promise(word.chat_id, word.seq, lambda: self._follow_later(user_id, word.chat_id))
        elif word.is_member:
            self._follow_later(user_id, word.chat_id)
        elif due:
            # Leaving early does no harm, and the envelope may have been published before we listened.
            self._fan_out.left(word.chat_id, user_id)

    def _follow_later(self, user_id: str, chat_id: str) -> None:
        if any(not self._nodes.holds(chat_room(chat_id), socket) for socket in self._nodes.members(user_room(user_id))):
            self._begin(self._follow(user_id, chat_id))

    async def _follow(self, user_id: str, chat_id: str) -> None:
        """Bring the user's sockets to where the store says they belong, then tell them."""
        for socket in tuple(self._nodes.members(user_room(user_id))):
            await self._settle(socket, chat_id)
        await self.order.look_at(chat_id)
        self._nodes.publish_here(user_room(user_id), "chat_updated", ChatUpdated(chat_id))

    async def _settle(self, socket: Any, since_joining: str | None = None) -> None:
        """Put a socket in the rooms where the store says it belongs; while the store is away, later."""
        while self._residence is not None and self._nodes.holds(user_room(socket.data.user_id), socket):
            try:
                await self._residence.settle(socket, since_joining)
            except BatiyounError:
                await asyncio.sleep(AGAIN)
            else:
                return

    # ── for the order ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _take_effect(self, chat_id: str, seq: int, arrival: Arrival) -> None:
        stamp = arrival.stamp
        self._fan_out.noted(chat_id, seq, stamp.message_id, stamp.sender_id)
        if stamp.change is not None:
            self._fan_out.moved(chat_id, stamp.change)
        self._nodes.deliver(chat_room(chat_id), arrival.frame)

    async def _fetch(self, chat_id: str, after: int, limit: int) -> Mapping[int, Arrival]:
        page = await self._log.page(chat_id, after=after, before=None, limit=min(limit, PAGE), floor=0)
        return {envelope.seq: self._arrival(envelope) for envelope in page.messages}

    def _arrival(self, envelope: Envelope) -> Arrival:
        stamp = Stamp(envelope.seq, envelope.id, envelope.sender_id, change_of(envelope))
        return Arrival(stamp, self._nodes.prepare(chat_room(envelope.chat_id), "new_message", envelope))

    async def _heads(self, chat_ids: Collection[str]) -> Mapping[str, int]:
        return await self._chats.heads(chat_ids)

    async def _skip(self, chat_id: str, last: int) -> None:
        """Have the rooms as they are after `last`, and tell the members to fetch."""
        chat = await self._chats.get(chat_id)
        members = chat.members if chat is not None else {}
        room = chat_room(chat_id)
        for socket in tuple(self._nodes.members(room)):
            if socket.data.user_id not in members:
                self._nodes.leave(socket, room)
                self._nodes.leave(socket, open_room(chat_id))
                socket.emit("chat_removed", ChatRemoved(chat_id))
        for member in members.values():
            if member.joined_seq <= last:
                for socket in tuple(self._nodes.members(user_room(member.user_id))):
                    self._nodes.join(socket, room)
        self._nodes.publish_here(room, "resync", Resync("gap"))

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(self._quietly(work), name="crossroads")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _quietly(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception:
            logger.exception("a change of another node could not be followed; `sync` puts it right")


def change_of(envelope: Envelope) -> RosterChange | None:
    """What a system envelope that is read from the log did to the rooms (see `members.py` for what it says)."""
    if envelope.kind != "system":
        return None
    users = envelope.metadata.get("userIds", ())
    if envelope.type == "members_added":
        return RosterChange(add=dict.fromkeys(users, Role.MEMBER))
    if envelope.type in {"member_removed", "member_left"}:
        return RosterChange(remove=tuple(users))
    return RosterChange()
