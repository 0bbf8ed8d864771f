"""Tables that read well on a terminal and in Markdown alike, and how numbers are written in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

ABSENT = "–"
#: so many columns at the left hold words, the others numbers
WORDS = 3


@dataclass(slots=True)
class Table:
    """A title, a sentence on what is measured, rows of text, and notes below."""

    title: str
    about: str
    columns: Sequence[str]
    rows: list[list[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, *cells: str) -> None:
        """Append a row; missing cells at its end are shown as absent."""
        assert len(cells) <= len(self.columns)
        self.rows.append([*cells, *[ABSENT] * (len(self.columns) - len(cells))])

    def markdown(self, level: int = 2) -> str:
        """The table as Markdown, with its columns aligned for those who read the source."""
        lines = [list(self.columns), *self.rows]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.columns))]
        aligned = ["-" * width if at < WORDS else "-" * (width - 1) + ":" for at, width in enumerate(widths)]
        drawn = [_line(self.columns, widths), _line(aligned, widths), *(_line(row, widths) for row in self.rows)]
        parts = [f"{'#' * level} {self.title}", self.about, "\n".join(drawn if self.rows else [])]
        if self.notes:
            parts.append("\n".join(f"- {note}" for note in self.notes))
        return "\n\n".join(part for part in parts if part) + "\n"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    sized = enumerate(zip(cells, widths, strict=True))
    padded = (cell.ljust(width) if at < WORDS else cell.rjust(width) for at, (cell, width) in sized)
    return "| " + " | ".join(padded) + " |"


def count(value: float) -> str:
    """A rate or a number of things, to three digits or so."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def percent(value: float) -> str:
    """A share of one."""
    return f"{100 * value:.0f} %"


def millis(seconds: float) -> str:
    """A duration in milliseconds."""
    return f"{1000 * seconds:.1f} ms" if seconds < 1 else f"{1000 * seconds:,.0f} ms"


def kibibytes(size: float) -> str:
    """A size in KB of 1,024 bytes."""
    return f"{size / 1024:,.1f} KB"


def ratio(ours: float, theirs: float) -> str:
    """How many times `theirs` ours is."""
    return f"{ours / theirs:.2f}×" if theirs else ABSENT


def verdict(value: float, target: float, *, at_most: bool = False) -> str:
    """The target, and whether the value meets it."""
    met = value <= target if at_most else value >= target
    return f"{'≤' if at_most else '≥'} {target:g}× {'met' if met else 'missed'}"
