"""What can go wrong with keys, and be told to a person (see `batiyoun/errors.py`).

BatiyounError
├── InvalidInput
│   ├── CertificateInvalid  400 certificate_invalid
│   └── KeyPackageInvalid   400 key_package_invalid
├── NotFound
│   ├── DeviceMissing       404 device_missing
│   └── IdentityMissing     404 identity_missing
└── Conflict
    ├── IdentityExists      409 identity_exists
    ├── DeviceTaken         409 device_taken
    ├── DeviceProofNeeded   409 device_proof_needed
    ├── DeviceLimit         409 device_limit
    ├── LinkTaken           409 link_taken
    ├── ResetWaits          409 reset_waits
    └── ArchiveFull         409 archive_full
"""

from __future__ import annotations

from batiyoun.errors import Conflict, InvalidInput, NotFound


class CertificateInvalid(InvalidInput):
    """This device could not prove that it is yours. Sign out on it and sign in again."""

    code = "certificate_invalid"


class KeyPackageInvalid(InvalidInput):
    """Others could not reach this device with these keys. Reload the page, so that it makes new ones."""

    code = "key_package_invalid"


class DeviceMissing(NotFound):
    """This sign-in has no keys for encrypted chats yet. Reload the page, so that it makes them."""

    code = "device_missing"


class IdentityMissing(NotFound):
    """There are no keys for encrypted chats yet. Sign in on a browser to make them."""

    code = "identity_missing"


class IdentityExists(Conflict):
    """You have keys already. Link this device from another one, or use your recovery code."""

    code = "identity_exists"


class DeviceTaken(Conflict):
    """This device belongs to another sign-in. Sign out on it and sign in again."""

    code = "device_taken"


class DeviceProofNeeded(Conflict):
    """This device has to prove again that it is yours. Reload the page to try again."""

    code = "device_proof_needed"


class DeviceLimit(Conflict):
    """You have too many devices. Remove one that you do not use any more, then try again."""

    code = "device_limit"


class LinkTaken(Conflict):
    """Somebody used this code already. Show a new one on the new device."""

    code = "link_taken"


class ResetWaits(Conflict):
    """You are starting over already. Wait until the time is over, or cancel it."""

    code = "reset_waits"


class ArchiveFull(Conflict):
    """There is no room left for older messages. Switch off keeping them for some chats."""

    code = "archive_full"
