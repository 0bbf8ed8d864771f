"""The codes people type: made, read as written, and compared. Pure but for the random bytes it is given."""

from __future__ import annotations

import base64
import hashlib
import hmac
import unicodedata
from urllib.parse import urlsplit

import pyotp

from batiyoun.auth.second_factor.model import (
    RECOVERY_CODES,
    RECOVERY_LENGTH,
    SECRET_BYTES,
    STEP_SECONDS,
    STEPS_AROUND,
    TOTP_DIGITS,
)
from batiyoun.runtime import Runtime

#: Crockford's: no I, L, O, U, so nothing that is written by hand can be mistaken (crockford.com/base32.html)
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_LOOKALIKES = str.maketrans("oil", "011")
_GROUP = 4
_DASHES = "-\u2010\u2011\u2012\u2013\u2014"


def new_totp_secret(runtime: Runtime) -> bytes:
    """The secret that the server shares with an authenticator app."""
    return runtime.random_bytes(SECRET_BYTES)


def written(secret: bytes) -> str:
    """The secret as people type it into an app: base 32 (RFC 4648 §6)."""
    return base64.b32encode(secret).decode()


def totp_uri(secret: bytes, account: str, issuer: str) -> str:
    """What the QR code holds (github.com/google/google-authenticator/wiki/Key-Uri-Format)."""
    return pyotp.TOTP(written(secret)).provisioning_uri(name=account, issuer_name=issuer)


def issuer_of(address: str) -> str:
    """What an app shows above the codes of the server at that address. A colon would end the name (see above)."""
    return f"Batiyoun ({(urlsplit(address).hostname or '').replace(':', '.')})"


def step_of(secret: bytes, code: str, now: float) -> int | None:
    """The time step that the code belongs to, around `now` (seconds since the epoch); None when it is wrong."""
    totp = pyotp.TOTP(written(secret), digits=TOTP_DIGITS, interval=STEP_SECONDS)
    here = int(now) // STEP_SECONDS
    found = None
    for step in range(max(0, here - STEPS_AROUND), here + STEPS_AROUND + 1):
        # every step is compared, so that the time tells nothing
        if hmac.compare_digest(totp.generate_otp(step), code):
            found = step
    return found


def new_recovery_codes(runtime: Runtime) -> list[str]:
    """Ten codes as they are shown: `xxxx-xxxx-xxxx-xxxx`."""
    return [_recovery_code(runtime.random_bytes(RECOVERY_LENGTH * 5 // 8)) for _ in range(RECOVERY_CODES)]


def _recovery_code(chance: bytes) -> str:
    number = int.from_bytes(chance)
    letters = "".join(ALPHABET[number >> 5 * place & 31] for place in range(RECOVERY_LENGTH))
    return "-".join(letters[start : start + _GROUP] for start in range(0, RECOVERY_LENGTH, _GROUP))


def read_totp(text: str) -> str | None:
    """The six digits, in any script and with spaces or dashes; None when it is something else."""
    try:
        digits = "".join(str(unicodedata.decimal(char)) for char in _bare(text))
    except ValueError:
        return None
    return digits if len(digits) == TOTP_DIGITS else None


def read_recovery_code(text: str) -> str | None:
    """The code in one spelling, whatever case and dashes it was typed with; None when it cannot be one."""
    letters = _bare(text).lower().translate(_LOOKALIKES)
    return letters if len(letters) == RECOVERY_LENGTH and set(letters) <= set(ALPHABET) else None


def hash_recovery_code(user_id: str, code: str) -> bytes:
    """How a code (as `read_recovery_code` returns it) is kept. Its 80 bits of chance need no slow hash."""
    return hashlib.sha256(f"{user_id} {code}".encode()).digest()


def _bare(text: str) -> str:
    return "".join(char for char in text if not char.isspace() and char not in _DASHES)
