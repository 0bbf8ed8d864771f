"""auth/model.py: when a session is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from batiyoun.auth.model import ABSOLUTE_LIFETIME, IDLE_LIFETIME
from tests.harness.accounts import Clock, sign_in


def test_10_whichever_end_comes_first() -> None:
    session = sign_in("u", "one", Clock())
    assert session.expires_at() == session.created_at + IDLE_LIFETIME
    used = replace(session, last_seen_at=session.created_at + timedelta(days=89))
    assert used.expires_at() == session.created_at + ABSOLUTE_LIFETIME
