"""What must be kept of passkeys."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from batiyoun.auth.passkeys.model import Passkey


class PasskeyStore(Protocol):
    """Public keys of people's authenticators."""

    async def add(self, passkey: Passkey) -> None:
        """Keep a new passkey; durable on return. Raises `PasskeyKnown` when its credential is kept already."""
        ...

    async def by_credential(self, credential_id: bytes) -> Passkey | None:
        """The passkey of that credential."""
        ...

    async def of_user(self, user_id: str) -> list[Passkey]:
        """The person's passkeys, the eldest first."""
        ...

    async def used(self, passkey_id: str, sign_count: int, at: datetime) -> bool:
        """Note that it was used, with that signature counter.

        False when it is gone, or when the counter is not beyond the last one though one of both is not 0: then the
        authenticator was copied (WebAuthn §6.1.1), or the answer was shown twice at once.
        """
        ...

    async def rename(self, user_id: str, passkey_id: str, name: str) -> Passkey | None:
        """Give one of the person's passkeys another name; None when there is none of that id."""
        ...

    async def remove(self, user_id: str, passkey_id: str, *, may_be_last: bool) -> bool:
        """Forget one of the person's passkeys; False when there is none of that id.

        Raises `LastWayIn` when no password, passkey or identity would be left, unless it `may_be_last`. Of two that
        would together remove all, one is refused.
        """
        ...
