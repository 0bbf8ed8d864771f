"""What keeps a store from being served, said to the operator while it is opened; the text says the way out.

    StoreUnusable
    ├── StoreOutdated       it has the tables of an older version
    ├── StoreTooNew         it needs a newer version
    └── StoreUnfit          it cannot keep the promises of the log

`storage/sqlite/errors.py` adds those of a file. Later errors reach people as `Internal` or `Unavailable`.
"""

from __future__ import annotations


class StoreUnusable(Exception):
    """The message store cannot be served."""


class StoreOutdated(StoreUnusable):
    """The message store has the tables of an older version."""


class StoreTooNew(StoreUnusable):
    """The message store needs a newer version."""


class StoreUnfit(StoreUnusable):
    """This server cannot keep the promises of the log."""
