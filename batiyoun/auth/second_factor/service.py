"""Rules of the second factor: an authenticator app (RFC 6238), and recovery codes for the day it is lost."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import NoReturn

from batiyoun.audit.service import Audit
from batiyoun.auth.model import Principal
from batiyoun.auth.sealing import Sealer, Unsealable
from batiyoun.auth.second_factor.codes import (
    hash_recovery_code,
    new_recovery_codes,
    new_totp_secret,
    read_recovery_code,
    read_totp,
    step_of,
    totp_uri,
    written,
)
from batiyoun.auth.second_factor.model import Authenticator, SecondFactor
from batiyoun.auth.second_factor.store import SecondFactorStore
from batiyoun.auth.throttle import Throttle
from batiyoun.errors import Conflict, InvalidCode
from batiyoun.runtime import Runtime
from batiyoun.users.model import User

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Setup:
    """What an authenticator app needs: the secret to type, or the address that the QR code holds."""

    secret: str
    uri: str


@dataclass(frozen=True, slots=True)
class State:
    """Whether an app is asked for at sign-in, and how many recovery codes were not used."""

    totp: bool
    recovery_codes_left: int


class SecondFactors:
    """Turns the second factor on and off, and accepts its codes."""

    def __init__(
        self,
        store: SecondFactorStore,
        *,
        sealer: Sealer,
        throttle: Throttle,
        audit: Audit,
        runtime: Runtime,
        issuer: str,
    ) -> None:
        """`issuer` is what the app shows above the code."""
        self._store = store
        self._sealer = sealer
        self._throttle = throttle
        self._audit = audit
        self._runtime = runtime
        self._issuer = issuer

    async def state(self, user_id: str) -> State:
        """What the person has set up."""
        if not await self.required(user_id):
            return State(totp=False, recovery_codes_left=0)
        return State(totp=True, recovery_codes_left=await self._store.codes_left(user_id))

    async def required(self, user_id: str) -> bool:
        """Whether this person signs in with a second factor."""
        app = await self._store.find(user_id)
        return app is not None and app.confirmed

    # ── on and off ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def setup(self, user: User) -> Setup:
        """A fresh secret for an app; it counts from `confirm` on. Raises `Conflict` when there is one already."""
        secret = new_totp_secret(self._runtime)
        if not await self._store.begin(user.id, self._sealer.seal(secret, _place(user.id))):
            raise Conflict("You have an authenticator app already. Turn it off before you set up another.")
        return Setup(written(secret), totp_uri(secret, user.username, self._issuer))

    async def confirm(self, principal: Principal, code: str, address: str, user_agent: str) -> list[str]:
        """The app works: from now on it is asked for. Returns the recovery codes, which are shown once.

        Guesses are counted as at sign-in: a setup that was begun and forgotten must not be finished by somebody else.
        Raises `InvalidCode`, `RateLimited`, and `Conflict` when there is nothing to confirm.
        """
        app = await self._store.find(principal.user_id)
        if app is None or app.confirmed:
            raise Conflict("There is no authenticator app to confirm. Begin again.")
        with self._throttle.code_attempt(principal.user_id, address):
            digits = read_totp(code)
            step = step_of(self._secret(app), digits, self._runtime.now()) if digits else None
            if step is None:
                self._fail(principal.user_id, address, user_agent)
        codes = new_recovery_codes(self._runtime)
        if not await self._store.confirm(app.user_id, app.sealed, step, _hashes(app.user_id, codes)):
            raise Conflict("Another code was shown in the meantime. Begin again.")
        await self._audit.record(
            "totp_on", principal.user_id, session_id=principal.session_id, user_agent=user_agent
        )  # fmt: skip
        return codes

    async def turn_off(self, principal: Principal, user_agent: str) -> None:
        """No second factor any more; the recovery codes are void."""
        if await self._store.remove(principal.user_id):
            await self._audit.record(
                "totp_off", principal.user_id, session_id=principal.session_id, user_agent=user_agent
            )

    async def new_recovery_codes(self, principal: Principal, user_agent: str) -> list[str]:
        """Ten fresh recovery codes; those before are void. Raises `Conflict` without an app."""
        codes = new_recovery_codes(self._runtime)
        if not await self._store.replace_codes(principal.user_id, _hashes(principal.user_id, codes)):
            raise Conflict("Recovery codes go with an authenticator app. Set one up first.")
        await self._audit.record(
            "recovery_codes_made", principal.user_id, session_id=principal.session_id, user_agent=user_agent
        )
        return codes

    # ── checking ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def check(self, user_id: str, code: str, address: str, user_agent: str) -> SecondFactor:
        """Use up a code of the app or a recovery code; says which it was. `address` is where the person calls from.

        Codes of six digits can be guessed, so after too many wrong ones the app's codes are refused for a while,
        whoever shows them; recovery codes and passkeys are not, so nobody is locked out. Raises `InvalidCode`, also
        when the person has no second factor, `RateLimited`, `Unavailable`.
        """
        if read_recovery_code(code) is None:
            await self.check_totp(user_id, code, address, user_agent)
            return "totp"
        with self._throttle.code_attempt(user_id, address, guessable=False):
            if not await self._use_recovery_code(user_id, code):
                self._fail(user_id, address, user_agent)
            self._throttle.code_succeeded(user_id, address)
        await self._audit.record("recovery_code_used", user_id, user_agent=user_agent)
        return "recovery_code"

    async def check_totp(self, user_id: str, code: str, address: str, user_agent: str) -> None:
        """Use up a code of the app; as `check`."""
        with self._throttle.code_attempt(user_id, address):
            if not await self._use_totp(user_id, code):
                self._fail(user_id, address, user_agent)
            self._throttle.code_succeeded(user_id, address)

    def _fail(self, user_id: str, address: str, user_agent: str) -> NoReturn:
        self._throttle.code_failed(user_id, address)
        self._audit.note("second_factor_failed", user_id, user_agent=user_agent)
        raise InvalidCode

    async def _use_totp(self, user_id: str, code: str) -> bool:
        digits, app = read_totp(code), await self._store.find(user_id)
        if digits is None or app is None or not app.confirmed:
            return False
        step = step_of(self._secret(app), digits, self._runtime.now())
        return step is not None and await self._store.use_step(user_id, step)

    async def _use_recovery_code(self, user_id: str, code: str) -> bool:
        letters = read_recovery_code(code)
        return letters is not None and await self._store.use_code(user_id, hash_recovery_code(user_id, letters))

    def _secret(self, app: Authenticator) -> bytes:
        try:
            return self._sealer.open(app.sealed, _place(app.user_id))
        except Unsealable:
            log.error("an authenticator's secret cannot be opened: was sealing-key in the data directory replaced?")  # noqa: TRY400
            raise InvalidCode from None


def _place(user_id: str) -> str:
    return f"totp {user_id}"


def _hashes(user_id: str, codes: list[str]) -> list[bytes]:
    return [hash_recovery_code(user_id, code.replace("-", "")) for code in codes]
