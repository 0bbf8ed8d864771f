"""Facts about the second factor: codes of an authenticator app, recovery codes, and sign-ins that wait for one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from batiyoun.auth.model import Proof

#: RFC 6238 §5.2: one step before and after covers clocks that differ and people who type
STEP_SECONDS = 30
STEPS_AROUND = 1
TOTP_DIGITS = 6
#: RFC 4226 §4 R6: 160 bits, which is what apps expect
SECRET_BYTES = 20

RECOVERY_CODES = 10
#: characters of Crockford's base 32: 80 bits, beyond guessing
RECOVERY_LENGTH = 16

#: how long a browser that showed the first factor may take to show the second
PENDING_LIFETIME = timedelta(minutes=10)
PENDING_TRIES = 5

#: what was shown as a second factor
SecondFactor = Literal["totp", "recovery_code"]


@dataclass(frozen=True, slots=True)
class Authenticator:
    """The app that makes codes. `sealed` is its secret, encrypted; it counts once a first code `confirmed` it.

    `last_step` is the time step of the last code that was accepted: neither it nor an older one is accepted again
    (RFC 6238 §5.2).
    """

    user_id: str
    sealed: bytes
    confirmed: bool
    last_step: int


@dataclass(frozen=True, slots=True)
class PendingLogin:
    """Somebody who showed `proof` and still owes the second factor. `token_hash` is of the secret in their cookie."""

    token_hash: bytes
    user_id: str
    proof: Proof
    expires_at: datetime
