"""startup.py: a directory one can write to, and secrets nobody else can read."""

from __future__ import annotations

import gc
import stat
import threading
from pathlib import Path

import pytest

from batiyoun.startup import (
    EXIT_CANNOT_CREATE,
    EXIT_CONFIG,
    CannotStart,
    calm_collector,
    load_or_create_secret,
    prepare_data_dir,
)


def test_the_data_directory_is_made_for_this_user_alone(tmp_path: Path) -> None:
    made = prepare_data_dir(tmp_path / "a" / "data")
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert prepare_data_dir(made) == made
    assert list(made.iterdir()) == []


def test_a_directory_that_cannot_be_made_says_why_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotStart) as caught:
        prepare_data_dir(tmp_path / "file" / "data")
    assert caught.value.exit_code == EXIT_CANNOT_CREATE
    assert str(tmp_path / "file" / "data") in str(caught.value)
    assert "BATIYOUN_DATA_DIR" in str(caught.value)


def test_53_a_secret_is_made_once_with_mode_0600(tmp_path: Path) -> None:
    path = tmp_path / "key"
    assert load_or_create_secret(path, lambda: b"first") == b"first"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_or_create_secret(path, lambda: b"second") == b"first"
    assert [file.name for file in tmp_path.iterdir()] == ["key"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o777])
def test_53_a_secret_that_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key"
    load_or_create_secret(path, lambda: b"secret")
    path.chmod(mode)
    with pytest.raises(CannotStart, match=f"chmod 600 {path}") as caught:
        load_or_create_secret(path, lambda: b"other")
    assert caught.value.exit_code == EXIT_CONFIG
    assert path.read_bytes() == b"secret"


def test_those_who_start_at_once_agree_on_one_secret(tmp_path: Path) -> None:
    path = tmp_path / "key"
    ready = threading.Barrier(8)
    got: list[bytes] = []

    def start(number: int) -> None:
        def make() -> bytes:
            ready.wait(timeout=10)  # everybody has seen that there is none
            return b"%d" % number

        got.append(load_or_create_secret(path, make))

    threads = [threading.Thread(target=start, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert len(got) == 8
    assert set(got) == {path.read_bytes()}


def test_the_collector_is_calmed_and_still_finds_cycles() -> None:
    before = gc.get_threshold()
    try:
        calm_collector()
        assert gc.get_freeze_count() > 1_000
        assert gc.get_threshold()[0] > 10_000
        assert gc.isenabled()
        cycle: list[object] = []
        cycle.append(cycle)
        del cycle
        assert gc.collect() >= 1
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
