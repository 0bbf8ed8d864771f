"""settings.py: what is read, what is refused and with which way out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from batiyoun.settings import Settings, SettingsInvalid, load_settings, unknown_variables


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The machine's own settings do not reach the tests."""
    for name in (*Settings.model_fields,):
        monkeypatch.delenv(f"BATIYOUN_{name.upper()}", raising=False)
    monkeypatch.delenv("PORT", raising=False)
    monkeypatch.chdir(tmp_path)


def refused(**values: Any) -> str:
    with pytest.raises(SettingsInvalid) as caught:
        load_settings(**values)
    return " ".join(caught.value.problems)


def test_the_defaults_serve_this_machine_only() -> None:
    settings = load_settings()
    assert (settings.host, settings.port, settings.loopback, settings.secure) == ("127.0.0.1", 8000, True, False)
    assert settings.base_url() == "http://127.0.0.1:8000"
    assert settings.accounts_url == f"sqlite+aiosqlite:///{Path.cwd() / 'data' / 'accounts.db'}"
    assert settings.log_path == Path.cwd() / "data" / "log.db"


def test_the_environment_is_read_with_the_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATIYOUN_RATE_LIMITS", "off")
    monkeypatch.setenv("BATIYOUN_TRUSTED_PROXIES", "10.0.0.0/8, ::1")
    monkeypatch.setenv("BATIYOUN_LOG_FORMAT", "")
    monkeypatch.setenv("HOST", "example.org")
    settings = load_settings()
    assert settings.rate_limits is False
    assert settings.trusted_proxies == ("10.0.0.0/8", "::1")
    assert settings.log_format == "text"
    assert settings.host == "127.0.0.1"


def test_a_bare_port_is_honoured_and_ours_is_stronger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "3000")
    assert load_settings().port == 3000
    monkeypatch.setenv("BATIYOUN_PORT", "4000")
    assert load_settings().port == 4000
    assert load_settings(port=5000).port == 5000


def test_a_dotenv_file_is_read_only_when_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / ".env"
    file.write_text("BATIYOUN_PORT=1234\nBATIYOUN_LOG_LEVEL=error\nOTHER=1\n")
    assert load_settings().port == 8000
    assert load_settings(file).port == 1234
    monkeypatch.setenv("BATIYOUN_PORT", "4321")
    assert (load_settings(file).port, load_settings(file).log_level) == (4321, "error")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "chat.example.org"])  # noqa: S104
def test_plain_http_beyond_loopback_is_refused_with_the_way_out(host: str) -> None:
    problem = refused(host=host)
    for word in (host, "BATIYOUN_TLS_CERT", "BATIYOUN_TRUSTED_PROXIES", "BATIYOUN_PUBLIC_URL", "127.0.0.1"):
        assert word in problem
    assert "refused" in refused(host=host, trusted_proxies=("10.0.0.1",))
    assert "refused" in refused(host=host, trusted_proxies=("10.0.0.1",), public_url="http://chat.example.org")


def test_beyond_loopback_with_tls_or_a_trusted_proxy(tmp_path: Path) -> None:
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    cert.touch()
    key.touch()
    own = load_settings(host="0.0.0.0", tls_cert=cert, tls_key=key)  # noqa: S104
    assert (own.secure, own.loopback, own.base_url(443)) == (True, False, "https://0.0.0.0:443")
    assert own.address_to_open(443) == "https://0.0.0.0:443"
    behind = load_settings(host="0.0.0.0", trusted_proxies=("10.0.0.1",), public_url="https://Chat.example.org/")  # noqa: S104
    assert (behind.secure, behind.base_url()) == (True, "https://chat.example.org")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.9.1"])
def test_loopback_has_many_names(host: str) -> None:
    assert load_settings(host=host).loopback
    assert load_settings(host="::1").base_url() == "http://[::1]:8000"


@pytest.mark.parametrize("test_setting", [{"rate_limits": False}, {"allow_plaintext": True}])
def test_what_is_for_tests_is_refused_beyond_loopback(test_setting: dict[str, Any]) -> None:
    load_settings(**test_setting)
    problem = refused(
        host="0.0.0.0",  # noqa: S104
        trusted_proxies=("10.0.0.1",),
        public_url="https://chat.example.org",
        **test_setting,
    )
    assert "127.0.0.1" in problem


