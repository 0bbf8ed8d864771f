"""Facts about signing in: sessions, who a request speaks for, and what a password may be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from batiyoun.users.model import User

#: who may make an account: everybody, who is invited, or nobody but by the operator's command
SignupPolicy = Literal["open", "invitation", "closed"]

#: a session unused for this long is over (the seed's TTL)
IDLE_LIFETIME = timedelta(days=7)
#: a session is over after this long in any case (security check 10)
ABSOLUTE_LIFETIME = timedelta(days=90)
#: "last seen" is written at most this often
TOUCH_INTERVAL = timedelta(minutes=1)
TOKEN_LIFETIME = timedelta(minutes=5)

#: how long a proof of who one is counts for what is dangerous: passwords, addresses, ways in
FRESH = timedelta(minutes=10)

MIN_PASSWORD = 8
#: in bytes of UTF-8; more is refused before hashing (ASVS 6.2.8 asks for at least 64 characters)
MAX_PASSWORD = 1024
MAX_USER_AGENT = 256

CODE_DIGITS = 6
#: a code by mail is over after this long (security check 3)
CODE_LIFETIME = timedelta(minutes=10)
MAX_TRIES = 5
#: a request that a browser took to an authenticator or to another provider is over after this long
ATTEMPT_LIFETIME = timedelta(minutes=10)
#: a verified address waits this long for the rest of the sign-up form
TICKET_LIFETIME = timedelta(minutes=30)

#: a link to choose a new password is over after this long
RESET_LIFETIME = timedelta(hours=1)

#: what a visitor may ask a code for
CodePurpose = Literal["signup", "login"]
#: what a code may be for; `email`: a new address, `step_up`: to prove again who one is
ChallengePurpose = Literal["signup", "login", "email", "step_up"]
TokenPurpose = Literal["signup", "reset", "passkey_new", "passkey_login", "passkey_signup", "passkey_step_up", "oidc"]
#: what somebody showed to sign in; a passkey alone is two factors (the device, and the finger or PIN)
Proof = Literal["password", "code", "oidc", "passkey"]
#: what somebody who is signed in can show to prove again who they are
StepUpMethod = Literal["password", "totp", "passkey", "code"]


class Credential(Protocol):
    """What somebody shows with every request: a session's cookie, or an API token. It is kept as its SHA-256."""

    @property
    def id(self) -> str:
        """May be shown."""
        ...

    @property
    def token_hash(self) -> bytes:
        """The SHA-256 of the secret, which itself is kept nowhere."""
        ...

    @property
    def user_id(self) -> str:
        """Whose it is."""
        ...

    def expires_at(self) -> datetime:
        """When it is over if it is not used again."""
        ...


@dataclass(frozen=True, slots=True)
class Session:
    """A sign-in. `id` may be shown; `token_hash` is the SHA-256 of the cookie, which itself is kept nowhere.

    `proved_at` is when the person last proved who they are: by signing in, or again later.
    """

    id: str
    token_hash: bytes
    user_id: str
    device_id: str | None
    created_at: datetime
    last_seen_at: datetime
    user_agent: str
    proved_at: datetime

    def expires_at(self) -> datetime:
        """See `Credential`."""
        return min(self.last_seen_at + IDLE_LIFETIME, self.ends_at())

    def ends_at(self) -> datetime:
        """When it is over however much it is used."""
        return self.created_at + ABSOLUTE_LIFETIME


@dataclass(frozen=True, slots=True)
class Principal:
    """Who a request or socket speaks for.

    In seconds since the epoch: `ends_at` is the latest time it can be valid, `proved_at` when the person last proved
    who they are. Without `scopes` it is a session, which may do everything; with them an API token (whose id is then
    `session_id`), which may do what they say.
    """

    user_id: str
    session_id: str
    device_id: str | None = None
    ends_at: float = float("inf")
    proved_at: float = float("-inf")
    scopes: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """A person with the hash of their password (None: they sign in another way)."""

    user: User
    password_hash: str | None


@dataclass(frozen=True, slots=True)
class Admission:
    """Why somebody may have a new account: by nothing, by an invitation (the hash of its code), or as the first."""

    invite: bytes | None = None
    only_first: bool = False


@dataclass(frozen=True, slots=True)
class Created:
    """A new person as they are kept (the first is the owner), and who invited them."""

    user: User
    inviter_id: str | None


@dataclass(frozen=True, slots=True)
class Challenge:
    """A code sent to an address, waiting in the browser that asked for it.

    `request_hash` is the SHA-256 of the secret in that browser's cookie, `code_hash` a keyed hash of the code.
    """

    request_hash: bytes
    purpose: ChallengePurpose
    email: str
    code_hash: bytes
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OneTimeToken:
    """A secret that opens one thing once. `token_hash` is its SHA-256; `subject` is what it is about."""

    token_hash: bytes
    purpose: TokenPurpose
    subject: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The outcome of signup and login: who, and the secret for the cookie."""

    user: User
    session: Session
    token: str


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A short-lived signed token and the end of its life."""

    token: str
    expires_at: datetime
