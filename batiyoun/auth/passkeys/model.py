"""Facts about passkeys (WebAuthn, w3.org/TR/webauthn-3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

MAX_PASSKEYS = 20
MAX_PASSKEY_NAME = 64
#: WebAuthn §4: a credential id has at most 1,023 bytes
MAX_CREDENTIAL_ID = 1023


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """What an authenticator has just made, verified. `public_key` is a COSE key (RFC 9052 §7)."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    #: how browsers may reach it: `internal`, `hybrid`, `usb` …
    transports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey of a person. `id` and `name` may be shown to them."""

    id: str
    user_id: str
    name: str
    made: NewPasskey
    created_at: datetime
    last_used_at: datetime | None
