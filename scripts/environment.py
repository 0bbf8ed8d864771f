"""Makes `.venv` what the lock file says, and does nothing when it is that already.

    python3 -m scripts.environment run|dev

`run` installs what the server needs (requirements.lock), `dev` what the tests and checks need too
(requirements-dev.lock). Every file is checked against the hash in the lock.
"""

from __future__ import annotations

import hashlib
import importlib.util
import platform
import subprocess
import sys
import time
from pathlib import Path

from scripts import debian

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = {"run": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock"}
OLDEST = (3, 11)


def say(what: str) -> None:
    """Tell the person what takes time."""
    print(f"· {what}", file=sys.stderr, flush=True)


def fingerprint(kind: str) -> str:
    """What an installed environment of that kind was made from."""
    digest = hashlib.sha256(platform.python_version().encode())
    for path in (LOCKS[kind], ROOT / "pyproject.toml"):
        digest.update(b"\0" + path.read_bytes())
    return digest.hexdigest()


def _stamp(kind: str) -> Path:
    return VENV / f".installed-{kind}"


def is_fresh(kind: str) -> bool:
    """Whether everything of that kind is installed; `dev` holds all of `run`."""
    wanted = {"run": ("run", "dev"), "dev": ("dev",)}[kind]
    return PYTHON.exists() and any(
        _stamp(each).is_file() and _stamp(each).read_text() == fingerprint(each) for each in wanted
    )


def pip(*args: str, what: str) -> None:
    """Run the environment's own pip; what it prints is shown only when it fails."""
    command = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", *args]
    done = subprocess.run(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if done.returncode:
        raise debian.Missing(f"{done.stdout.decode(errors='replace')}\n{what} failed; what pip said is above.")


def create() -> None:
    """Make `.venv` with pip in it, from the Python that runs this, when there is none that works."""
    if sys.version_info < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        raise debian.Missing(
            f"Batiyoun needs Python {wanted} or newer; this is {platform.python_version()} ({sys.executable}). "
            f"Name another one:\n\n    make PYTHON=python{wanted} run\n"
        )
    works = (
        PYTHON.exists()
        and not subprocess.run([str(PYTHON), "-c", "import pip"], stderr=subprocess.DEVNULL, check=False).returncode
    )
    if works:
        return
    if importlib.util.find_spec("ensurepip") is None:
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        debian.install(package, f"Python's '{package}' is missing: virtual environments cannot be made without it.")
    say("Making .venv")
    done = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise debian.Missing(f"{done.stdout}{done.stderr}\nMaking .venv with {sys.executable} failed.")


def ensure(kind: str) -> None:
    """Bring `.venv` up to date with the lock of that kind."""
    if is_fresh(kind):
        return
    create()
    started = time.monotonic()
    say(f"Installing Python packages ({LOCKS[kind].name})")
    for each in LOCKS:
        _stamp(each).unlink(missing_ok=True)
    pip("install", "--quiet", "--require-hashes", "--requirement", str(LOCKS[kind]), what="Installing packages")
    # The lock holds the build backend too, so that this step fetches nothing.
    pip("install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", ".", what="Installing Batiyoun")
    _stamp(kind).write_text(fingerprint(kind))
    say(f"Python packages are ready ({time.monotonic() - started:.0f} s)")


if __name__ == "__main__":
    ensure(sys.argv[1])
