"""What is done to an installation while no server runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from batiyoun.settings import Settings
from batiyoun.startup import CannotStart, prepare_data_dir
from batiyoun.storage.errors import StoreUnusable
from batiyoun.storage.messages import migrate_messages
from batiyoun.storage.move import MoveFailed, held, move_accounts, move_messages
from batiyoun.storage.shared.revisions import Phase
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.migrate import migrate
from batiyoun.upkeep.moving import Count, plan, travel


async def migrate_stores(settings: Settings, phase: Phase) -> dict[str, tuple[str | None, str]]:
    """Bring every configured store to this version; returns its revisions (before, now) by what it holds.

    `pre`: what this version needs, while nodes of the release before still run; `post`: everything. Safe twice, and
    from two machines at once. Raises `Unavailable` (accounts) and `CannotStart` (messages).
    """
    prepare_data_dir(settings.data_dir)
    database = Database(settings.accounts_url)
    try:
        done = {"accounts": await migrate(database, phase)}
    finally:
        await database.close()
    try:
        messages = await migrate_messages(settings.messages_address, phase)
    except StoreUnusable as error:
        raise CannotStart(str(error)) from error
    return done | ({"messages": messages} if messages is not None else {})


async def move_installation(folder: Path, targets: Sequence[str]) -> list[str]:
    """Copy an embedded installation, which is not running, to large stores; returns sentences about it.

    Raises `CannotStart` with the way out; what was copied is not copied again by the next try.
    """

    async def accounts(source: Path, target: str, total: Count, progress: Count) -> Mapping[str, int]:
        return (await move_accounts(source, target, total=total, progress=progress)).counts

    async def messages(source: Path, target: str, total: Count, progress: Count) -> Mapping[str, int]:
        return (await move_messages(source, target, total=total, progress=progress)).counts

    try:
        journeys = plan(folder, targets)
        with held(folder / "log.db"):
            return await travel(journeys, {"accounts": accounts, "messages": messages})
    except MoveFailed as error:
        raise CannotStart(str(error)) from error
