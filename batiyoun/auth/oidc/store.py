"""What must be kept of identities at other providers, and what is asked of a provider."""

from __future__ import annotations

from typing import Protocol

from batiyoun.auth.oidc.model import Claims, Identity


class IdentityStore(Protocol):
    """Who people are elsewhere. An identity belongs to one person here."""

    async def add(self, identity: Identity) -> None:
        """Keep a new identity; durable on return. Raises `IdentityTaken`."""
        ...

    async def find(self, issuer: str, subject: str) -> Identity | None:
        """The identity of that issuer and subject, compared exactly."""
        ...

    async def of_user(self, user_id: str) -> list[Identity]:
        """The person's identities, the eldest first."""
        ...

    async def remove(self, user_id: str, identity_id: str, *, may_be_last: bool) -> bool:
        """Forget one of the person's identities; False when there is none of that id.

        Raises `LastWayIn` when no password, passkey or identity would be left, unless it `may_be_last`.
        """
        ...


class Provider(Protocol):
    """An OpenID provider. Raises `ProviderUnavailable` when it does not answer, or not as a provider does."""

    @property
    def issuer(self) -> str:
        """Its name, as the operator wrote it."""
        ...

    async def address(self, *, state: str, nonce: str, verifier: str) -> str:
        """Where the browser goes to sign in; comes back with `state`. `verifier` is PKCE's (RFC 7636)."""
        ...

    async def accepts_issuer(self, named: str | None) -> bool:
        """Whether an answer with this `iss` parameter came from this provider (RFC 9207)."""
        ...

    async def redeem(self, code: str, *, nonce: str, verifier: str) -> Claims:
        """What the provider says of whoever came back with that code. Raises `InvalidAnswer`."""
        ...

    async def close(self) -> None:
        """Hang up."""
        ...


class InvalidAnswer(Exception):
    """The provider's answer was not given to this browser for this request, or does not verify."""
