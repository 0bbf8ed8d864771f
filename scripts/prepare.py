"""Everything `batiyoun serve` needs: the environment and the client, side by side because both mostly wait.

python3 -m scripts.prepare [run|dev]
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

from scripts import client, environment


def prepare(kind: str) -> None:
    """Bring `.venv` and `batiyoun/static` up to date; the first failure ends the command with its message."""
    if environment.is_fresh(kind) and client.is_fresh():
        return
    environment.create()
    with ThreadPoolExecutor() as pool:
        packages = pool.submit(environment.ensure, kind)
        built = pool.submit(client.ensure_built)
    packages.result()
    built.result()


if __name__ == "__main__":
    prepare(sys.argv[1] if len(sys.argv) > 1 else "run")
