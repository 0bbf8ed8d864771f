"""What must be kept of API tokens."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from batiyoun.auth.api_tokens.model import ApiToken
from batiyoun.auth.store import CredentialStore


class ApiTokenStore(CredentialStore[ApiToken], Protocol):
    """API tokens. Being found is being used; `of_user` has the youngest first."""

    async def holders(self, user_ids: Collection[str], now: datetime) -> set[str]:
        """Those of these people that have a token which is not over at `now`; disabled people have none."""
        ...
