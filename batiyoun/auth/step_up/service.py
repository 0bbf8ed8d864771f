"""Proving again who one is, inside a session, before something dangerous (step-up)."""

from __future__ import annotations

from batiyoun.auth.model import Principal, StepUpMethod
from batiyoun.auth.service import AuthService


class StepUp:
    """Accepts proofs from people who are signed in; each makes their session fresh for ten minutes."""

    def __init__(self, auth: AuthService) -> None:
        self._auth = auth

    async def methods(self, user_id: str) -> list[StepUpMethod]:
        """What this person can show."""
        return ["password"] if await self._auth.has_password(user_id) else []

    async def by_password(self, principal: Principal, password: str, address: str) -> None:
        """Raises `InvalidPassword`, `RateLimited`, `Unavailable`."""
        await self._auth.check_password(principal.user_id, password, address)
        await self._auth.prove(principal)
