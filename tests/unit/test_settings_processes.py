"""settings.py: what several processes need, each refusal with the way out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from batiyoun.settings import SettingsInvalid, load_settings

SHARED: dict[str, Any] = {
    "redis_url": "redis://localhost",
    "messages_url": "postgresql://app@localhost/messages",
    "database_url": "postgresql://app@localhost/accounts",
    "public_url": "https://chat.example.org",
}


@pytest.mark.parametrize(
    "wanted", [{"workers": 4}, {"role": "api"}, {"role": "realtime", "workers": 2}, {"role": "worker"}]
)
def test_over_shared_stores_any_number_of_processes_may_run(wanted: dict[str, Any]) -> None:
    settings = load_settings(**SHARED, **wanted)
    assert {name: getattr(settings, name) for name in wanted} == wanted


@pytest.mark.parametrize(
    ("wanted", "named"),
    [
        ({"workers": 4, "redis_url": None}, ["WORKERS=4", "BATIYOUN_REDIS_URL"]),
        ({"role": "api", "redis_url": None}, ["ROLE=api", "BATIYOUN_REDIS_URL"]),
        ({"workers": 2, "messages_url": None}, ["WORKERS=2", "BATIYOUN_MESSAGES_URL", "storage move"]),
        ({"role": "realtime", "messages_url": "sqlite:///log.db"}, ["ROLE=realtime", "BATIYOUN_MESSAGES_URL"]),
        ({"role": "worker", "database_url": None}, ["ROLE=worker", "BATIYOUN_DATABASE_URL"]),
        ({"role": "api", "public_url": None}, ["ROLE=api", "BATIYOUN_PUBLIC_URL"]),
        ({"role": "worker", "workers": 2}, ["BATIYOUN_WORKERS", "worker"]),
        ({"role": "everything"}, ["BATIYOUN_ROLE"]),
        ({"workers": 0}, ["BATIYOUN_WORKERS"]),
        ({"redis_url": "localhost:6379"}, ["BATIYOUN_REDIS_URL", "rediss://"]),
    ],
)
def test_what_cannot_work_is_refused_with_the_way_out(wanted: dict[str, Any], named: list[str]) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        load_settings(**(SHARED | wanted))
    assert all(part in str(refused.value) for part in named), refused.value


def test_workers_leave_tls_to_a_proxy(tmp_path: Path) -> None:
    pem = tmp_path / "cert.pem"
    pem.touch()
    with pytest.raises(SettingsInvalid, match="TLS proxy"):
        load_settings(**SHARED, workers=2, tls_cert=pem, tls_key=pem)
    assert load_settings(**SHARED, role="api", tls_cert=pem, tls_key=pem).workers == 1


def test_workers_on_one_machine_may_share_accounts_in_sqlite() -> None:
    assert load_settings(**(SHARED | {"database_url": None}), workers=2).workers == 2
