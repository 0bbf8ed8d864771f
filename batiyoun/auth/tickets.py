"""Sign-up tickets: what somebody gets who proved that an address is theirs, and shows when the form is complete."""

from __future__ import annotations

from dataclasses import dataclass

from batiyoun.auth.model import TICKET_LIFETIME, OneTimeToken
from batiyoun.auth.secrets import SECRET_LENGTH, hash_token, new_secret
from batiyoun.auth.store import TokenStore
from batiyoun.errors import AddressUnverified
from batiyoun.runtime import Runtime
from batiyoun.users.model import fold


@dataclass(frozen=True, slots=True)
class SignupAddress:
    """The address of a new account, and whether it is known to be theirs."""

    email: str
    verified: bool


class SignupTickets:
    """Issues and checks tickets.

    `required`: nobody signs up without one. `proves`: the code behind it went to the mailbox itself; one that the
    operator read from the console shows that the operator agrees, not whose mailbox it is.
    """

    def __init__(self, store: TokenStore, runtime: Runtime, *, required: bool, proves: bool) -> None:
        self._store = store
        self._runtime = runtime
        self.required = required
        self._proves = proves

    async def issue(self, email: str) -> str:
        """A ticket for that address; the one before it is void. Raises `Unavailable`."""
        ticket, now = new_secret(self._runtime), self._runtime.utcnow()
        await self._store.put(OneTimeToken(hash_token(ticket), "signup", email, now + TICKET_LIFETIME), now)
        return ticket

    async def check(self, ticket: str | None, email: str) -> SignupAddress:
        """The address to sign up with: as it was proved, not as it was typed the second time.

        A form that is refused can be corrected and sent again: the ticket is good until `spend`. Raises
        `AddressUnverified` for a ticket that is over or for another address, and for none where one is needed.
        """
        if ticket is None and not self.required:
            return SignupAddress(email, verified=False)
        found = None
        if ticket is not None and len(ticket) == SECRET_LENGTH:
            found = await self._store.find(hash_token(ticket), "signup", self._runtime.utcnow())
        if found is None or fold(found.subject) != fold(email):
            raise AddressUnverified
        return SignupAddress(found.subject, verified=self._proves)

    async def spend(self, ticket: str | None) -> None:
        """The account was made: the ticket is worth nothing any more."""
        if ticket is not None:
            await self._store.consume(hash_token(ticket), "signup", self._runtime.utcnow())
