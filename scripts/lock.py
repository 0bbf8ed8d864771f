"""Writes the lock files anew: newest versions that pyproject.toml and package.json allow, with hashes, without hosts.

python3 -m scripts.lock [--upgrade]     keeps what is locked and still allowed, unless --upgrade
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from scripts import client, environment

UV = environment.VENV / "bin" / "uv"
#: lock file → the dependency groups it holds
LOCKS: dict[Path, tuple[str, ...]] = {
    environment.LOCKS["run"]: ("build",),
    environment.LOCKS["dev"]: ("dev",),
}


def lock_python(upgrade: list[str]) -> None:
    """`uv pip compile` for every platform and every Python we support; a mirror's address never gets in."""
    common = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-header", "--no-annotate"]
    hidden = ["--no-emit-index-url", "--no-emit-find-links", "--no-config", "--quiet", *upgrade]
    command = [str(UV), "pip", "compile", *common, *hidden]
    for path, groups in LOCKS.items():
        named = [part for group in groups for part in ("--group", group)]
        subprocess.run(
            [*command, "pyproject.toml", *named, "--output-file", path.name], cwd=environment.ROOT, check=True
        )
    node = ["--group", "node", "--output-file", client.NODE_LOCK.name]
    subprocess.run([*command, *node], cwd=environment.ROOT, check=True)


def lock_node(folder: Path) -> None:
    """npm's lock, without the addresses of whichever registry answered (npm finds them again by name and hash)."""
    node = client.ensure_node()
    command = [*node.npm, "install", "--package-lock-only", "--ignore-scripts", "--omit-lockfile-registry-resolved"]
    subprocess.run(command, cwd=folder, env=node.environment(), check=True)
    path = folder / "package-lock.json"
    lock = json.loads(path.read_text())
    for package in lock["packages"].values():
        if not package.get("link"):
            package.pop("resolved", None)
    path.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + os.linesep)


if __name__ == "__main__":
    lock_python([option for option in sys.argv[1:] if option == "--upgrade"])
    benchmarks = sorted(path.parent for path in environment.ROOT.glob("benchmarks/*/package.json"))
    for each in (*client.FOLDERS, *benchmarks):
        lock_node(each)
