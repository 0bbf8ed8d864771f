"""Where keys are kept. The guarantees are checked on every database by the same contract suite."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from batiyoun.keys.model import Batch, Claimed, Device, DeviceRecord, IdentityKey, Package, PasskeyCopy, Reset


class DirectoryStore(Protocol):
    """Which devices people have."""

    async def records(self, user_ids: Collection[str]) -> list[DeviceRecord]:
        """The devices of these people, the oldest first; disabled people have none."""
        ...


class IdentityStore(Protocol):
    """Identity keys."""

    async def put(self, user_id: str, key: bytes, now: datetime) -> IdentityKey:
        """Keep the person's first key; returns the one that is kept, which may be another. Durable on return."""
        ...

    async def of(self, user_id: str) -> IdentityKey | None:
        """The person's key."""
        ...

    async def ask_reset(self, user_id: str, reset: Reset) -> bool:
        """Note which key takes the place, unless another waits already. Durable on return."""
        ...

    async def cancel_reset(self, user_id: str, session_id: str | None = None) -> bool:
        """Forget the key that waits (with `session_id`: only that of this session); whether there was one."""
        ...

    async def reset(self, user_id: str, reset: Reset, now: datetime) -> list[Device] | None:
        """Put the new key in the place of the old, if `reset` is what waits; None when it is not.

        In one transaction all devices of the person (which are returned), their key packages, what recovery codes and
        passkeys open and the archive are gone: nothing of them fits the new key.
        """
        ...

    async def due_resets(self, now: datetime) -> list[tuple[str, Reset]]:
        """(user id, reset) of everything whose time has come."""
        ...


class DeviceStore(Protocol):
    """Devices and the sessions they are bound to."""

    async def by_id(self, device_id: str) -> Device | None:
        """The device, whosever it is."""
        ...

    async def of_user(self, user_id: str) -> Sequence[Device]:
        """The person's devices, the oldest first."""
        ...

    async def put(self, device: Device, *, limit: int) -> bool:
        """Keep a device, or the new certificate, name and session of one that has the same signature key.

        False, and nothing is kept, when its id or session is that of another device, the person has no identity key,
        or has `limit` devices already. Durable on return.
        """
        ...

    async def seen(self, device_id: str, at: datetime) -> None:
        """The device was used; an earlier time changes nothing."""
        ...

    async def remove(self, device_id: str, *, seen_at: datetime | None = None) -> Device | None:
        """Forget a device and its key packages; returns it to exactly one caller.

        The identity key remembers when it was seen last: `seen_at`, or what the device knows.
        """
        ...

    async def of_session(self, session_id: str) -> Device | None:
        """The device that is bound to the session."""
        ...

    async def not_seen_since(self, before: datetime, limit: int) -> Sequence[Device]:
        """Up to `limit` devices that were not seen since then."""
        ...


class PackageStore(Protocol):
    """Key packages. Whatever runs at once, a one-time package is handed out at most once while its device exists."""

    async def add(self, device_id: str, packages: Sequence[Package], *, limit: int, now: datetime) -> int | None:
        """Keep one-time packages; those that were ever kept before are passed over, and those beyond `limit` dropped.

        Returns how many wait now, None for no such device. Durable on return.
        """
        ...

    async def put_last_resort(self, device_id: str, package: Package) -> bool:
        """Keep the package that is handed out when no other is left; whether the device exists."""
        ...

    async def waiting(self, device_id: str, now: datetime) -> tuple[int, bool]:
        """(how many one-time packages wait, whether there is a last resort); what is over does not count."""
        ...

    async def claim(self, wanted: Mapping[str, str], *, spare: Collection[str], now: datetime) -> Mapping[str, Claimed]:
        """A package for each device (device id → whose it must be) that has one; those in `spare` get the last resort.

        Each is durably taken before this returns.
        """
        ...

    async def sweep(self, now: datetime) -> int:
        """Forget what is over; how many rows."""
        ...


class SealedStore(Protocol):
    """What people keep sealed on the server: it cannot be read here."""

    async def put_recovery(self, user_id: str, wrapped: bytes, now: datetime) -> bool:
        """Keep the wrapped keys in the place of earlier ones; False without an identity key. Durable on return.

        When they take the place of others, what passkeys open is gone in the same transaction.
        """
        ...

    async def recovery(self, user_id: str) -> tuple[bytes, datetime] | None:
        """(wrapped keys, since when)."""
        ...

    async def put_passkey(self, user_id: str, credential_id: bytes, wrapped: bytes, now: datetime) -> bool | None:
        """Keep the keys that a passkey of the person opens, in the place of earlier ones of it. Durable on return.

        False when the person has no such passkey, None without an identity key. They are gone when the passkey is.
        """
        ...

    async def passkeys(self, user_id: str) -> Sequence[PasskeyCopy]:
        """Which passkeys of the person open their keys, the newest copy first."""
        ...

    async def passkey(self, user_id: str, credential_id: bytes) -> tuple[bytes, datetime] | None:
        """(wrapped keys, since when) of a passkey of the person."""
        ...

    async def put_batch(
        self, user_id: str, chat_id: str, number: int, data: bytes, now: datetime, *, quota: int, limit: int
    ) -> bool | None:
        """Keep a batch in the place of the earlier one of that number. Durable on return.

        False, and nothing is kept, when the person would have more than `quota` bytes or `limit` batches; None without
        an identity key.
        """
        ...

    async def batch(self, user_id: str, chat_id: str, number: int) -> bytes | None:
        """The bytes."""
        ...

    async def batches(self, user_id: str, chat_id: str) -> Sequence[Batch]:
        """What there is of a chat, by number."""
        ...

    async def drop_batches(self, user_id: str, chat_id: str) -> int:
        """Forget what there is of a chat; how many."""
        ...

    async def put_link(
        self, user_id: str, nonce: str, data: bytes, *, now: datetime, until: datetime, limit: int
    ) -> bytes | None:
        """Leave bytes for another device of the person; returns what is there, which may be others.

        What is over is forgotten. None, and nothing is kept, when `limit` wait already. Durable on return.
        """
        ...

    async def link(self, user_id: str, nonce: str, now: datetime) -> bytes | None:
        """What was left there."""
        ...
