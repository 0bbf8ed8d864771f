"""The compose files, merged as `docker compose --file … --file …` does for what we use of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.harness.server import ROOT

DEPLOY = ROOT / "deploy"
#: each set of files that the documentation starts together
PROJECTS = {
    "one": ("compose.yml",),
    "one with mail": ("compose.yml", "compose.mail.yml"),
    "scale": ("compose.scale.yml",),
}
INTERPOLATED = {"CHAT_DOMAIN": "chat.example.org", "MAIL_FROM": "Batiyoun <chat@example.org>"}
IMAGE = "batiyoun:local"
_VARIABLE = re.compile(r"\$\{(\w+)(?::\?[^}]*)?\}")


def interpolate(value: Any) -> Any:
    """`${NAME:?words}` replaced by the values of `INTERPOLATED`."""
    if isinstance(value, str):
        return _VARIABLE.sub(lambda found: INTERPOLATED[found[1]], value)
    if isinstance(value, dict):
        return {key: interpolate(inner) for key, inner in value.items()}
    return [interpolate(inner) for inner in value] if isinstance(value, list) else value


def _merge(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        old = merged.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            merged[key] = _merge(old, value)
        elif isinstance(old, list) and isinstance(value, list):
            merged[key] = [*old, *value]
        else:
            merged[key] = value
    return merged


def project(name: str) -> dict[str, Any]:
    """The merged and interpolated files of a project."""
    merged: dict[str, Any] = {}
    for file in PROJECTS[name]:
        merged = _merge(merged, YAML(typ="safe").load(DEPLOY / file))
    read: dict[str, Any] = interpolate(merged)
    return read


def ours(name: str) -> dict[str, dict[str, Any]]:
    """The services of a project that run our image."""
    return {key: service for key, service in project(name)["services"].items() if service["image"] == IMAGE}


def names(value: Any) -> list[str]:
    """What a service uses, in the short and in the long form of the compose file."""
    if isinstance(value, dict):
        return list(value)
    return [entry["source"] if isinstance(entry, dict) else entry.split(":")[0] for entry in value or ()]


def inside(value: str, secrets: Path) -> str:
    """A path in the container, on this machine."""
    return value.replace("/run/secrets/", f"{secrets}/")
