"""The nginx that checks `deploy/nginx.conf`.

python3 -m scripts.nginx      prints its path, after unpacking Debian's package beside the sources when there is none

Unpacked, not installed: Debian's package would start a web server on port 80.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts import debian

ROOT = Path(__file__).resolve().parent.parent
UNPACKED = ROOT / ".tools" / "nginx"


def find() -> str | None:
    """The path of nginx: `NGINX` when it is set, else on PATH or in sbin, else what was unpacked before."""
    named = os.environ.get("NGINX")
    if named:
        return shutil.which(named)
    on_path = shutil.which("nginx", path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin")))
    return on_path or shutil.which(str(UNPACKED / "usr" / "sbin" / "nginx"))


def ensure() -> str:
    """The path of nginx; fetches Debian's package by apt, which needs no root, or says what to install."""
    if found := find():
        return found
    why = "The proxy tests need nginx and none is on PATH."
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise debian.Missing(f"{why} Install your system's package.")
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            ["apt-get", "download", "-qq", "nginx"], cwd=folder, capture_output=True, text=True, check=False
        )
        archives = [str(path) for path in Path(folder).glob("nginx_*.deb")]
        if done.returncode or not archives:
            raise debian.Missing(f"{why} 'apt-get download nginx' failed:\n\n{done.stderr.strip()}")
        UNPACKED.mkdir(parents=True, exist_ok=True)
        subprocess.run(["dpkg-deb", "--extract", archives[0], str(UNPACKED)], check=True)
    if found := find():
        return found
    raise debian.Missing("Debian's package of nginx holds no /usr/sbin/nginx.")


if __name__ == "__main__":
    print(ensure())
    sys.exit(0)
