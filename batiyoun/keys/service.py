"""What other features may ask of keys."""

from __future__ import annotations

from batiyoun.keys.directory import Directory

__all__ = ["Directory"]
