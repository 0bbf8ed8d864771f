"""Facts about the security log: what can happen to an account, and how an entry looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from batiyoun.http import Body

#: names are kept for ever: add, never rename
AuditKind = Literal[
    "signed_up",
    "signed_in",
    "sign_in_failed",
    "signed_out",
    "session_revoked",
    "step_up_failed",
    "second_factor_failed",
    "password_set",
    "password_changed",
    "password_reset_requested",
    "password_reset",
    "email_changed",
    "email_verified",
    "username_changed",
    "passkey_added",
    "passkey_removed",
    "totp_on",
    "totp_off",
    "recovery_code_used",
    "recovery_codes_made",
    "identity_linked",
    "identity_unlinked",
    "api_token_made",
    "api_token_revoked",
    "account_disabled",
    "account_enabled",
    "account_deleted",
    "data_exported",
    "admin_granted",
    "admin_revoked",
    "invite_made",
    "invite_used",
    "invite_revoked",
    "device_added",
    "device_removed",
    "identity_reset_asked",
    "identity_reset_cancelled",
    "identity_reset",
    "key_recovery_set",
    "key_recovery_read",
    "key_passkey_set",
    "key_passkey_read",
]

MAX_DETAILS = 8
MAX_DETAIL = 120
#: of a browser's or system's name
MAX_DEVICE = 64


class Device(Protocol):
    """A browser in words, as far as its User-Agent header tells: `auth.devices` makes them."""

    @property
    def browser(self) -> str | None:
        """Its name without the version."""
        ...

    @property
    def os(self) -> str | None:
        """The operating system's name."""
        ...

    @property
    def kind(self) -> str:
        """`phone`, `tablet`, `computer` or `other`."""
        ...


class DeviceWords(Body):
    """The device behind an event, in words."""

    browser: str | None
    os: str | None
    kind: str


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """Something that happened to an account. It names nobody: no address, no name, no secret.

    `details` are a few short words, such as how somebody signed in.
    """

    id: str
    user_id: str
    kind: AuditKind
    at: datetime
    session_id: str | None
    browser: str | None
    os: str | None
    device_kind: str
    details: Mapping[str, str] = field(default_factory=dict)


class AuditEntry(Body):
    """An event as the person sees it."""

    id: str
    kind: AuditKind
    at: datetime
    device: DeviceWords
    details: dict[str, str]


def entry_of(event: AuditEvent) -> AuditEntry:
    """The shape for the person themselves."""
    return AuditEntry(
        id=event.id,
        kind=event.kind,
        at=event.at,
        device=DeviceWords(browser=event.browser, os=event.os, kind=event.device_kind),
        details=dict(event.details),
    )
