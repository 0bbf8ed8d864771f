"""What must be kept for signing in: accounts with their password hashes, sessions, codes and one-time tokens."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from batiyoun.auth.model import Account, Admission, Challenge, Created, Credential, OneTimeToken, Session, TokenPurpose
from batiyoun.auth.oidc.model import Identity
from batiyoun.auth.passkeys.model import Passkey
from batiyoun.users.model import User

#: a session or an API token
C = TypeVar("C", bound=Credential)


class AccountStore(Protocol):
    """People with their password hashes; names and addresses are unique however written (`users.model.fold`)."""

    async def any(self) -> bool:
        """Whether anybody has, or had, an account."""
        ...

    async def create(
        self,
        user: User,
        password_hash: str | None,
        admission: Admission | None = None,
        way_in: Passkey | Identity | None = None,
    ) -> Created:
        """Keep a new person. Raises `UsernameTaken` or `EmailTaken`: the unique index decides races, not a look-up.

        `way_in` is what they sign in with instead of a password, kept in the same transaction. Raises `PasskeyKnown` or
        `IdentityTaken` when somebody has it.

        With an `admission` the very first account becomes the owner, an invitation is used up by exactly this account,
        and `InviteInvalid` or `InviteRequired` (only the first may come without) is raised in the same transaction.
        """
        ...

    async def by_identifier(self, identifier: str) -> Account | None:
        """The account of that username or address (one with an @), in any case."""
        ...

    async def by_id(self, user_id: str) -> Account | None:
        """The account of that person."""
        ...

    async def username_taken(self, username: str) -> bool:
        """Whether somebody has that username, in any case."""
        ...

    async def set_password_hash(self, user_id: str, password_hash: str) -> None:
        """Replace the hash. In the same transaction every sign-in and API token of before is remembered to be ended."""
        ...

    async def swap_password_hash(
        self, user_id: str, old: str | None, new: str, *, keep: Collection[str] | None = None
    ) -> bool:
        """Replace the hash if it is still `old` (None: none); of several at once, one gets True.

        With `keep` all other sign-ins of before are remembered to be ended, in the same transaction.
        """
        ...

    async def change_email(self, user_id: str, email: str, *, verified: bool) -> User | None:
        """Give the person another address; the person as they are now, or None when there is nobody.

        Codes and tokens that were sent to the address until now are void. Raises `EmailTaken`.
        """
        ...

    async def prove_address(self, user_id: str) -> bool:
        """Mark the address as verified; False if it was verified already. Of several at once, one gets True.

        The password, the passkeys, the identities and the second factor from before are dropped: they may be of
        somebody else, who signed up with an address that was not theirs. Their sign-ins are remembered to be ended.
        """
        ...


class CredentialStore(Protocol[C]):
    """Sign-ins, or API tokens ("session" below means either). What belongs to a disabled person is never found."""

    async def create(self, session: C, /) -> None:
        """Keep a new session; durable on return."""
        ...

    async def find(self, token_hashes: Collection[bytes], ids: Collection[str], /) -> list[C]:
        """The sessions of those token hashes or ids, in any order; handshakes are looked up in batches."""
        ...

    async def touch(self, seen: Mapping[str, datetime], /) -> None:
        """Set when those sessions (by id) were last seen; unknown ids and earlier times change nothing."""
        ...

    async def delete(self, ids: Collection[str], /) -> list[C]:
        """End the sessions; returns those that existed."""
        ...

    async def of_user(self, user_id: str, /) -> Sequence[C]:
        """The person's sessions, the last used first."""
        ...

    async def delete_expired(self, now: datetime, /) -> list[C]:
        """End what is past its idle or absolute lifetime; returns it, unless the store forgets by itself."""
        ...


class SessionStore(CredentialStore[Session], Protocol):
    """Sign-ins."""

    async def revoke(self, ids: Collection[str], /) -> list[Session]:
        """End the sessions from elsewhere: `delete`, and remember that they were ended, as one step.

        Of each the token hash is remembered, and nothing else, for as long as the session could have lived at most.
        """
        ...

    async def was_revoked(self, token_hash: bytes, /) -> bool:
        """Whether the session of that token hash was ended from elsewhere."""
        ...

    async def prove(self, session_id: str, at: datetime) -> None:
        """Set when the person last proved who they are; an unknown id and an earlier time change nothing."""
        ...

    async def bind_device(self, session_id: str, device_id: str | None) -> None:
        """Set which device the session speaks for; an unknown id changes nothing. Durable on return."""
        ...


class CodeStore(Protocol):
    """Codes sent by mail. However many processes ask, a code is accepted once."""

    async def put(self, challenge: Challenge, *, replaces: bytes | None, now: datetime) -> None:
        """Keep a new challenge; forget the one of the request hash `replaces` and what is over. Durable on return."""
        ...

    async def attempt(self, request_hash: bytes, now: datetime, max_tries: int) -> Challenge | None:
        """Count a try, then return the challenge; None when it does not exist, is over, or has had `max_tries`.

        The try is durable on return, so that asking in parallel or crashing gives nobody more of them.
        """
        ...

    async def consume(self, request_hash: bytes) -> bool:
        """Forget the challenge; True for exactly one caller."""
        ...


class TokenStore(Protocol):
    """Secrets that open one thing once."""

    async def put(self, token: OneTimeToken, now: datetime) -> None:
        """Keep a new token; the older one of that purpose and subject is void, and what is over is forgotten.

        Durable on return.
        """
        ...

    async def find(self, token_hash: bytes, purpose: TokenPurpose, now: datetime) -> OneTimeToken | None:
        """The token, if it is for that purpose and not over."""
        ...

    async def consume(self, token_hash: bytes, purpose: TokenPurpose, now: datetime) -> OneTimeToken | None:
        """Forget the token and return it, to exactly one caller; None when it is not good."""
        ...
