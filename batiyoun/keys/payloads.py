"""What the server tells open connections about keys."""

from __future__ import annotations

from datetime import datetime

import msgspec


class DeviceListChanged(msgspec.Struct, frozen=True, rename="camel"):
    """`device_list_changed`: ask for this person's devices again before encrypting for them."""

    user_id: str


class KeyPackagesLow(msgspec.Struct, frozen=True, rename="camel"):
    """`key_packages_low`: this device has so few one-time key packages left that it should upload more."""

    left: int


class OwnMarksChanged(msgspec.Struct, frozen=True, rename="camel"):
    """`own_marks_changed`: a device of yours wrote what lies in the archive under your own id, of no chat."""


class IdentityReset(msgspec.Struct, frozen=True, rename="camel"):
    """`identity_reset`: somebody who is signed in as you starts over with new keys at `resetAt`; null: nobody does."""

    reset_at: datetime | None
