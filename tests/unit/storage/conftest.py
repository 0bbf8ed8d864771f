"""The servers that storage is tried on."""

from __future__ import annotations

from tests.harness.mongo import mongo
from tests.harness.postgres import postgres

__all__ = ["mongo", "postgres"]
