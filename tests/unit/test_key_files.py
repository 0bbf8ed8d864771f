"""key_files.py: signing keys on disk, for their owner alone."""

from __future__ import annotations

import os
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from batiyoun.auth.keys import load_signing_key, new_signing_key
from batiyoun.cli import main
from batiyoun.key_files import BEFORE, KeyFiles
from batiyoun.startup import EXIT_CANNOT_CREATE, EXIT_CONFIG, CannotStart
from tests.harness.accounts import SIGNING_KEY, Clock

NOW = Clock().runtime().utcnow() + timedelta(milliseconds=7)


@pytest.fixture
def files(tmp_path: Path) -> KeyFiles:
    made = KeyFiles(tmp_path / "keys")
    made.open()
    return made


def names(files: KeyFiles) -> list[str]:
    return sorted(path.name for path in files.folder.iterdir())


def test_53_keys_and_their_directory_are_for_their_owner_alone(files: KeyFiles) -> None:
    files.add(new_signing_key(), NOW)
    assert stat.S_IMODE(files.folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in files.folder.iterdir()] == [0o600]


def test_what_is_added_is_loaded_with_its_time_and_removed_by_its_id(files: KeyFiles) -> None:
    first, second = new_signing_key(), new_signing_key()
    for pem in (first, second):  # in the same millisecond
        files.add(pem, NOW)
    loaded = files.load()
    assert {key.id for key in loaded} == {load_signing_key(pem, NOW).id for pem in (first, second)}
    assert {key.created_at for key in loaded} == {NOW}
    os.utime(files.folder / names(files)[0], (0, 0))  # a copy that keeps no times
    assert {key.created_at for key in files.load()} == {NOW}
    files.remove([load_signing_key(first, NOW)])
    assert [key.id for key in files.load()] == [load_signing_key(second, NOW).id]
    files.remove([load_signing_key(first, NOW)])
    assert len(files.load()) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o777])
def test_53_a_key_that_others_can_read_is_refused(files: KeyFiles, mode: int) -> None:
    files.add(new_signing_key(), NOW)
    (path,) = files.folder.iterdir()
    path.chmod(mode)
    with pytest.raises(CannotStart, match=f"chmod 600 {path}") as caught:
        files.open()
    assert caught.value.exit_code == EXIT_CONFIG
    assert files.load() == [], "nor is it used by a server that runs"


@pytest.mark.parametrize("content", [b"", b"key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_file_that_is_no_key_is_refused(files: KeyFiles, content: bytes) -> None:
    files.add(SIGNING_KEY, NOW)
    (path,) = files.folder.iterdir()
    path.write_bytes(content)
    with pytest.raises(CannotStart, match="is not a signing key"):
        files.open()
    assert files.load() == []


def test_other_files_are_left_alone(files: KeyFiles) -> None:
    for name in ("README", "signing-.pem", "signing-20260101T000000000Z.pem.bak", ".signing-20260101T000000000Z.pem.x"):
        (files.folder / name).write_text("not ours")
    before = names(files)
    files.open()
    assert files.load() == []
    files.remove([load_signing_key(SIGNING_KEY, NOW)])
    assert names(files) == before


def test_the_key_of_an_older_version_is_taken_over(tmp_path: Path) -> None:
    old = tmp_path / BEFORE
    old.touch(0o600)
    old.write_bytes(SIGNING_KEY)
    os.utime(old, (NOW.timestamp(), NOW.timestamp()))
    files = KeyFiles(tmp_path / "keys")
    files.open()
    files.open()
    (key,) = files.load()
    assert (key.id, key.created_at) == (load_signing_key(SIGNING_KEY, NOW).id, NOW)
    assert not old.exists()


def test_53_the_key_of_an_older_version_is_refused_when_others_can_read_it(tmp_path: Path) -> None:
    old = tmp_path / BEFORE
    old.write_bytes(SIGNING_KEY)
    old.chmod(0o644)
    with pytest.raises(CannotStart, match=f"chmod 600 {old}"):
        KeyFiles(tmp_path / "keys").open()


def test_a_directory_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a file")
    with pytest.raises(CannotStart, match="make this user their owner") as caught:
        KeyFiles(tmp_path / "keys").open()
    assert caught.value.exit_code == EXIT_CANNOT_CREATE


# ── the command line ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BATIYOUN_DATA_DIR", str(tmp_path))
    return tmp_path / "keys"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["keys", *arguments], catch_exceptions=False)


def test_rotating_publishes_a_key_that_signs_later(place: Path) -> None:
    assert "no key yet" in run("list").stdout
    first = run("rotate").stdout.split()[0]
    rotated = run("rotate")
    assert rotated.exit_code == 0
    second = rotated.stdout.split()[0]
    assert "in ten minutes" in rotated.stdout
    shown = run("list").stdout.splitlines()
    assert [line.split()[0] for line in shown] == [first, second]
    assert shown[0].endswith(", signs")
    assert shown[1].endswith(", signs next")
    assert "PRIVATE" not in "".join(shown)
    assert {stat.S_IMODE(path.stat().st_mode) for path in place.iterdir()} == {0o600}


def test_rotating_after_a_leak_leaves_the_new_key_alone(place: Path) -> None:
    run("rotate")
    run("rotate")
    after = run("rotate", "--leaked")
    assert "void" in after.stdout
    assert [line.split()[0] for line in run("list").stdout.splitlines()] == [after.stdout.split()[0]]


def test_53_a_key_that_others_can_read_is_not_rotated_away(place: Path) -> None:
    run("rotate")
    (path,) = place.iterdir()
    path.chmod(0o644)
    refused = run("rotate")
    assert refused.exit_code == EXIT_CONFIG
    assert f"chmod 600 {path}" in refused.stderr


def test_a_place_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATIYOUN_DATA_DIR", str(tmp_path / "nowhere"))
    refused = run("list")
    assert refused.exit_code == EXIT_CONFIG
    assert "is not there" in refused.stderr
