"""PostgreSQL's addresses."""

from __future__ import annotations


def dsn_of(url: str) -> str:
    """The address as libpq writes it, without SQLAlchemy's name of the driver."""
    scheme, _, rest = url.partition("://")
    return f"{scheme.partition('+')[0]}://{rest}"
