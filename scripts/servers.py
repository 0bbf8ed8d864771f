"""The servers that the tests start and that no wheel holds: Redis, and a PostgreSQL that speaks TLS.

python3 -m scripts.servers      installs Debian's packages of those that are missing; none of them is left running
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from scripts import debian


def has_redis() -> bool:
    """Whether `redis-server` is on PATH."""
    return shutil.which("redis-server", path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/bin"))) is not None


def has_postgres() -> bool:
    """Whether a PostgreSQL stands where Debian puts it."""
    return any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


NEEDED: tuple[tuple[str, str, Callable[[], bool]], ...] = (
    ("redis-server", "The tests of Redis need its server and none is on PATH.", has_redis),
    ("postgresql", "The tests of TLS need a PostgreSQL that was built with it, and there is none.", has_postgres),
)


def ensure() -> None:
    """Install what is missing when we are root, else say what to type. Raises `debian.Missing`."""
    for package, why, is_there in NEEDED:
        if is_there():
            continue
        debian.install(package, why)
        if not is_there():
            raise debian.Missing(f"Debian's {package} is installed but not where it is looked for.")


if __name__ == "__main__":
    ensure()
    sys.exit(0)
