"""Generated files are what their source says: `make contracts` writes them anew."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from scripts import security_words

ROOT = Path(__file__).resolve().parent.parent
BATIYOUN = [sys.executable, "-c", "from batiyoun.cli import main; main()"]


def test_the_settings_reference_is_fresh() -> None:
    said = subprocess.run([*BATIYOUN, "config", "--docs"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert (ROOT / "docs" / "reference" / "settings.md").read_text() == said, "stale: run `make contracts`"


def test_the_words_of_security_are_fresh() -> None:
    page = (ROOT / "docs" / "reference" / "security-words.md").read_text()
    assert page == security_words.page(), "stale: run `make contracts`"


def test_the_browser_s_types_and_validators_are_fresh(tmp_path: Path) -> None:
    node = shutil.which("node")
    assert node, "Node is not on PATH: run `make test`, which finds or fetches one"
    contract = tmp_path / "contract.json"
    with contract.open("wb") as file:
        subprocess.run([*BATIYOUN, "schema"], cwd=ROOT, check=True, stdout=file)
    command = [node, "scripts/contracts.mjs", "--check", "--from", str(contract)]
    checked = subprocess.run(command, cwd=ROOT / "client", check=False, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
