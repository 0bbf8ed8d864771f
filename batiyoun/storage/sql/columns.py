"""What the tables of the accounts are made of: one description of the database, and its kinds of columns."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Dialect, MetaData, String, TypeDecorator, Uuid
from sqlalchemy.types import TypeEngine

from batiyoun.runtime import from_millis, to_millis

#: constraint names are part of the migrations, so they are not left to each database
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """A UTC time kept as milliseconds since the epoch: the same on every database, without time zones to lose."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """datetime → milliseconds."""
        return None if value is None else to_millis(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Milliseconds → datetime."""
        return None if value is None else from_millis(value)


def id_type() -> TypeEngine[str]:
    """A UUID, given and returned as a string."""
    return Uuid(as_uuid=False)


def key_type(length: int) -> TypeEngine[str]:
    """A folded name, in the order of its code points, so that a prefix is a range of the index on every database."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")
