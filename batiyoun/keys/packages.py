"""Rules of key packages: what a device may upload, and how others get it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from batiyoun.errors import InvalidInput
from batiyoun.keys.certificate import check_certificate, read_certificate
from batiyoun.keys.devices import Devices
from batiyoun.keys.errors import CertificateInvalid, KeyPackageInvalid
from batiyoun.keys.model import (
    CLOCK_SKEW,
    KEY_BYTES,
    LEAST_LIFE,
    LONGEST_LIFE,
    LOW,
    MAX_KEY_PACKAGE,
    MAX_WAITING,
    SUITE,
    Device,
    Package,
)
from batiyoun.keys.store import PackageStore
from batiyoun.keys.telling import Telling
from batiyoun.limiting import Limiter, Rate
from batiyoun.runtime import Runtime
from batiyoun.wire.mls import MlsError, parse
from batiyoun.wire.mls.model import KeyPackage

#: by pair of who claims and the device: beyond it there is the last resort, so nobody can use up somebody's packages
DRAIN = Rate("claims of a device", burst=10, period=600)


class Packages:
    """Key packages of devices. `guard` is off where rate limits are."""

    def __init__(
        self, store: PackageStore, devices: Devices, telling: Telling, runtime: Runtime, *, guard: bool
    ) -> None:
        self._store = store
        self._devices = devices
        self._telling = telling
        self._runtime = runtime
        self._drain = Limiter(DRAIN) if guard else None

    async def upload(self, device: Device, packages: Sequence[bytes], last_resort: bytes | None) -> int:
        """Keep key packages of this device; returns how many one-time ones wait. Raises `KeyPackageInvalid`.

        With the first ones the device can be let into groups: who looked for it before and found none is told.
        """
        once = [self._check(device, data, f"packages.{at}") for at, data in enumerate(packages)]
        if any(found.last_resort for found, _ in once):
            raise KeyPackageInvalid(fields={"packages": "A package of last resort belongs in lastResort."})
        if len({kept.ref for _, kept in once}) != len(once):
            raise KeyPackageInvalid(fields={"packages": "A package is there twice."})
        now = self._runtime.utcnow()
        before = await self._store.waiting(device.id, now)
        if last_resort is not None:
            found, kept = self._check(device, last_resort, "lastResort")
            if not found.last_resort:
                raise KeyPackageInvalid(fields={"lastResort": "This is no package of last resort."})
            if not await self._store.put_last_resort(device.id, kept):
                raise KeyPackageInvalid
        left = await self._store.add(device.id, [kept for _, kept in once], limit=MAX_WAITING, now=now)
        if left is None:  # the device ended at this moment
            raise KeyPackageInvalid
        if before == (0, False):
            await self._telling.devices_changed(device.user_id)
        await self._devices.seen(device)
        return left

    async def waiting(self, device: Device) -> tuple[int, bool]:
        """(how many one-time packages wait, whether there is a last resort)."""
        await self._devices.seen(device)
        return await self._store.waiting(device.id, self._runtime.utcnow())

    async def claim(self, claimer: Device, wanted: Mapping[str, str]) -> dict[str, bytes]:
        """A key package for each device (device id → whose it is) that has one; one-time ones are gone by it."""
        if claimer.id in wanted:
            raise InvalidInput(fields={"devices": "Nobody adds their own device to a group that it is in."})
        now = self._runtime.utcnow()
        spare = {device_id for device_id in wanted if not self._may_take(claimer, device_id)}
        claimed = await self._store.claim(wanted, spare=spare, now=now)
        low = {key: one.left for key, one in claimed.items() if one.left is not None and one.left < LOW}
        low |= {device_id: 0 for device_id in wanted if device_id not in claimed}
        for user_id in {wanted[device_id] for device_id in low}:
            await self._tell_low(user_id, low)
        return {device_id: one.data for device_id, one in claimed.items()}

    async def sweep(self) -> None:
        """Forget what is over. Raises `Unavailable`."""
        await self._store.sweep(self._runtime.utcnow())

    def _may_take(self, claimer: Device, device_id: str) -> bool:
        if self._drain is None:
            return True
        return self._drain.hit(f"{claimer.user_id} {device_id}", self._runtime.monotonic()).allowed

    async def _tell_low(self, user_id: str, left: Mapping[str, int]) -> None:
        for device in await self._devices.of_user(user_id):
            if device.id in left:
                self._telling.packages_low(device.session_id, left[device.id])

    def _check(self, device: Device, data: bytes, field: str) -> tuple[KeyPackage, Package]:
        """What the server can know of a key package: whose it is, for which suite, and for how long. Not its signature:
        whoever adds the device checks that."""

        def refuse(why: str) -> KeyPackageInvalid:
            return KeyPackageInvalid(fields={field: why})

        if len(data) > MAX_KEY_PACKAGE:
            raise refuse(f"A key package has at most {MAX_KEY_PACKAGE} bytes.")
        try:
            found = parse(data)
        except MlsError as error:
            raise refuse("This is no MLS message.") from error
        if not isinstance(found, KeyPackage) or found.ref is None or found.leaf.lifetime is None:
            raise refuse("This is no key package.")
        if found.suite != SUITE:
            raise refuse(f"The suite must be {SUITE}.")
        if found.leaf.signature_key != device.signature_key or len(found.leaf.signature_key) != KEY_BYTES:
            raise refuse("It is of another device.")
        try:
            self._check_credential(device, found.leaf.identity or b"")
        except CertificateInvalid as error:
            raise refuse("Its credential is not the certificate of this device.") from error
        not_before, not_after = found.leaf.lifetime
        now = self._runtime.now()
        if not_before > now + CLOCK_SKEW.total_seconds() or not_after < now + LEAST_LIFE.total_seconds():
            raise refuse("It is not valid now, or is over within the hour.")
        if not_after > now + LONGEST_LIFE.total_seconds():
            raise refuse(f"It lasts for more than {LONGEST_LIFE.days} days.")
        return found, Package(found.ref, data, not_after)

    def _check_credential(self, device: Device, credential: bytes) -> None:
        """The certificate that is registered, or another good one: it may just have been renewed."""
        check_certificate(
            credential,
            user_id=device.user_id,
            device_id=device.id,
            identity_key=read_certificate(device.certificate).identity_key,
            signature_key=device.signature_key,
            now=self._runtime.now(),
        )
