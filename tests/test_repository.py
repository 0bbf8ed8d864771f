"""The repository speaks only of the product: nobody's paths and nobody's mirrors get in."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: Put together here, so that this file does not hold what it looks for.
FORBIDDEN = [
    *("/" + folder + "/" for folder in ("work", "root", "farm")),
    *("".join(parts) for parts in (("pypi", ".org"), ("python", "hosted"), ("registry.npm", "js"), ("deb.", "debian"))),
    *("--" + option for option in ("index-url", "extra-index-url", "find-links")),
    '"resolved"' + ":",
]


def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def test_no_file_names_a_machine_or_a_mirror() -> None:
    found = []
    for path in _tracked():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue  # pictures and fonts
        found += [
            f"{path.relative_to(ROOT)}:{number} {word}"
            for number, line in enumerate(text.splitlines(), 1)
            for word in FORBIDDEN
            if word in line
        ]
    assert not found, "\n".join(found)


def test_no_link_in_the_documentation_is_dead() -> None:
    dead = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in _tracked()
        if page.suffix == ".md"
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text())
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert not dead, "\n".join(dead)


def test_nothing_is_tracked_that_git_is_told_to_ignore() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--ignored", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    assert listed.stdout == ""
