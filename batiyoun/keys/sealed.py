"""Rules of what people keep sealed on the server: wrapped keys, an archive, and letters between their own devices.

The server sees sizes and times. The client must check what it gets: the seals say whether it is the right thing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from batiyoun.audit.service import Audit
from batiyoun.auth.model import Principal
from batiyoun.errors import NotFound, RateLimited
from batiyoun.keys.errors import ArchiveFull, IdentityMissing, LinkTaken
from batiyoun.keys.model import ARCHIVE_QUOTA, LINK_LIFETIME, MAX_BATCHES, MAX_LINKS, Batch, PasskeyCopy
from batiyoun.keys.store import SealedStore
from batiyoun.keys.telling import Telling
from batiyoun.runtime import Runtime

#: the same for passkeys of others, for those that keep nothing, and for none at all
NO_PASSKEY = "Nothing is kept with this passkey."


class Sealed:
    """Recovery, archive, and the mailbox in which two devices of one person meet."""

    def __init__(self, store: SealedStore, telling: Telling, audit: Audit, runtime: Runtime) -> None:
        self._store = store
        self._telling = telling
        self._audit = audit
        self._runtime = runtime

    async def put_recovery(self, principal: Principal, wrapped: bytes, *, user_agent: str) -> None:
        """Keep the keys that a recovery code opens, in the place of earlier ones. Raises `IdentityMissing`.

        With an earlier code, the ways by passkeys end: whoever changes the code wants nothing of before to count.
        """
        if not await self._store.put_recovery(principal.user_id, wrapped, self._runtime.utcnow()):
            raise IdentityMissing
        await self._audit.record(
            "key_recovery_set", principal.user_id, session_id=principal.session_id, user_agent=user_agent
        )

    async def recovery(self, principal: Principal, *, user_agent: str) -> tuple[bytes, datetime]:
        """(wrapped keys, since when), for whoever types a recovery code next. Raises `NotFound`."""
        found = await self._store.recovery(principal.user_id)
        if found is None:
            raise NotFound("There is no recovery code for this account.")
        await self._audit.record(
            "key_recovery_read", principal.user_id, session_id=principal.session_id, user_agent=user_agent
        )
        return found

    async def recovery_since(self, user_id: str) -> datetime | None:
        """Since when there is a recovery code; None: there is none. The wrapped keys themselves are not handed out."""
        found = await self._store.recovery(user_id)
        return None if found is None else found[1]

    async def put_passkey(self, principal: Principal, credential_id: bytes, wrapped: bytes, *, user_agent: str) -> None:
        """Keep the keys that a passkey of the person opens, for as long as they have it.

        Raises `IdentityMissing`, `NotFound` for a passkey that they do not have.
        """
        kept = await self._store.put_passkey(principal.user_id, credential_id, wrapped, self._runtime.utcnow())
        if kept is None:
            raise IdentityMissing
        if not kept:
            raise NotFound(NO_PASSKEY)
        await self._audit.record(
            "key_passkey_set", principal.user_id, session_id=principal.session_id, user_agent=user_agent
        )

    async def passkeys(self, user_id: str) -> Sequence[PasskeyCopy]:
        """Which passkeys open the person's keys, the newest copy first. The wrapped keys are not handed out."""
        return await self._store.passkeys(user_id)

    async def passkey(self, principal: Principal, credential_id: bytes, *, user_agent: str) -> tuple[bytes, datetime]:
        """(wrapped keys, since when), for whoever uses that passkey next. Raises `NotFound`."""
        found = await self._store.passkey(principal.user_id, credential_id)
        if found is None:
            raise NotFound(NO_PASSKEY)
        await self._audit.record(
            "key_passkey_read", principal.user_id, session_id=principal.session_id, user_agent=user_agent
        )
        return found

    async def put_batch(self, user_id: str, chat_id: str, number: int, data: bytes) -> None:
        """Keep a piece of the archive. Raises `ArchiveFull`, `IdentityMissing`.

        What is of no chat lies under the person's own id: their other devices hear of it.
        """
        kept = await self._store.put_batch(
            user_id, chat_id, number, data, self._runtime.utcnow(), quota=ARCHIVE_QUOTA, limit=MAX_BATCHES
        )
        if kept is None:
            raise IdentityMissing
        if not kept:
            raise ArchiveFull
        if chat_id == user_id:
            self._telling.marks_changed(user_id)

    async def batch(self, user_id: str, chat_id: str, number: int) -> bytes:
        """A piece of the archive. Raises `NotFound`."""
        data = await self._store.batch(user_id, chat_id, number)
        if data is None:
            raise NotFound("There is no such piece of the archive.")
        return data

    async def batches(self, user_id: str, chat_id: str) -> Sequence[Batch]:
        """What the archive has of a chat, by number."""
        return await self._store.batches(user_id, chat_id)

    async def drop_batches(self, user_id: str, chat_id: str) -> None:
        """Forget what the archive has of a chat."""
        await self._store.drop_batches(user_id, chat_id)

    async def put_link(self, user_id: str, nonce: str, data: bytes) -> datetime:
        """Leave a letter for another of one's own devices; returns until when. The first one stays.

        Raises `LinkTaken`, `RateLimited` when too many wait.
        """
        now = self._runtime.utcnow()
        until = now + LINK_LIFETIME
        kept = await self._store.put_link(user_id, nonce, data, now=now, until=until, limit=MAX_LINKS)
        if kept is None:
            raise RateLimited(retry_after=LINK_LIFETIME.total_seconds())
        if kept != data:
            raise LinkTaken
        return until

    async def link(self, user_id: str, nonce: str) -> bytes:
        """The letter. Raises `NotFound` while there is none, and after its time."""
        data = await self._store.link(user_id, nonce, self._runtime.utcnow())
        if data is None:
            raise NotFound("There is nothing here yet, or the code is too old.")
        return data
