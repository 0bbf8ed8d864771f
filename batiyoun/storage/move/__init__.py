"""Copies an embedded installation, which is not running, to the stores of a large one: `batiyoun storage move`."""

from batiyoun.storage.move.accounts import move_accounts
from batiyoun.storage.move.messages import move_messages
from batiyoun.storage.move.model import Moved, MoveFailed
from batiyoun.storage.move.sqlite_source import held

__all__ = ["MoveFailed", "Moved", "held", "move_accounts", "move_messages"]
