"""What is run a second time, and what that may and may not excuse."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness.server import ROOT

LATE_ONCE = """
from pathlib import Path
def test_late():
    mark = Path("been-here")
    first = not mark.exists()
    mark.touch()
    assert not first
"""
WRONG = "def test_wrong():\n    assert False\n"
FINE = "def test_fine():\n    pass\n"


def suite(folder: Path, *tests: str) -> subprocess.CompletedProcess[str]:
    """The outcome of a project with these files of tests."""
    for number, test in enumerate(tests):
        folder.joinpath(f"test_{number}.py").write_text(test)
    folder.joinpath("pytest.ini").write_text("[pytest]\n")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    return subprocess.run(
        [sys.executable, "-m", "scripts.suite", "-q"],
        cwd=folder,
        env=environment | {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_what_passes_alone_is_named_and_excused(tmp_path: Path) -> None:
    outcome = suite(tmp_path, FINE, LATE_ONCE)
    assert outcome.returncode == 0
    assert outcome.stdout.endswith("Unsteady, to be made steady:\n  test_1.py::test_late\n")


@pytest.mark.parametrize("others", [(FINE,), (LATE_ONCE,)], ids=["alone", "beside something late"])
def test_what_fails_twice_has_failed(tmp_path: Path, others: tuple[str, ...]) -> None:
    outcome = suite(tmp_path, *others, WRONG)
    assert outcome.returncode == 1
    assert "Unsteady" not in outcome.stdout


def test_many_failures_are_not_the_machine(tmp_path: Path) -> None:
    outcome = suite(tmp_path, *([WRONG] * 6))
    assert outcome.returncode == 1
    assert "Once more" not in outcome.stdout


def test_what_cannot_be_collected_is_not_excused(tmp_path: Path) -> None:
    assert suite(tmp_path, FINE, "import nothing_of_that_name\n").returncode == 2


def test_a_clean_run_is_clean(tmp_path: Path) -> None:
    outcome = suite(tmp_path, FINE)
    assert (outcome.returncode, "Once more" in outcome.stdout) == (0, False)
