"""storage/messages.py: the store that an address names."""

from __future__ import annotations

from pathlib import Path

import pytest

from batiyoun.runtime import Runtime
from batiyoun.storage.errors import StoreUnusable
from batiyoun.storage.messages import message_store, migrate_messages
from batiyoun.storage.mongo import MongoChatLog
from batiyoun.storage.postgres import PostgresChatLog
from batiyoun.storage.sqlite import SqliteChatLog


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("sqlite:////srv/log.db", SqliteChatLog),
        ("postgresql://host/name", PostgresChatLog),
        ("mongodb://a,b,c/name?replicaSet=rs0", MongoChatLog),
        ("mongodb+srv://cluster.example.net/name", MongoChatLog),
    ],
)
def test_the_scheme_decides_and_nothing_connects_yet(url: str, kind: type) -> None:
    assert type(message_store(url, Runtime(), connections=3, seconds=1)) is kind


async def test_a_file_follows_by_itself(tmp_path: Path) -> None:
    assert await migrate_messages(f"sqlite:///{tmp_path / 'none' / 'log.db'}") is None


async def test_a_server_that_is_not_there_cannot_be_migrated() -> None:
    with pytest.raises(StoreUnusable, match="BATIYOUN_MESSAGES_URL"):
        await migrate_messages("postgresql://app@127.0.0.1:1/x")
