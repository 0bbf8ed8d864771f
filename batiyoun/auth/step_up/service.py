"""Proving again who one is, inside a session, before something dangerous (step-up)."""

from __future__ import annotations

from batiyoun.auth.model import Principal, StepUpMethod
from batiyoun.auth.second_factor.service import SecondFactors
from batiyoun.auth.service import AuthService


class StepUp:
    """Accepts proofs from people who are signed in; each makes their session fresh for ten minutes."""

    def __init__(self, auth: AuthService, factors: SecondFactors) -> None:
        self._auth = auth
        self._factors = factors

    async def methods(self, user_id: str) -> list[StepUpMethod]:
        """What this person can show."""
        found: list[StepUpMethod] = []
        if await self._auth.has_password(user_id):
            found.append("password")
        if await self._factors.required(user_id):
            found.append("totp")
        return found

    async def by_password(self, principal: Principal, password: str, address: str) -> None:
        """Raises `InvalidPassword`, `RateLimited`, `Unavailable`."""
        await self._auth.check_password(principal.user_id, password, address)
        await self._auth.prove(principal)

    async def by_totp(self, principal: Principal, code: str, address: str, user_agent: str) -> None:
        """With a code of the authenticator app. Raises `InvalidCode`, `RateLimited`, `Unavailable`."""
        await self._factors.check_totp(principal.user_id, code, address, user_agent)
        await self._auth.prove(principal)
