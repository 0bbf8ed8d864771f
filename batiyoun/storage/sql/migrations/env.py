"""Run by Alembic inside `migrate()`, on the connection and in the transaction that it was given."""

from __future__ import annotations

from alembic import context

from batiyoun.storage.sql.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, compare_type=True)
context.run_migrations()
