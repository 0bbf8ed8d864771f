"""Facts about people: what is kept, what is shown to whom, and which names are allowed."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import Field

from batiyoun.http import Body

#: how the account was made: here, with Google, or through another OpenID provider
Provider = Literal["email", "google", "oidc"]
#: of the whole server; the first account is its owner
Role = Literal["owner", "admin", "member"]

MAX_DISPLAY_NAME = 64
#: of a folded name, kept and searched: folding may lengthen (U+FDFA becomes 18 characters)
MAX_KEY = 64
MAX_BIO = 300
#: ASCII after NFKC, so that no username can look like another in a different script; display names are free
USERNAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{1,30})[A-Za-z0-9]")
#: embedding, override and isolate controls: they can turn the text around them (Unicode TR36 §3.5)
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class User:
    """A person as the store keeps them, without the password. `disabled` accounts cannot sign in and are not found.

    `deleted`: nothing is left of the person but their id, under which their messages stand.
    """

    id: str
    username: str
    display_name: str
    email: str
    avatar: str | None
    bio: str
    provider: Provider
    verified: bool
    disabled: bool
    created_at: datetime
    role: Role = "member"
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class ProfileChange:
    """What a person changes about themselves; None leaves a field as it is."""

    display_name: str | None = None
    bio: str | None = None


class PublicUser(Body):
    """A person as everybody sees them: never an address."""

    id: str
    username: str
    display_name: str
    avatar: str | None
    bio: str
    created_at: datetime
    deleted: bool = Field(False, description="the account is gone; only its messages are left")


class OwnUser(PublicUser):
    """A person as they see themselves."""

    email: str
    verified: bool
    provider: Provider
    role: Role


def public_user(user: User) -> PublicUser:
    """The shape that everybody may see; fields are listed, never copied wholesale."""
    return PublicUser(
        id=user.id,
        username=user.username,
        display_name=user.display_name,
        avatar=user.avatar,
        bio=user.bio,
        created_at=user.created_at,
        deleted=user.deleted,
    )


def own_user(user: User) -> OwnUser:
    """The shape for the person themselves."""
    return OwnUser(
        **public_user(user).model_dump(),
        email=user.email,
        verified=user.verified,
        provider=user.provider,
        role=user.role,
    )


def fold(text: str) -> str:
    """The form in which names are compared and searched: near NFKC_Casefold (Unicode §3.13).

    Case, width and invisible joiners make no difference; Devanagari and every other script keep their letters.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(char for char in folded if unicodedata.category(char) != "Cf")


def name_key(text: str) -> str:
    """The folded beginning of a display name, which searches look at."""
    return fold(text)[:MAX_KEY]


def check_username(value: str) -> str:
    """The username in its stored form (NFKC). Raises `ValueError` with the sentence for the form."""
    username = unicodedata.normalize("NFKC", value.strip())
    if not USERNAME.fullmatch(username):
        raise ValueError(
            "Use 3 to 32 letters (a–z), digits, dots, dashes or underscores; begin and end with a letter or digit."
        )
    return username


def check_display_name(value: str) -> str:
    """The display name in its stored form (NFC, inner spaces single). Raises `ValueError`."""
    name = " ".join(_printable(value, newlines=False).split(" ")).strip()
    name = re.sub(r"\s+", " ", name)
    if not any(unicodedata.category(char)[0] in "LNSP" for char in name):
        raise ValueError("Write a name of at least one visible character.")
    if len(name) > MAX_DISPLAY_NAME:
        msg = f"Use at most {MAX_DISPLAY_NAME} characters."
        raise ValueError(msg)
    return name


def check_line(value: str, limit: int) -> str:
    """One line of free text in its stored form (NFC), perhaps empty, of at most `limit` characters.

    Raises `ValueError`.
    """
    line = re.sub(r"\s+", " ", _printable(value, newlines=False)).strip()
    if len(line) > limit:
        msg = f"Use at most {limit} characters."
        raise ValueError(msg)
    return line


def check_bio(value: str) -> str:
    """The self-description in its stored form (NFC). May be empty and have several lines. Raises `ValueError`."""
    bio = _printable(value, newlines=True).strip()
    if len(bio) > MAX_BIO:
        msg = f"Use at most {MAX_BIO} characters."
        raise ValueError(msg)
    return bio


def _printable(value: str, *, newlines: bool) -> str:
    """The text in NFC; control characters, surrogates, private use and direction overrides are refused."""
    for char in value:
        if newlines and char == "\n":
            continue
        if unicodedata.category(char) in {"Cc", "Cs", "Co", "Zl", "Zp"} or char in _BIDI_CONTROLS:
            raise ValueError("Remove invisible control characters.")
    return unicodedata.normalize("NFC", value)
