"""Proving again who one is, inside a session, before something dangerous (step-up)."""

from __future__ import annotations

from batiyoun.auth.model import Principal, StepUpMethod
from batiyoun.auth.passkeys.relying_party import Credential
from batiyoun.auth.passkeys.service import Asked, Page, Passkeys
from batiyoun.auth.second_factor.service import SecondFactors
from batiyoun.auth.service import AuthService


class StepUp:
    """Accepts proofs from people who are signed in; each makes their session fresh for ten minutes."""

    def __init__(self, auth: AuthService, factors: SecondFactors, passkeys: Passkeys) -> None:
        self._auth = auth
        self._factors = factors
        self._passkeys = passkeys

    async def methods(self, user_id: str) -> list[StepUpMethod]:
        """What this person can show."""
        found: list[StepUpMethod] = []
        if await self._auth.has_password(user_id):
            found.append("password")
        if await self._factors.required(user_id):
            found.append("totp")
        if await self._passkeys.of_user(user_id):
            found.append("passkey")
        return found

    async def by_password(self, principal: Principal, password: str, address: str) -> None:
        """Raises `InvalidPassword`, `RateLimited`, `Unavailable`."""
        await self._auth.check_password(principal.user_id, password, address)
        await self._auth.prove(principal)

    async def by_totp(self, principal: Principal, code: str, address: str, user_agent: str) -> None:
        """With a code of the authenticator app. Raises `InvalidCode`, `RateLimited`, `Unavailable`."""
        await self._factors.check_totp(principal.user_id, code, address, user_agent)
        await self._auth.prove(principal)

    async def passkey_options(self, principal: Principal, page: Page) -> Asked:
        """What the browser needs to ask for one of the person's passkeys. Raises `Conflict` when they have none."""
        return await self._passkeys.step_up_options(principal, page)

    async def by_passkey(self, principal: Principal, credential: Credential, page: Page) -> None:
        """Raises `InvalidPasskey`, `Unavailable`."""
        await self._passkeys.check(principal, credential, page)
        await self._auth.prove(principal)
