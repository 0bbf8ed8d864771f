"""Facts about signing in through another provider (OpenID Connect)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import unquote, urlsplit

GOOGLE = "https://accounts.google.com"
#: OpenID Connect Core §2: a subject has at most 255 ASCII characters
MAX_SUBJECT = 255
#: how long the rest of the sign-up form may take
SIGNUP_LIFETIME = timedelta(minutes=30)
MAX_NEXT = 120
MIN_USERNAME, MAX_USERNAME = 3, 32

#: what somebody who goes to the provider wants when they come back
Intent = Literal["login", "link"]

#: an absolute path here, in the characters of RFC 3986 §3.3 and §3.4; no backslash, which browsers take for `/`
_PATH = re.compile(r"/[A-Za-z0-9\-._~!$&'()*+,;=:@%/]*(\?[A-Za-z0-9\-._~!$&'()*+,;=:@%/?]*)?")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a person is at a provider: the pair of issuer and subject, which never changes (OpenID Connect Core §5.7).

    `email` is what the provider said when it was linked; it is shown, and means nothing else.
    """

    id: str
    user_id: str
    issuer: str
    subject: str
    email: str
    linked_at: datetime


@dataclass(frozen=True, slots=True)
class Claims:
    """What a provider says of somebody who has just signed in there, verified.

    `email_verified`: the provider knows that the mailbox is theirs. Names are as the provider has them, unchecked.
    """

    issuer: str
    subject: str
    email: str | None
    email_verified: bool
    name: str | None
    nickname: str | None


def check_issuer(value: str) -> str:
    """The issuer's address. Raises `ValueError`: only on one's own machine may it be without TLS."""
    try:
        parts = urlsplit(value)
        local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    except ValueError:
        parts, local = urlsplit(""), False
    if (
        not parts.hostname
        or parts.query
        or parts.fragment
        or parts.scheme not in {"https", "http" if local else "https"}
    ):
        msg = f"must be an address like https://accounts.google.com, not {value!r}"
        raise ValueError(msg)
    return value


def name_of(issuer: str) -> str:
    """What people call the provider, if the operator does not say."""
    return "Google" if issuer == GOOGLE else urlsplit(issuer).hostname or issuer


def username_near(text: str) -> str:
    """A username (see `users.model.check_username`) made of what is left of a name elsewhere."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9._-]+", ".", plain)[:MAX_USERNAME].strip("._-").lower()
    return name if len(name) >= MIN_USERNAME else f"{name}user"


def safe_next(path: str | None) -> str:
    """The place on this server to go on to; `/` for everything else (security check 14)."""
    if path is None or len(path) > MAX_NEXT or not _PATH.fullmatch(path) or "//" in path:
        return "/"
    # browsers take dots out, also written as `%2e`, before they ask: `/./api/` is `/api/`
    if {".", ".."} & set(unquote(path.partition("?")[0]).split("/")):
        return "/"
    # the API answers no person, and starting over from here would go round in circles
    return "/" if path == "/api" or path.startswith("/api/") else path
