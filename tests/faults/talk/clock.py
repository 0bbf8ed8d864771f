"""A server whose wall clock is wrong by as much as a file says; the file may change while it runs."""

from __future__ import annotations

import os
import time
from pathlib import Path

import uuid_utils

from batiyoun.app import build
from batiyoun.observe.logging import configure_logging
from batiyoun.runtime import Runtime
from batiyoun.settings import load_settings

#: the variable that names the file with the seconds
VARIABLE = "WRONG_CLOCK"


def wrong(file: Path) -> Runtime:
    """A world whose time is off by the seconds in that file."""

    def now() -> float:
        return time.time() + float(file.read_text() or 0)

    return Runtime(now=now, new_id=lambda: str(uuid_utils.uuid7(nanoseconds=int(now() * 1e9))))


def serve() -> None:
    """`batiyoun serve` in such a world."""
    settings = load_settings(None)
    configure_logging(settings.log_format, settings.log_level)
    build(settings, runtime=wrong(Path(os.environ[VARIABLE]))).serve()
