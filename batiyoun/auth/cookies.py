"""What a browser shows and what it is given: the session's cookie, and the session behind it."""

from __future__ import annotations

from batiyoun.auth.model import ABSOLUTE_LIFETIME, MAX_USER_AGENT, Principal, Session, SignedIn
from batiyoun.auth.secrets import hash_token, new_secret
from batiyoun.runtime import Runtime
from batiyoun.users.model import User


def new_session(user: User, user_agent: str, runtime: Runtime) -> SignedIn:
    """A session that begins now, and the secret for its cookie; nothing is kept yet."""
    token = new_secret(runtime)
    now = runtime.utcnow()
    session = Session(
        id=runtime.new_id(),
        token_hash=hash_token(token),
        user_id=user.id,
        device_id=None,
        created_at=now,
        last_seen_at=now,
        user_agent="".join(char for char in user_agent if char.isprintable())[:MAX_USER_AGENT],
        proved_at=now,
    )
    return SignedIn(user, session, token)


def principal_of(session: Session) -> Principal:
    """Who a session speaks for."""
    ends_at = (session.created_at + ABSOLUTE_LIFETIME).timestamp()
    return Principal(session.user_id, session.id, session.device_id, ends_at, session.proved_at.timestamp())


def read_cookie(header: str, name: str) -> str | None:
    """The value of one cookie of a Cookie header; None when absent or given twice with different values."""
    if name not in header:
        return None
    values = set()
    for part in header.split(";"):
        key, equals, value = part.strip().partition("=")
        if equals and key == name:
            values.add(value)
    return values.pop() if len(values) == 1 else None
