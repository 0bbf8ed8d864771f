"""Debian packages that PyPI and npm cannot give: installed when we may, named plainly when we may not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys


class Missing(SystemExit):
    """Something has to be installed by hand; the message says what and how, and ends the command."""


def install(package: str, why: str) -> None:
    """Install a Debian package as root.

    Raises `Missing` with the command to type when we are not root, when this is no Debian, or when apt fails.
    """
    if shutil.which("apt-get") is None:
        raise Missing(f"{why} On Debian it is in the package '{package}'; install your system's equivalent.")
    if os.geteuid() != 0:
        raise Missing(f"{why} It cannot be installed without root. Type:\n\n    sudo apt-get install {package}\n")
    print(f"{why} Installing '{package}' with apt-get…", file=sys.stderr)
    # the run level of repairs: a package that brings a service does not start it (invoke-rc.d(8))
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive", RUNLEVEL="1")
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", package]):
        done = subprocess.run(
            ["apt-get", *command], env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if done.returncode:
            said = (done.stderr or done.stdout).strip()
            raise Missing(f"'apt-get {' '.join(command)}' failed:\n\n{said}\n\n{why}")
