"""What is said about blocks: to the one whose they are, and to nobody else."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Blocked(msgspec.Struct, frozen=True, rename="camel"):
    """A person who is blocked, and since when."""

    user_id: str
    since: datetime


class BlockList(msgspec.Struct, frozen=True):
    """`GET blocks`: the newest first."""

    blocked: list[Blocked]


class BlocksChanged(msgspec.Struct, frozen=True, rename="camel"):
    """`blocks_changed`: to all devices of the person who blocked somebody or took it back."""

    user_id: str
    blocked: bool
