"""Rules of devices: which sign-in holds which keys, and when a device is gone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from batiyoun.audit.model import AuditKind
from batiyoun.audit.service import Audit
from batiyoun.auth.model import Principal
from batiyoun.auth.service import AuthService
from batiyoun.errors import NotFound, Unavailable
from batiyoun.keys.certificate import challenge_of, check_certificate, check_return
from batiyoun.keys.directory import Directory
from batiyoun.keys.errors import DeviceLimit, DeviceMissing, DeviceTaken, IdentityMissing
from batiyoun.keys.model import DORMANT, MAX_DEVICES, Device, IdentityKey
from batiyoun.keys.store import DeviceStore, IdentityStore
from batiyoun.keys.telling import Telling
from batiyoun.runtime import Runtime

log = logging.getLogger(__name__)

#: devices looked at in one go
SWEPT = 200


class Devices:
    """The devices of people. `bound(user id, session id, device id)` is called after a session was bound to one."""

    def __init__(
        self,
        store: DeviceStore,
        identities: IdentityStore,
        directory: Directory,
        telling: Telling,
        *,
        auth: AuthService,
        audit: Audit,
        bound: Callable[[str, str, str | None], None],
        runtime: Runtime,
    ) -> None:
        self._store = store
        self._identities = identities
        self._directory = directory
        self._telling = telling
        self._auth = auth
        self._audit = audit
        self._bound = bound
        self._runtime = runtime
        self._tasks: set[asyncio.Task[None]] = set()
        auth.on_revoked.append(self._session_ended)

    async def close(self) -> None:
        """Finish what is under way."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def register(
        self,
        principal: Principal,
        device_id: str,
        *,
        certificate: bytes,
        signature_key: bytes,
        name: str,
        user_agent: str,
        proof: bytes | None = None,
    ) -> Device:
        """Bind the principal's session to this device, or renew its certificate and name.

        A session has one device: another that it had until now is gone. A device whose session ran out comes back with
        a `proof` that it has its key still (`check_return`): a sign-in and a certificate that anybody can fetch are not
        enough. Raises `IdentityMissing`, `CertificateInvalid`, `DeviceTaken`, `DeviceProofNeeded`, `DeviceLimit`,
        `Unavailable`.
        """
        identity = await self._identity(principal.user_id)
        check_certificate(
            certificate,
            user_id=principal.user_id,
            device_id=device_id,
            identity_key=identity.key,
            signature_key=signature_key,
            now=self._runtime.now(),
        )
        now = self._runtime.utcnow()
        device = Device(device_id, principal.user_id, principal.session_id, name, certificate, signature_key, now, now)
        before = await self._store.by_id(device_id)
        await self._may_have(device, before, proof)
        await self._make_room(device)
        if not await self._store.put(device, limit=MAX_DEVICES):
            raise await self._refusal(device)
        if self._auth.has_ended(principal):  # meanwhile, and whoever ended it found no device
            await self.end(device_id, seen_at=now)
            raise DeviceTaken
        await self._bind(principal.user_id, principal.session_id, device_id)
        if before is None or before.certificate != certificate:
            self._directory.forget(principal.user_id)
            await self._telling.devices_changed(principal.user_id)
        if before is None:
            await self._note("device_added", principal, user_agent)
        return device

    async def of_user(self, user_id: str) -> Sequence[Device]:
        """The person's devices, the oldest first. Raises `Unavailable`."""
        return await self._store.of_user(user_id)

    async def public(self, user_id: str) -> tuple[IdentityKey, Sequence[Device]]:
        """What others encrypt for. Raises `IdentityMissing` for somebody without keys, and for nobody."""
        if await self._auth.person(user_id) is None:
            raise IdentityMissing
        return await self._identity(user_id), await self._store.of_user(user_id)

    async def own(self, principal: Principal) -> Device:
        """The device of this session. Raises `DeviceMissing`, `Unavailable`."""
        device = None if principal.scopes is not None else await self._store.of_session(principal.session_id)
        if device is None or device.user_id != principal.user_id:
            raise DeviceMissing
        return device

    async def seen(self, device: Device) -> None:
        """The device is in use; written at most once an hour."""
        now = self._runtime.utcnow()
        if (now - device.last_seen_at).total_seconds() >= 3600:
            await self._store.seen(device.id, now)

    async def remove(self, principal: Principal, device_id: str, *, user_agent: str) -> Device:
        """End one of one's own devices and its sign-in. Raises `NotFound`, `Unavailable`."""
        device = await self._store.by_id(device_id)
        if device is None or device.user_id != principal.user_id:
            raise NotFound("There is no such device. It may be gone already.")
        await self.end(device_id, seen_at=self._runtime.utcnow())
        await self._auth.revoke(device.session_id)
        await self._note("device_removed", principal, user_agent)
        return device

    async def end(self, device_id: str, *, seen_at: datetime | None = None) -> None:
        """The device is gone, with its key packages; its leaves are due for removal."""
        device = await self._store.remove(device_id, seen_at=seen_at)
        if device is not None:
            await self.ended([device])

    async def ended(self, devices: Sequence[Device]) -> None:
        """These devices are in the store no more: tell everybody."""
        for device in devices:
            await self._directory.gone(device.user_id, device.id)
        for user_id in {device.user_id for device in devices}:
            await self._telling.devices_changed(user_id)

    async def unbind(self, user_id: str, session_id: str) -> None:
        """The session goes on without a device."""
        await self._bind(user_id, session_id, None)

    # ── sessions that end ─────────────────────────────────────────────────────────────────────────────────────────────

    async def look_at(self, user_id: str) -> None:
        """Somebody decided about this person elsewhere: end the devices of sessions that are over."""
        self._directory.forget(user_id)
        devices = await self._store.of_user(user_id)
        living = await self._auth.living([device.session_id for device in devices])
        for device in devices:
            if device.session_id not in living:
                await self.end(device.id)

    async def sweep(self) -> None:
        """End devices that nobody has come back to. Raises `Unavailable`."""
        late = await self._store.not_seen_since(self._runtime.utcnow() - DORMANT, SWEPT)
        living = await self._auth.living([device.session_id for device in late])
        for device in late:
            if device.session_id in living:
                await self.seen(device)
            else:
                await self.end(device.id)

    def _session_ended(self, session_id: str, user_id: str) -> None:
        # what groups are told must not wait for the database
        self._directory.forget(user_id)
        task = asyncio.get_running_loop().create_task(self._end_of(session_id), name="device of an ended session")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _end_of(self, session_id: str) -> None:
        for pause in (0.5, 5.0, None):
            try:
                device = await self._store.of_session(session_id)
                if device is not None:
                    await self.end(device.id, seen_at=self._runtime.utcnow())
            except Unavailable:
                if pause is None:
                    log.exception("the device of an ended session stays until its person ends it")
                else:
                    await asyncio.sleep(pause)
            else:
                return

    # ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _bind(self, user_id: str, session_id: str, device_id: str | None) -> None:
        await self._auth.bind_device(session_id, device_id)
        self._bound(user_id, session_id, device_id)

    async def _identity(self, user_id: str) -> IdentityKey:
        identity = await self._identities.of(user_id)
        if identity is None:
            raise IdentityMissing
        return identity

    async def _may_have(self, device: Device, before: Device | None, proof: bytes | None) -> None:
        """Whether the session may have this device, which is bound as in `before`."""
        if before is None:
            return
        if (before.user_id, before.signature_key) != (device.user_id, device.signature_key):
            raise DeviceTaken
        if before.session_id == device.session_id:
            return
        if await self._auth.living([before.session_id]):
            raise DeviceTaken
        challenge = challenge_of(
            user_id=device.user_id, device_id=device.id, session_id=device.session_id, before=before.session_id
        )
        check_return(proof, challenge, user_id=device.user_id, device_id=device.id, signature_key=before.signature_key)

    async def _make_room(self, device: Device) -> None:
        """End what is in the way and may be ended: another device of this very session."""
        other = await self._store.of_session(device.session_id)
        if other is not None and other.id != device.id:
            await self.end(other.id)

    async def _refusal(self, device: Device) -> Exception:
        await self._identity(device.user_id)
        if await self._store.by_id(device.id) is not None:
            return DeviceTaken()
        return DeviceLimit()

    async def _note(self, kind: AuditKind, principal: Principal, user_agent: str) -> None:
        await self._audit.record(kind, principal.user_id, session_id=principal.session_id, user_agent=user_agent)
