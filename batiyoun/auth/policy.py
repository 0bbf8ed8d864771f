"""What a password may be: long enough, none that everybody tries first, and not one's own name (security checks 5, 6).

Nothing is said about capitals, digits and signs: such rules make passwords worse (NIST SP 800-63B §3.1.1.2).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from functools import cache
from importlib.resources import files

from batiyoun.auth.model import MAX_PASSWORD, MIN_PASSWORD
from batiyoun.errors import InvalidInput
from batiyoun.users.model import fold

#: what everybody here has in common
PLACE = "batiyoun"
#: shorter names are part of too many words
MIN_NAME = 3


def check_password(value: str) -> str:
    """The password, if anybody may have it. Raises `ValueError` with the sentence for the form."""
    # before anything else looks at it: a megabyte is refused by its length alone
    if len(value) > MAX_PASSWORD or len(value.encode("utf-8", "replace")) > MAX_PASSWORD:
        msg = f"Use at most {MAX_PASSWORD} bytes."
        raise ValueError(msg)
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in value):
        raise ValueError("Remove control characters.")
    if len(value) < MIN_PASSWORD:
        msg = f"Use at least {MIN_PASSWORD} characters."
        raise ValueError(msg)
    if fold(value).strip() in common_passwords():
        raise ValueError("Many people use this password, so it is tried first. Choose another.")
    return value


def check_own_password(value: str, names: Collection[str]) -> str:
    """The password, if the person of these names (username, address) may have it. Raises `ValueError`.

    Refused is what consists of their names, the name of this place, and signs or digits around them.
    """
    check_password(value)
    rest = fold(value)
    found = False
    for word in sorted(_words(names), key=len, reverse=True):
        found = found or word in rest
        rest = rest.replace(word, " ")
    if found and not any(char.isalpha() for char in rest):
        raise ValueError("Your name or address is easy to guess. Choose something else.")
    return value


def refuse_own_name(password: str, *names: str, field: str = "password") -> None:
    """Whether the person of these names may have the password. Raises `InvalidInput` naming the form's field."""
    try:
        check_own_password(password, names)
    except ValueError as exc:
        raise InvalidInput(fields={field: str(exc)}) from exc


def _words(names: Collection[str]) -> set[str]:
    """The names as they are compared; of an address also its two sides, and the domain without its ending."""
    words = {PLACE}
    for name in map(fold, names):
        mailbox, at, domain = name.rpartition("@")
        words |= {name, mailbox, domain, domain.partition(".")[0]} if at else {name}
    return {word for word in words if len(word) >= MIN_NAME}


@cache
def common_passwords() -> frozenset[str]:
    """The passwords that are tried first, folded. Written by `scripts/common_passwords.py`."""
    lines = (files("batiyoun.auth") / "common_passwords.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(fold(line) for line in lines if line and not line.startswith("# ") and line != "#")
