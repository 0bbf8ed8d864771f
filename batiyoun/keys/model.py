"""Facts about keys: who has which, how large things may be, how long they last. Everything here is public or sealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

#: MLS_256_XWING_AES256GCM_SHA512_Ed25519, as the client's library numbers it
SUITE = 83
#: bytes of a raw Ed25519 public key and of a signature (RFC 8032 §5.1)
KEY_BYTES = 32
SIGNATURE_BYTES = 64
MAX_CERTIFICATE = 1024
MAX_DEVICE_NAME = 64
#: devices of one person: the 250 leaves of a group are to be enough for many people
MAX_DEVICES = 20

#: bytes of one key package; those of the suite have about 2,700
MAX_KEY_PACKAGE = 8 * 1024
#: in one upload, and in one claim
MAX_PACKAGES = 100
#: one-time key packages that wait for being claimed, of one device
MAX_WAITING = 200
#: below so many the device is asked for more
LOW = 10
#: a key package that ends sooner may be over before somebody has added the device with it
LEAST_LIFE = timedelta(hours=1)
#: and one that lasts for longer is not renewed often enough
LONGEST_LIFE = timedelta(days=366)
#: clocks of browsers may be wrong by so much
CLOCK_SKEW = timedelta(minutes=15)

MAX_RECOVERY = 4 * 1024
MAX_BATCH_BYTES = 256 * 1024
#: bytes and batches of everything that one person archives
ARCHIVE_QUOTA = 64 * 1024 * 1024
MAX_BATCHES = 10_000
MAX_LINK = 8 * 1024
MAX_LINKS = 20
LINK_LIFETIME = timedelta(minutes=10)

#: a device whose session ran out waits for its person for so long
DORMANT = timedelta(days=90)
#: who has another device that was seen so lately must wait for `RESET_WAIT` until a new identity key counts
SEEN_LATELY = timedelta(days=30)
RESET_WAIT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class DeviceRecord:
    """A device as groups know it: whose it is, and the keys (raw Ed25519) that vouch for it and that it signs with."""

    user_id: str
    device_id: str
    identity_key: bytes
    signature_key: bytes


@dataclass(frozen=True, slots=True)
class Device:
    """A browser (or app) that holds keys of a person, bound to one session.

    It is gone when somebody ends that session. When the session merely runs out, it waits to be bound to another.
    """

    id: str
    user_id: str
    session_id: str
    name: str
    certificate: bytes
    signature_key: bytes
    created_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Reset:
    """A new identity key that takes the place of the present one at `at`; `session_id` asked for it."""

    key: bytes
    at: datetime
    session_id: str


@dataclass(frozen=True, slots=True)
class IdentityKey:
    """A person's identity key (raw Ed25519), and what will take its place.

    `seen_at`: when a device was seen last that is gone now.
    """

    user_id: str
    key: bytes
    created_at: datetime
    reset: Reset | None = None
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Package:
    """A one-time key package: the encoded MLSMessage, and when it is over in seconds since the epoch."""

    ref: bytes
    data: bytes
    not_after: int


@dataclass(frozen=True, slots=True)
class Claimed:
    """A key package handed out, and how many one-time ones its device has left; None where none was taken."""

    data: bytes
    left: int | None


@dataclass(frozen=True, slots=True)
class PasskeyCopy:
    """The person's keys, wrapped for one of their passkeys (its credential id); without the bytes."""

    credential_id: bytes
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Batch:
    """A piece of an archive, without its bytes."""

    number: int
    size: int
    updated_at: datetime
