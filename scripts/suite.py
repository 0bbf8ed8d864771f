"""Runs the tests, and once more, one after the other, the few that failed: a second failure counts.

    python -m scripts.suite [arguments of pytest]

Real servers and browsers share the machine with each other, and now and then one is later than its test waits. What
fails when nothing else runs is wrong; what passes then is named as unsteady, for somebody to make steady. Where more
than a handful fail it is not the machine, and nothing is run again.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

#: what may be late in one run
HANDFUL = 5
FAILED = 1  # https://docs.pytest.org/en/stable/reference/exit-codes.html
KEPT = Path(".pytest_cache/v/cache/lastfailed")  # pytest's own record, behind its --last-failed


def failed() -> list[str]:
    """The tests that failed in the run before, by their ids."""
    return sorted(json.loads(KEPT.read_text())) if KEPT.exists() else []


def run(arguments: Sequence[str]) -> int:
    """The exit code of the tests; what was unsteady is printed last."""
    pytest = [sys.executable, "-m", "pytest"]
    code = subprocess.call([*pytest, "--cache-clear", *arguments])
    names = failed()
    if code != FAILED or not 0 < len(names) <= HANDFUL:
        return code
    print(f"\nOnce more, one after the other: {', '.join(names)}", flush=True)
    again = subprocess.call([*pytest, *names])
    if again == 0:
        print("\nUnsteady, to be made steady:", *names, sep="\n  ", flush=True)
    return again


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
