"""secret_files.py: what may hold a password may come from a file, which may not be half of anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from batiyoun.settings import SettingsInvalid, file_variables, load_settings, unknown_variables, variables

DATABASE = "postgresql://asha:s3cret@db/app"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own settings do not reach the tests."""
    for name in (*variables(), *file_variables(), "PORT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file with a database's address in it, ending in a newline as editors leave it."""
    path = tmp_path / "database_url"
    path.write_text(DATABASE + "\n")
    return path


def refused(env_file: Path | None = None) -> str:
    with pytest.raises(SettingsInvalid) as caught:
        load_settings(env_file)
    (problem,) = caught.value.problems
    return problem


def test_a_secret_is_read_from_the_file_that_the_environment_names(
    secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BATIYOUN_DATABASE_URL_FILE", str(secret))
    assert load_settings().accounts_url == DATABASE.replace("postgresql", "postgresql+asyncpg")
    assert load_settings(database_url="sqlite:///x.db").accounts_url == "sqlite+aiosqlite:///x.db"


def test_a_settings_file_may_name_it_and_the_environment_is_stronger(
    secret: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "env"
    file.write_text(f"BATIYOUN_DATABASE_URL_FILE={secret}\n")
    assert "s3cret" in load_settings(file).accounts_url
    monkeypatch.setenv("BATIYOUN_DATABASE_URL", "sqlite:////srv/accounts.db")
    assert load_settings(file).accounts_url == "sqlite+aiosqlite:////srv/accounts.db"
    monkeypatch.delenv("BATIYOUN_DATABASE_URL")
    file.write_text("BATIYOUN_DATABASE_URL=sqlite:////srv/accounts.db\n")
    monkeypatch.setenv("BATIYOUN_DATABASE_URL_FILE", str(secret))
    assert "s3cret" in load_settings(file).accounts_url


def test_both_at_once_is_a_contradiction(secret: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "env"
    file.write_text(f"BATIYOUN_DATABASE_URL=sqlite:///x\nBATIYOUN_DATABASE_URL_FILE={secret}\n")
    assert refused(file) == "BATIYOUN_DATABASE_URL and BATIYOUN_DATABASE_URL_FILE are both set: keep one of them."
    monkeypatch.setenv("BATIYOUN_DATABASE_URL", DATABASE)
    monkeypatch.setenv("BATIYOUN_DATABASE_URL_FILE", str(secret))
    assert "s3cret" not in refused()


@pytest.mark.parametrize("content", [b"", b"\n \n", b"two\nlines", b"\xff\xfe", b"nul\0", b"x" * 70_000])
def test_a_file_that_holds_no_line_of_text(content: bytes, secret: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret.write_bytes(content)
    monkeypatch.setenv("BATIYOUN_DATABASE_URL_FILE", str(secret))
    assert refused() == (
        f"BATIYOUN_DATABASE_URL_FILE={secret} does not hold one line of text: write the value into it."
    )


@pytest.mark.parametrize("name", ["nowhere", "."])
def test_a_file_that_cannot_be_read(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATIYOUN_SMTP_URL_FILE", str(tmp_path / name))
    problem = refused()
    assert problem.startswith(f"BATIYOUN_SMTP_URL_FILE={tmp_path / name} cannot be read (")
    assert "the server's user may read" in problem


def test_what_is_in_the_file_is_checked_and_never_quoted(secret: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret.write_text("mysql://asha:s3cret@db/app")
    monkeypatch.setenv("BATIYOUN_DATABASE_URL_FILE", str(secret))
    problem = refused()
    assert problem.startswith("BATIYOUN_DATABASE_URL: ")
    assert "s3cret" not in problem


def test_only_settings_that_may_hold_a_password_have_a_file() -> None:
    assert {"BATIYOUN_DATABASE_URL_FILE", "BATIYOUN_SMTP_URL_FILE"} <= set(file_variables())
    assert "BATIYOUN_PORT_FILE" not in file_variables()
    assert unknown_variables({"BATIYOUN_SMTP_URL_FILE": "x", "BATIYOUN_PORT_FILE": "x"}) == [
        "BATIYOUN_PORT_FILE is not a setting: did you mean BATIYOUN_PORT?"
    ]
