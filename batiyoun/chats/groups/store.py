"""What must be kept about groups: a port of the message stores, because a commit *is* an envelope.

How a group changes is not here: `LogStore.append` takes a draft with a `Step` and refuses it with `EpochStale` unless
the group stands where the step begins. Two commits never begin at the same place.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from batiyoun.chats.groups.model import Group, WaitingWelcome


class GroupStore(Protocol):
    """Groups and the Welcomes that wait for devices. The same durability as the log."""

    async def group(self, chat_id: str) -> Group | None:
        """Where the chat's group stands; None when there never was one."""
        ...

    async def group_info(self, chat_id: str) -> tuple[Group, bytes] | None:
        """The group and its public description (an MLS GroupInfo), both of the same epoch."""
        ...

    async def welcomes(self, user_id: str, device_id: str, *, since: datetime, limit: int) -> list[WaitingWelcome]:
        """The Welcomes for that device that were queued after `since`, oldest first.

        At most `limit`, and about 2 MB, but at least one if there is one: fetch, forget, ask again.
        """
        ...

    async def forget_welcome(self, user_id: str, device_id: str, welcome_id: str) -> None:
        """The device has it. Nothing happens when there is no such Welcome for it."""
        ...

    async def forget_welcomes(self, before: datetime) -> int:
        """Let go of Welcomes that nobody fetched since; returns how many."""
        ...
