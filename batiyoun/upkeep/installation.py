"""Where an embedded installation keeps what, and who may touch it."""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from batiyoun.settings import Settings
from batiyoun.startup import EXIT_CONFIG, CannotStart

#: Names in the archive. Their order is the order of copying: messages name accounts, and files are named by messages,
#: so what is copied later knows everything that is named by what was copied earlier.
LOG = "log.db"
ACCOUNTS = "accounts.db"
#: what SQLite and the writer's lock put beside a database
SIDECARS = ("-wal", "-shm", "-journal", ".lock")


@dataclass(frozen=True, slots=True)
class Installation:
    """The data directory and the databases, by their name in the archive, in the order of copying."""

    data_dir: Path
    databases: Mapping[str, Path]

    def belongs_to_a_database(self, path: Path) -> bool:
        """Whether the file is one of the databases, or lies beside one as SQLite's own."""
        return any(
            path.parent == database.parent and path.name in {database.name + ending for ending in ("", *SIDECARS)}
            for database in self.databases.values()
        )


def embedded(settings: Settings) -> Installation:
    """The installation that these settings describe. Raises `CannotStart` when it keeps its data in servers."""
    for variable, url in (
        ("BATIYOUN_DATABASE_URL", settings.accounts_url),
        ("BATIYOUN_MESSAGES_URL", settings.messages_address),
    ):
        if not url.startswith("sqlite"):
            raise CannotStart(
                f"{variable} names a server, and this command is for the embedded databases: use that server's own "
                "tools (`pg_dump`, `mongodump`), and keep the keys in the data directory with what they write.",
                EXIT_CONFIG,
            )
    accounts = Path(settings.accounts_url.partition(":///")[2]).absolute()
    return Installation(
        settings.data_dir.expanduser().absolute(), {LOG: settings.log_path.absolute(), ACCOUNTS: accounts}
    )


def refuse_strangers(folder: Path) -> None:
    """Raises `CannotStart` unless we own the folder: as root we would leave files that the server cannot open."""
    owner = folder.stat().st_uid
    if owner == os.geteuid():
        return
    try:
        name = pwd.getpwuid(owner).pw_name
    except KeyError:
        name = f"#{owner}"
    raise CannotStart(
        f"{folder} belongs to {name}: run this as that user, as in `sudo -u {name} batiyoun …`.", EXIT_CONFIG
    )
