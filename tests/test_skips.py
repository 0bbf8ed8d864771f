"""In CI a test that was not run has not passed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
SKIPS = {
    "by itself": "import pytest\ndef test_it(): pytest.skip('no reason')\n",
    "by a mark": "import pytest\n@pytest.mark.skip\ndef test_it(): pass\n",
    "as a file": "import pytest\npytest.skip('no reason', allow_module_level=True)\n",
}


@pytest.mark.parametrize("source", SKIPS.values(), ids=SKIPS)
@pytest.mark.parametrize(("ci", "passes"), [("true", False), ("", True)], ids=["in CI", "at home"])
def test_a_skip_fails_in_ci_only(tmp_path: Path, source: str, ci: str, passes: bool) -> None:
    shutil.copy(HERE / "conftest.py", tmp_path)
    (tmp_path / "test_skipping.py").write_text(source + "\ndef test_other(): pass\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(tmp_path),
        str(tmp_path),
    ]
    done = subprocess.run(
        command, cwd=tmp_path, env=os.environ | {"CI": ci}, check=False, capture_output=True, text=True
    )
    # a file that skips itself leaves no test, which pytest calls exit code 5
    assert (done.returncode in {0, 5}) is passes, done.stdout
