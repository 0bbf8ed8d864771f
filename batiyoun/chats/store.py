"""What must be kept about chats: two ports, implemented by `storage/*` and proved by one contract suite.

Chats and the log live in one store because a membership change *is* an envelope: the row and its effect on the roster
are one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from batiyoun.chats.model import Chat, Draft, Envelope, Member, Membership, NewChat, Outcome, Page, Receipt


class LogStore(Protocol):
    """The gap-free log of every chat.

    Guarantees: when `append` returns, every `Appended` row survives a power cut; `seq` grows by one per chat with no
    gap and nobody can read n+1 before n; `(chatId, senderId, clientId)` is unique; no reader ever sees a row that a
    power cut could take back.
    """

    async def append(self, batch: Sequence[Draft]) -> list[Outcome]:
        """Store the drafts in order; one outcome per draft, in the same order. A chat's are stored together or not.

        A draft is `Refused` on its own (sender not a member or without the role it requires at this point of the log:
        `ChatNotFound`, `Forbidden`, what `barred` says; clientId with another digest: `ClientIdReused`) without harm to
        the others.
        A clientId is looked at first: a retry of what is stored gets its envelope even after the sender left. Who is
        added by an envelope has `joined_seq = seq - 1` and all cursors there; `Appended.change` is what really changed.

        A draft that `Refused(Unavailable)` answers was not stored, or nobody can say in time: the same clientId finds
        out. Raises `Unavailable` when that is so for the whole batch, and `DurabilityLost` (chats/durability.py) when
        it was committed but nobody can say whether it is durable.
        """
        ...

    async def page(self, chat_id: str, *, after: int | None, before: int | None, limit: int, floor: int) -> Page:
        """Up to `limit` envelopes with `seq > max(after, floor)`, or the last ones with `floor < seq < before`.

        Without `after` and `before`: the newest. Ascending. `has_more`: there is more in the direction asked for.
        """
        ...

    async def redact(self, chat_id: str, seq: int) -> None:
        """Wipe the message at `seq`: its content, `iv`, `mls` and metadata are gone, durably, on return.

        What stays is a tombstone of type `redacted` that keeps its place, id, sender, clientId and time, does not count
        as unread, and still answers a retry of what was sent. Again, and where there is no message, nothing happens.
        """
        ...

    async def locate(self, user_id: str, message_id: str) -> Envelope | None:
        """The envelope of that id in one of the user's chats (the seed's receipts carry only `messageId`)."""
        ...


class ChatStore(Protocol):
    """Chats, their rosters and receipt cursors. The same durability as the log."""

    async def create(self, chat: NewChat) -> tuple[Chat, bool]:
        """Make the chat, or return the existing one of the same `direct_key`; the flag says whether it is new.

        Where a chat of this `id` exists: if the same creator made it with the same `digest` it is returned as it is
        now, else (also when either has no digest) `ClientIdReused` is raised, and nothing tells what is there.
        A creation appends no envelope: `head_seq` starts at 0 and every member's `joined_seq` is 0.
        """
        ...

    async def get(self, chat_id: str) -> Chat | None:
        """The chat with its whole roster."""
        ...

    async def list_of(self, user_id: str, *, limit: int, before: str | None) -> list[tuple[Chat, Envelope | None, int]]:
        """The user's chats, newest activity first: (chat, last message, unread).

        `before` is the id of the last chat of the previous page. The last message is the newest of kind `message`
        after the member's `joined_seq`; unread counts kind `message`, `notify` true, not one's own, after `read_seq`:
        exactly when at most 1,000 envelopes follow it, otherwise an upper bound. Activity is the last message's time,
        or the creation of a chat without messages; a `before` that the user is not in any more starts at the top.
        """
        ...

    async def summary(self, chat_id: str, member: Member) -> tuple[Envelope | None, int]:
        """The last message and the unread count of one chat for one member, as `list_of` gives them."""
        ...

    async def memberships(self, user_id: str) -> list[Membership]:
        """All chats of the user, cheaply: asked at every connect and sync."""
        ...

    async def heads(self, chat_ids: Collection[str]) -> dict[str, int]:
        """The newest `seq` of each of these chats that exist: asked for many at once after a lost connection."""
        ...

    async def advance(self, receipts: Sequence[Receipt]) -> list[Receipt]:
        """Move the cursors forward (never back, never past the head; a read also delivers).

        Returns those that moved something, with the `seq` they reached. Receipts of non-members are ignored.
        """
        ...