def test_half_of_tls_and_missing_files_are_refused(tmp_path: Path) -> None:
    there = tmp_path / "cert.pem"
    there.touch()
    assert "belong together" in refused(tls_cert=there)
    assert "is not a file" in refused(tls_cert=there, tls_key=tmp_path / "nowhere.pem")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", 70_000),
        ("public_url", "chat.example.org"),
        ("public_url", "https://chat.example.org/path"),
        ("trusted_proxies", "*"),
        ("allowed_origins", "*"),
        ("database_url", "mysql://x/y"),
        ("database_url", "postgresql://"),
        ("database_url", "postgresql://host/name?sslmode=require&channel_binding=require"),
        ("messages_url", "mysql://localhost/x"),
        ("messages_url", "mongodb://"),
        ("messages_url", "sqlite:///"),
        ("messages_url", "sqlite://log.db"),
        ("messages_url", "postgresql://host/name?channel_binding=require"),
        ("messages_connections", 0),
        ("messages_timeout_ms", 99),
        ("redis_url", "http://localhost"),
        ("password_cost", 3),
        ("log_level", "loud"),
    ],
)
def test_malformed_values_are_refused_by_name(name: str, value: object, monkeypatch: pytest.MonkeyPatch) -> None:
    variable = f"BATIYOUN_{name.upper()}"
    monkeypatch.setenv(variable, str(value))
    problem = refused()
    assert problem.startswith(f"{variable}: ")
    assert "batiyoun config --docs" in problem


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("postgres://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("postgresql://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("sqlite:////var/lib/accounts.db", "sqlite+aiosqlite:////var/lib/accounts.db"),
    ],
)
def test_database_addresses_get_their_driver(given: str, kept: str) -> None:
    assert load_settings(database_url=given).accounts_url == kept


def test_messages_may_lie_elsewhere() -> None:
    assert load_settings(messages_url="sqlite:////srv/log.db").log_path == Path("/srv/log.db")


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("sqlite:////srv/log.db", "sqlite:////srv/log.db"),
        ("postgres://u:p@host/name?sslmode=verify-full", "postgresql://u:p@host/name?sslmode=verify-full"),
        ("mongodb://a,b,c/name?replicaSet=rs0&tls=true", "mongodb://a,b,c/name?replicaSet=rs0&tls=true"),
        ("mongodb+srv://u:p@cluster.example.net/name", "mongodb+srv://u:p@cluster.example.net/name"),
    ],
)
def test_where_messages_are_kept(given: str, address: str) -> None:
    assert load_settings(messages_url=given).messages_address == address


def test_messages_are_in_a_file_unless_said_otherwise(tmp_path: Path) -> None:
    assert load_settings(data_dir=tmp_path).messages_address == f"sqlite:///{tmp_path / 'log.db'}"


def test_unknown_variables_are_named_with_the_nearest() -> None:
    found = unknown_variables(
        {
            "BATIYOUN_HOTS": "x",
            "BATIYOUN_ZZZ": "",
            "BATIYOUN_PORT": "1",
            "BATIYOUN_SKIP_CLIENT": "1",
            "PATH": "",
        }
    )
    assert found == [
        "BATIYOUN_HOTS is not a setting: did you mean BATIYOUN_HOST?",
        "BATIYOUN_ZZZ is not a setting: `batiyoun config --docs` lists all settings.",
    ]


def test_addresses_are_proved_where_letters_reach_people_or_somebody_decides_so() -> None:
    mail: dict[str, Any] = {"smtp_url": "smtp://mail.example.org", "mail_from": "chat@example.org"}
    assert load_settings().proves_addresses is False
    assert load_settings(**mail).proves_addresses is True
    assert load_settings(**mail, verify_email=False).proves_addresses is False
    assert load_settings(verify_email=True).proves_addresses is True


def test_mail_settings_that_cannot_work_are_refused(tmp_path: Path) -> None:
    assert "BATIYOUN_MAIL_FROM" in refused(smtp_url="smtp://mail.example.org")
    assert "smtps://" in refused(smtp_url="https://mail.example.org", mail_from="a@example.org")
    assert "secret" not in refused(smtp_url="smtp://me:secret@mail.example.org/x", mail_from="a@example.org")
    for sender in ("nobody", "A <a>", "a@example.org\r\nBcc: b@example.org"):
        assert "Batiyoun <chat@example.org>" in refused(mail_from=sender)
    nothing = tmp_path / "empty.pem"
    assert "PEM" in refused(smtp_ca=nothing)
    nothing.touch()
    assert "PEM" in refused(smtp_ca=nothing)


def test_whoever_starts_it_is_shown_a_name_because_passkeys_need_one() -> None:
    assert load_settings().address_to_open() == "http://localhost:8000"
    assert load_settings(public_url="https://chat.example.org").address_to_open(8000) == "https://chat.example.org"
