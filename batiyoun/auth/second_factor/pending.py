"""Sign-ins that wait for the second factor, in the browser that showed the first."""

from __future__ import annotations

from batiyoun.auth.model import Proof
from batiyoun.auth.second_factor.model import PENDING_LIFETIME, PENDING_TRIES, PendingLogin, SecondFactor
from batiyoun.auth.second_factor.service import SecondFactors
from batiyoun.auth.second_factor.store import PendingStore
from batiyoun.auth.secrets import SECRET_LENGTH, hash_token, new_secret
from batiyoun.errors import SignInOver
from batiyoun.runtime import Runtime


class PendingLogins:
    """Holds a sign-in back until the second factor is shown: once, within ten minutes and five tries."""

    def __init__(self, store: PendingStore, factors: SecondFactors, runtime: Runtime) -> None:
        self._store = store
        self._factors = factors
        self._runtime = runtime

    async def hold_back(self, user_id: str, proof: Proof) -> str | None:
        """The secret for the browser of somebody who owes the second factor; None when nothing is owed.

        A passkey is two factors itself: the device, and the finger or PIN that it asked for.
        """
        if proof == "passkey" or not await self._factors.required(user_id):
            return None
        secret, now = new_secret(self._runtime), self._runtime.utcnow()
        await self._store.put(PendingLogin(hash_token(secret), user_id, proof, now + PENDING_LIFETIME), now)
        return secret

    async def forget(self, user_id: str) -> None:
        """What the person's first factors were is over: none of their sign-ins waits any more."""
        await self._store.forget(user_id)

    async def check(
        self, secret: str | None, code: str, address: str, user_agent: str
    ) -> tuple[PendingLogin, SecondFactor]:
        """The sign-in that waits, and what completes it. It is complete when it was also used up (`consume`).

        Raises `InvalidCode`, `RateLimited`, and `SignInOver` when the browser has to begin again.
        """
        if secret is None or len(secret) != SECRET_LENGTH:
            raise SignInOver
        token_hash, now = hash_token(secret), self._runtime.utcnow()
        pending = await self._store.find(token_hash, now)
        if pending is None or not await self._store.attempt(token_hash, now, PENDING_TRIES):
            raise SignInOver
        return pending, await self._factors.check(pending.user_id, code, address, user_agent)

    async def consume(self, pending: PendingLogin) -> bool:
        """Use it up: True for exactly one caller, and for nobody once it was forgotten."""
        return await self._store.consume(pending.token_hash)
