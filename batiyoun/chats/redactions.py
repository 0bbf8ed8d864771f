"""Deleting a message for everybody: the server wipes what was said, its place in the log stays (design D5)."""

from __future__ import annotations

import hashlib

from batiyoun.chats.checks import access_chat
from batiyoun.chats.log import Log
from batiyoun.chats.model import OF_SERVER, REDACTED, Draft, Envelope, Role
from batiyoun.chats.store import ChatStore, LogStore
from batiyoun.errors import Forbidden, NotFound
from batiyoun.live import Caller
from batiyoun.runtime import Runtime


class Redactions:
    """Wipes messages. The members hear of it by an envelope of kind `system`, as of every change."""

    def __init__(self, chats: ChatStore, log_store: LogStore, log: Log, runtime: Runtime) -> None:
        self._chats = chats
        self._log_store = log_store
        self._log = log
        self._runtime = runtime

    async def redact(self, caller: Caller, chat_id: str, seq: int) -> Envelope:
        """Wipe the message at `seq`; returns the envelope that says so. One's own, or as an admin of a group anybody's.

        Again, it does what is left to do. First the content goes, then it is told: whoever hears of it can rely on it.
        Raises `ChatNotFound`, `NotFound` (no message there, or from before one joined), `Forbidden`, `Unavailable`.
        """
        chat, member = access_chat(await self._chats.get(chat_id), caller.user_id)
        page = await self._log_store.page(chat_id, after=seq - 1, before=None, limit=1, floor=member.joined_seq)
        message = next((envelope for envelope in page.messages if envelope.seq == seq), None)
        if message is None or message.kind != "message":
            raise NotFound("There is no such message. It may be from before you joined.")
        by_admin = chat.type == "group" and member.role >= Role.ADMIN
        if message.sender_id != caller.user_id and not by_admin:
            raise Forbidden("Only its sender or an admin can delete a message for everybody.")
        await self._log_store.redact(chat_id, seq)
        name = f"{OF_SERVER}redaction-{seq}"
        told = await self._log.send(
            Draft(
                id=self._runtime.new_id(),
                chat_id=chat_id,
                sender_id=caller.user_id,
                sender_device_id=caller.device_id,
                client_id=name,
                kind="system",
                type=REDACTED,
                content="",
                iv=None,
                encrypted=False,
                mls=None,
                metadata={"seq": seq, "messageId": message.id},
                notify=False,
                digest=hashlib.blake2b(name.encode(), digest_size=16).digest(),
            )
        )
        return told.envelope
