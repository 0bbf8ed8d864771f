"""Facts about signing in through another provider (OpenID Connect)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

#: how long somebody may be away at the provider
ATTEMPT_LIFETIME = timedelta(minutes=10)
#: how long the rest of the sign-up form may take
PENDING_LIFETIME = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a person is at a provider: the pair of issuer and subject, which never changes (OpenID Connect Core §5.7).

    `email` is what the provider said when it was linked; it is shown, and means nothing else.
    """

    id: str
    user_id: str
    issuer: str
    subject: str
    email: str
    linked_at: datetime
