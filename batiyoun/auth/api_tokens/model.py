"""Facts about API tokens: what bots and scripts show instead of a session, and what each may do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal, get_args

Scope = Literal["messages:read", "messages:write", "chats:read", "chats:write", "profile:read", "profile:write"]

SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
#: what a connection needs: whoever is connected hears messages, receipts and who is there
LIVE: Final[Scope] = "messages:read"

#: tells people and scanners of leaked secrets what it is
PREFIX: Final = "bty_"
MAX_NAME: Final = 64
MAX_DAYS: Final = 3650
#: of one person
MAX_TOKENS: Final = 50

_NEVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A secret that a program shows. `token_hash` is its SHA-256; the secret itself is kept nowhere."""

    id: str
    token_hash: bytes
    user_id: str
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    last_used_at: datetime | None
    #: None: until it is revoked
    valid_until: datetime | None

    def expires_at(self) -> datetime:
        """When it is over; being used does not prolong it."""
        return self.valid_until or _NEVER
