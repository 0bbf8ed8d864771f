"""Every direct dependency is argued for in `docs/decisions`."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
RECORDS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))


def _dependencies() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    python: list[str | dict[str, str]] = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    for group in project["dependency-groups"].values():
        python += group
    found = {Requirement(entry).name for entry in python if isinstance(entry, str)}
    for path in ROOT.rglob("package.json"):
        package = {} if "node_modules" in path.parts else json.loads(path.read_text())
        found |= {*package.get("dependencies", {}), *package.get("devDependencies", {})}
    return found


def test_every_dependency_has_its_reasons() -> None:
    text = "\n".join(record.read_text() for record in RECORDS)
    named = {name for quoted in re.findall(r"`([^`]+)`", text) for name in (quoted, *quoted.split("/"))}
    missing = sorted(name for name in _dependencies() if name not in named)
    assert not missing, f"docs/decisions says nothing about {missing}"


def test_every_record_names_its_licences_and_alternatives() -> None:
    assert RECORDS
    for record in RECORDS:
        for part in ("**Decision.**", "**Why.**", "**Alternatives.**", "**Licences.**"):
            assert part in record.read_text(), f"{record.name} has no {part}"


def test_the_index_lists_every_record() -> None:
    index = (ROOT / "docs" / "decisions" / "README.md").read_text()
    assert [record.name for record in RECORDS] == re.findall(r"\]\((\d+-[^)]+)\)", index)
