"""Rules of identity keys: made once, and replaced only by somebody whose devices had the time to object."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from batiyoun.audit.model import AuditKind
from batiyoun.audit.service import Audit
from batiyoun.auth.model import Principal
from batiyoun.auth.service import AuthService
from batiyoun.errors import NotFound
from batiyoun.keys.devices import Devices
from batiyoun.keys.errors import IdentityExists, IdentityMissing, ResetWaits
from batiyoun.keys.model import RESET_WAIT, SEEN_LATELY, Device, IdentityKey, Reset
from batiyoun.keys.store import IdentityStore
from batiyoun.keys.telling import Telling
from batiyoun.mail.model import Language, Letter
from batiyoun.mail.service import Post
from batiyoun.runtime import Runtime


class Identities:
    """Identity keys of people. `place` is the address of this server, which the letters name.

    A sign-in alone never replaces a key: whoever stole a password would become the person for everybody. Who has (or
    lately had) another device waits, and every device and the mailbox are told, so that the person can cancel.
    """

    def __init__(
        self,
        store: IdentityStore,
        devices: Devices,
        telling: Telling,
        *,
        auth: AuthService,
        audit: Audit,
        post: Post,
        place: str,
        runtime: Runtime,
    ) -> None:
        self._store = store
        self._devices = devices
        self._telling = telling
        self._auth = auth
        self._audit = audit
        self._post = post
        self._place = place
        self._runtime = runtime

    async def put(self, principal: Principal, key: bytes) -> tuple[IdentityKey, bool]:
        """Keep the person's first key; (it, whether it is new). Raises `IdentityExists` for another one."""
        await self._settle(principal.user_id)
        before = await self._store.of(principal.user_id)
        kept = before or await self._store.put(principal.user_id, key, self._runtime.utcnow())
        if kept.key != key:
            raise IdentityExists
        if before is None:
            await self._telling.devices_changed(principal.user_id)
        return kept, before is None

    async def of(self, user_id: str) -> IdentityKey:
        """The person's key. Raises `IdentityMissing`."""
        await self._settle(user_id)
        identity = await self._store.of(user_id)
        if identity is None:
            raise IdentityMissing
        return identity

    async def ask_reset(self, principal: Principal, key: bytes, *, user_agent: str, language: Language) -> Reset | None:
        """Start over with this key: at once (None), or when the returned time has come.

        The caller has proved lately who they are. Raises `IdentityMissing`, `ResetWaits`.
        """
        identity = await self.of(principal.user_id)
        now = self._runtime.utcnow()
        waits = await self._other_device_lately(principal, identity)
        reset = Reset(key, now + RESET_WAIT if waits else now, principal.session_id)
        if not await self._store.ask_reset(principal.user_id, reset):
            raise ResetWaits
        if not waits and await self._take_effect(principal.user_id, reset):
            await self._write(principal.user_id, "keys_reset", language)
            return None
        await self._note("identity_reset_asked", principal, user_agent)
        self._telling.reset(principal.user_id, reset.at)
        await self._write(principal.user_id, "keys_reset_waits", language)
        return reset

    async def cancel_reset(self, principal: Principal, *, user_agent: str) -> None:
        """Keep the present key. Any device may say so. Raises `NotFound` when nothing waits."""
        if not await self._store.cancel_reset(principal.user_id):
            raise NotFound("Nobody is starting over. There is nothing to cancel.")
        self._telling.reset(principal.user_id, None)
        await self._note("identity_reset_cancelled", principal, user_agent)

    async def sweep(self) -> None:
        """Let take effect what is due. Raises `Unavailable`."""
        for user_id, reset in await self._store.due_resets(self._runtime.utcnow()):
            await self._settle_one(user_id, reset)

    # ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _other_device_lately(self, principal: Principal, identity: IdentityKey) -> bool:
        """Another device than that of this session was seen, whether it is there still or gone since.

        Gone ones count, or a thief would sign the person out everywhere first.
        """
        since = self._runtime.utcnow() - SEEN_LATELY
        if identity.seen_at is not None and identity.seen_at >= since:
            return True
        sessions = {session.id: session.last_seen_at for session in await self._auth.sessions_of(principal.user_id)}
        others = [
            device for device in await self._devices.of_user(principal.user_id)
            if device.session_id != principal.session_id
        ]  # fmt: skip
        return any(
            max(device.last_seen_at, sessions.get(device.session_id, device.last_seen_at)) >= since for device in others
        )

    async def _settle(self, user_id: str) -> None:
        identity = await self._store.of(user_id)
        if identity is not None and identity.reset is not None and identity.reset.at <= self._runtime.utcnow():
            await self._settle_one(user_id, identity.reset)

    async def _settle_one(self, user_id: str, reset: Reset) -> None:
        """Its time has come; but who signed out the one who asked for it did not want it."""
        if not await self._auth.living([reset.session_id]):
            if await self._store.cancel_reset(user_id, reset.session_id):
                self._telling.reset(user_id, None)
            return
        await self._take_effect(user_id, reset)

    async def _take_effect(self, user_id: str, reset: Reset) -> bool:
        gone = await self._store.reset(user_id, reset, self._runtime.utcnow())
        if gone is None:  # cancelled at this moment, or another process was first
            return False
        await self._audit.record("identity_reset", user_id, session_id=reset.session_id)
        self._telling.reset(user_id, None)
        await self._end(gone, reset.session_id)
        await self._devices.ended(gone)
        if not gone:
            await self._telling.devices_changed(user_id)
        return True

    async def _end(self, gone: Sequence[Device], own_session: str) -> None:
        """Sign out the devices that were lost; whoever starts over goes on."""
        for device in gone:
            if device.session_id == own_session:
                await self._devices.unbind(device.user_id, own_session)
            else:
                await self._auth.revoke(device.session_id)

    async def _note(self, kind: AuditKind, principal: Principal, user_agent: str) -> None:
        await self._audit.record(kind, principal.user_id, session_id=principal.session_id, user_agent=user_agent)

    async def _write(self, user_id: str, kind: Literal["keys_reset", "keys_reset_waits"], language: Language) -> None:
        person = await self._auth.person(user_id)
        if person is not None and self._post.reaches_people:
            values = {"place": self._place, "hours": str(int(RESET_WAIT.total_seconds() // 3600))}
            self._post.send(Letter(person.email, kind, language, values))
