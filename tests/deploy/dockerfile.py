"""The Dockerfile, instruction by instruction. hadolint knows whether it is one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.harness.server import ROOT

DOCKERFILE = ROOT / "deploy" / "Dockerfile"


@dataclass(frozen=True, slots=True)
class Instruction:
    """Such as `kind` RUN with its `value`, on one line."""

    kind: str
    value: str


def stages() -> list[list[Instruction]]:
    """The instructions of each stage, FROM first."""
    lines = [line for line in DOCKERFILE.read_text().splitlines() if not line.lstrip().startswith("#")]
    found: list[list[Instruction]] = []
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        if not line.strip():
            continue
        kind, _, value = line.partition(" ")
        if kind == "FROM":
            found.append([])
        found[-1].append(Instruction(kind, value))
    return found


def of(stage: list[Instruction], kind: str) -> list[str]:
    """The values of all instructions of one kind."""
    return [each.value for each in stage if each.kind == kind]


def environment() -> dict[str, str]:
    """`ENV` of the last stage."""
    return dict(pair.split("=", 1) for value in of(stages()[-1], "ENV") for pair in value.split())
