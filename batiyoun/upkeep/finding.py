"""What `batiyoun doctor` says: one line for each thing it looked at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Grade(Enum):
    """How bad it is; the value is the word that is printed."""

    FINE = "ok"
    WARNING = "warning"
    PROBLEM = "PROBLEM"


@dataclass(frozen=True, slots=True)
class Finding:
    """`about` what, and one sentence; a problem's says the way out and has an exit code of sysexits.h."""

    grade: Grade
    about: str
    sentence: str
    exit_code: int = 0


def fine(about: str, sentence: str) -> Finding:
    """As it should be."""
    return Finding(Grade.FINE, about, sentence)


def warning(about: str, sentence: str) -> Finding:
    """The server works; look at it before it does not."""
    return Finding(Grade.WARNING, about, sentence)


def problem(about: str, sentence: str, exit_code: int) -> Finding:
    """The server cannot start or cannot serve everybody."""
    return Finding(Grade.PROBLEM, about, sentence, exit_code)
