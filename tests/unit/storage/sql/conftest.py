"""Both databases, as in the contract suites."""

from __future__ import annotations

from tests.harness.postgres import postgres

__all__ = ["postgres"]
