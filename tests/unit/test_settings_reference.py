"""settings_reference.py: what is printed hides passwords and leaves nothing out."""

from __future__ import annotations

import pytest

from batiyoun.settings import Settings, load_settings, variables
from batiyoun.settings_reference import effective, mask, reference


def test_every_setting_is_documented() -> None:
    assert all(field.description for field in Settings.model_fields.values())
    text = reference()
    assert all(f"| `{variable}` |" in text for variable in variables())


def test_passwords_are_masked_and_switches_readable() -> None:
    lines = list(
        effective(
            load_settings(database_url="postgresql://asha:s3cret@db/app", rate_limits=False, trusted_proxies=("::1",))
        )
    )
    assert "BATIYOUN_DATABASE_URL=postgresql+asyncpg://asha:••••@db/app" in lines
    assert "BATIYOUN_RATE_LIMITS=off" in lines
    assert "BATIYOUN_TRUSTED_PROXIES=::1" in lines
    assert "# BATIYOUN_PUBLIC_URL=" in lines
    assert not any("s3cret" in line for line in lines)
    assert len(lines) == len(Settings.model_fields)


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("sqlite:///data/x.db", "sqlite:///data/x.db"),
        ("postgresql://asha@db/app", "postgresql://asha@db/app"),
        ("redis://:p@ss@h:1/0", "redis://:••••@h:1/0"),
    ],
)
def test_only_the_password_is_masked(address: str, masked: str) -> None:
    assert mask(address) == masked
