"""The second browser that the end-to-end tests drive.

python3 -m scripts.firefox      prints its path, after installing Debian's firefox-esr when there is none
"""

from __future__ import annotations

import os
import shutil
import sys

from scripts import debian

NAMES = ("firefox-esr", "firefox")


def find() -> str | None:
    """The browser's path: `FIREFOX` when it is set, else the first known name on PATH."""
    named = os.environ.get("FIREFOX")
    return next((path for name in ((named,) if named else NAMES) if (path := shutil.which(name))), None)


def ensure() -> str:
    """The browser's path; installs Debian's firefox-esr when there is none and we are root, else says what to type."""
    if found := find():
        return found
    debian.install("firefox-esr", "The end-to-end tests need a Firefox and none is on PATH.")
    if found := find():
        return found
    raise debian.Missing("Debian's firefox-esr is installed but not on PATH.")


if __name__ == "__main__":
    print(ensure())
    sys.exit(0)
