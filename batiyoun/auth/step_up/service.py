"""Proving again who one is, inside a session, before something dangerous (step-up)."""

from __future__ import annotations

from batiyoun.auth.codes import Requested
from batiyoun.auth.model import Principal, StepUpMethod
from batiyoun.auth.passkeys.relying_party import Credential
from batiyoun.auth.passkeys.service import Asked, Page, Passkeys
from batiyoun.auth.second_factor.service import SecondFactors
from batiyoun.auth.service import AuthService
from batiyoun.auth.step_up.codes import StepUpCodes
from batiyoun.errors import Conflict, InvalidCode, InvalidPassword
from batiyoun.mail.model import Language


class StepUp:
    """Accepts proofs from people who are signed in; each makes their session fresh for ten minutes."""

    def __init__(self, auth: AuthService, factors: SecondFactors, passkeys: Passkeys, codes: StepUpCodes) -> None:
        self._auth = auth
        self.codes = codes
        self._factors = factors
        self._passkeys = passkeys

    async def methods(self, user_id: str) -> list[StepUpMethod]:
        """What this person can show.

        Who has an authenticator app cannot do with the mailbox instead: whoever has that and an open session would turn
        the app off.
        """
        totp = await self._factors.required(user_id)
        ways: dict[StepUpMethod, bool] = {
            "password": await self._auth.has_password(user_id),
            "totp": totp,
            "passkey": bool(await self._passkeys.of_user(user_id)),
            "code": not totp,
        }
        return [method for method, there in ways.items() if there]

    async def by_password(self, principal: Principal, password: str, address: str, user_agent: str) -> None:
        """Raises `InvalidPassword`, `RateLimited`, `Unavailable`."""
        try:
            await self._auth.check_password(principal.user_id, password, address)
        except InvalidPassword:
            self._failed(principal, "password", user_agent)
            raise
        await self._auth.prove(principal)

    async def by_totp(self, principal: Principal, code: str, address: str, user_agent: str) -> None:
        """With a code of the authenticator app. Raises `InvalidCode`, `RateLimited`, `Unavailable`."""
        await self._factors.check_totp(principal.user_id, code, address, user_agent)
        await self._auth.prove(principal)

    async def request_code(
        self, principal: Principal, *, language: Language, address: str, before: str | None
    ) -> Requested:
        """Send a code by mail (see `StepUpCodes.request`). Raises `Conflict` for who has an authenticator app."""
        if await self._factors.required(principal.user_id):
            raise Conflict("You have an authenticator app. Confirm with its code.")
        return await self.codes.request(principal, language=language, address=address, before=before)

    async def by_code(self, principal: Principal, secret: str | None, code: str, user_agent: str) -> None:
        """With a code by mail; `secret` is from the cookie of the browser. Raises `InvalidCode`, `Unavailable`."""
        try:
            await self.codes.accept(principal, secret, code)
        except InvalidCode:
            self._failed(principal, "code", user_agent)
            raise
        if await self._factors.required(principal.user_id):  # set up since the code was sent
            raise InvalidCode
        await self._auth.prove(principal)

    async def passkey_options(self, principal: Principal, page: Page) -> Asked:
        """What the browser needs to ask for one of the person's passkeys. Raises `Conflict` when they have none."""
        return await self._passkeys.step_up_options(principal, page)

    async def by_passkey(self, principal: Principal, credential: Credential, page: Page) -> None:
        """Raises `InvalidPasskey`, `Unavailable`."""
        await self._passkeys.check(principal, credential, page)
        await self._auth.prove(principal)

    def _failed(self, principal: Principal, by: StepUpMethod, user_agent: str) -> None:
        self._auth.audit.note("step_up_failed", principal.user_id, user_agent=user_agent, details={"by": by})
