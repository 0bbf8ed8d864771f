"""Migrations of SQL tables that old and new programs live through side by side.

A revision is numbered by four digits, in one line. Its module may say `phase`:

- `"pre"` (the default): it only adds, so programs of the release before go on beside it. Applied before the new ones
  start, which need it.
- `"post"`: it takes away what only older programs use. Applied when none of those is left; the new ones serve with and
  without it. From then on `needs` names it, and a program that does not know it refuses to start.

One release at a time: the release after the next may apply a `post` that the one before the last cannot live with.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from batiyoun.storage.errors import StoreOutdated, StoreTooNew

#: what to apply: what new programs need, or everything
Phase = Literal["pre", "post"]


class Revisions:
    """The migrations in a folder, and whether tables that stand at one of them can be used by this program."""

    def __init__(self, scripts: Path, *, about: str, raise_needs: str, schema: str | None = None) -> None:
        """`about`: what the tables are, for sentences. `raise_needs`: SQL that writes `:revision` where it is kept.
        `schema`: where Alembic notes what was applied; PostgreSQL's default one when absent."""
        self.scripts = scripts
        self.about = about
        self.raise_needs = raise_needs
        self.schema = schema

    @cached_property
    def config(self) -> Config:
        """Alembic's configuration, without an ini file: it works from an installed wheel."""
        config = Config()
        config.set_main_option("script_location", str(self.scripts).replace("%", "%%"))
        return config

    @cached_property
    def phases(self) -> dict[str, Phase]:
        """Phase by revision, the newest first."""
        scripts = ScriptDirectory.from_config(self.config).walk_revisions()
        return {script.revision: getattr(script.module, "phase", "pre") for script in scripts}

    @property
    def head(self) -> str:
        """The newest revision that this program knows."""
        return next(iter(self.phases))

    @cached_property
    def required(self) -> str:
        """The revision that this program cannot do without: the newest one that adds."""
        return next(revision for revision, phase in self.phases.items() if phase == "pre")

    def current(self, connection: Connection) -> str | None:
        """Where the tables stand; None when there are none."""
        options: dict[str, Any] = {} if self.schema is None else {"version_table_schema": self.schema}
        return MigrationContext.configure(connection, opts=options).get_current_revision()

    def upgrade(self, connection: Connection, phase: Phase) -> tuple[str | None, str]:
        """Apply what is missing of that phase, on a connection in a transaction; returns the revisions (before, now).

        What a newer program added stays.
        """
        before = self.current(connection)
        target = self.required if phase == "pre" else self.head
        if before is not None and before >= target:
            return before, before
        config = Config(attributes={"connection": connection, "schema": self.schema})
        config.set_main_option("script_location", self.config.get_main_option("script_location") or "")
        command.upgrade(config, target)
        taken = [revision for revision, kind in self.phases.items() if kind == "post" and revision <= target]
        if taken:
            connection.execute(text(self.raise_needs), {"revision": taken[0]})
        return before, target

    def check(self, current: str | None, needs: str | None) -> None:
        """Whether this program can use the tables. Raises `StoreOutdated`, `StoreTooNew` with the way out."""
        if current is None or current < self.required:
            raise StoreOutdated(f"The {self.about} has the tables of an older version: run `batiyoun migrate`.")
        if needs is not None and needs > self.head:
            raise StoreTooNew(
                f"The {self.about} needs a newer Batiyoun (revision {needs}, this one has {self.head}). "
                "Install that version."
            )
