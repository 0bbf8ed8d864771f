"""What must be kept of API tokens."""

from __future__ import annotations

from typing import Protocol

from batiyoun.auth.api_tokens.model import ApiToken
from batiyoun.auth.store import CredentialStore


class ApiTokenStore(CredentialStore[ApiToken], Protocol):
    """API tokens. Being found is being used; `of_user` has the youngest first."""
