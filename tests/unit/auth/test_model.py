"""auth/model.py: what a password may be, and when a session is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from batiyoun.auth.model import ABSOLUTE_LIFETIME, IDLE_LIFETIME, check_password
from tests.harness.accounts import Clock, sign_in


@pytest.mark.parametrize("password", ["12345678", "x" * 64, "x" * 1_024, "पासवर्ड ठीक है", "🔑" * 8, "  spaces  "])
def test_05_passwords_that_are_taken(password: str) -> None:
    assert check_password(password) == password


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "at least 8"),
        ("1234567", "at least 8"),
        ("x" * 1_025, "at most 1024 bytes"),
        ("प" * 400, "at most 1024 bytes"),
        ("x" * 5_000_000, "at most 1024 bytes"),
        ("with\0nothing", "control"),
        ("\ud800" * 9, "control"),
    ],
)
def test_05_passwords_that_are_refused(password: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        check_password(password)


def test_10_whichever_end_comes_first() -> None:
    session = sign_in("u", "one", Clock())
    assert session.expires_at() == session.created_at + IDLE_LIFETIME
    used = replace(session, last_seen_at=session.created_at + timedelta(days=89))
    assert used.expires_at() == session.created_at + ABSOLUTE_LIFETIME
