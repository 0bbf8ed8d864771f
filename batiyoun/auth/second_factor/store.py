"""What must be kept for the second factor."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from batiyoun.auth.second_factor.model import Authenticator, PendingLogin


class SecondFactorStore(Protocol):
    """Authenticator apps and recovery codes. However many ask at once, each code is accepted once."""

    async def find(self, user_id: str) -> Authenticator | None:
        """The person's app, confirmed or not."""
        ...

    async def begin(self, user_id: str, sealed: bytes) -> bool:
        """Keep the secret of an app that is not confirmed yet, in place of one before; False if one is confirmed."""
        ...

    async def confirm(self, user_id: str, sealed: bytes, step: int, code_hashes: Collection[bytes]) -> bool:
        """From now on that app counts, `step` is used, and these are the recovery codes.

        False when another secret was kept in the meantime, or one is confirmed. Durable on return.
        """
        ...

    async def use_step(self, user_id: str, step: int) -> bool:
        """Use up a time step of the confirmed app; True once, and never for one before the last. Durable on return."""
        ...

    async def replace_codes(self, user_id: str, code_hashes: Collection[bytes]) -> bool:
        """These are the recovery codes now; False without a confirmed app."""
        ...

    async def use_code(self, user_id: str, code_hash: bytes) -> bool:
        """Use up a recovery code; True to exactly one caller. Durable on return."""
        ...

    async def codes_left(self, user_id: str) -> int:
        """How many recovery codes were not used."""
        ...

    async def remove(self, user_id: str) -> bool:
        """Forget the app and the recovery codes; False if no app was confirmed."""
        ...


class PendingStore(Protocol):
    """Sign-ins that wait for the second factor."""

    async def put(self, pending: PendingLogin, now: datetime) -> None:
        """Keep it; forget what is over. Durable on return."""
        ...

    async def find(self, token_hash: bytes, now: datetime) -> PendingLogin | None:
        """The waiting sign-in, unless it is over."""
        ...

    async def attempt(self, token_hash: bytes, now: datetime, max_tries: int) -> bool:
        """Count a try; False when it does not exist, is over, or has had `max_tries`. Durable on return."""
        ...

    async def consume(self, token_hash: bytes) -> bool:
        """Forget it; True for exactly one caller."""
        ...

    async def forget(self, user_id: str) -> None:
        """Forget all of that person."""
        ...
