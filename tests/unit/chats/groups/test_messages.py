"""Messages of encrypted chats: stored as they were sent, or refused with the reason."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from batiyoun.chats.model import Replayed
from batiyoun.chats.payloads import MessageBody
from batiyoun.errors import BatiyounError, ClientIdReused, EncryptionRequired, EpochStale, MlsInvalid, NotInGroup
from batiyoun.live import Caller
from tests.unit.chats.groups.family import CHAT, Family, device, family, said

PHONE = device("phone")


@pytest_asyncio.fixture
async def home(tmp_path: Path) -> AsyncIterator[Family]:
    async with family(tmp_path) as made:
        yield made


async def test_a_message_is_stored_as_it_was_sent_and_a_retry_finds_it(home: Family) -> None:
    await home.begin()
    first = await home.say("phone", "phone")
    client_id, body = said("phone")
    assert (first.envelope.content, first.envelope.iv, first.envelope.mls) == (body.content, body.iv, body.mls)
    await home.commit("phone", "renew")
    await home.kick("ravi")
    assert await home.say("phone", "phone") == Replayed(first.envelope)
    changed = msgspec.structs.replace(body, content="bW9yZQ==")
    with pytest.raises(ClientIdReused):
        await home.chats.put(home.by("phone"), CHAT, client_id, changed)


@pytest.mark.parametrize(
    ("instead", "error"),
    [
        ({"encrypted": False, "mls": None, "content": "in the open"}, EncryptionRequired),
        ({"mls": None}, MlsInvalid),
        ({"mls": "no base64!"}, MlsInvalid),
        ({"mls": "AAEAAg=="}, MlsInvalid),
        ({"mls": "é"}, MlsInvalid),
    ],
)
async def test_what_the_group_cannot_open_is_refused(
    home: Family, instead: dict[str, Any], error: type[BatiyounError]
) -> None:
    await home.begin()
    client_id, body = said("phone")
    with pytest.raises(error) as caught:
        await home.chats.put(home.by("phone"), CHAT, client_id, msgspec.structs.replace(body, **instead))
    assert type(caught.value) is error


async def test_a_commit_is_no_message(home: Family) -> None:
    await home.begin()
    commit = (await home.chats.page(PHONE.user_id, CHAT, after=1, before=None, limit=1)).messages[0].mls
    with pytest.raises(MlsInvalid):
        await home.chats.put(home.by("phone"), CHAT, "c", MessageBody("eA==", True, iv="eA==", mls=commit))


async def test_a_message_of_an_epoch_that_is_not_there_yet_is_refused(home: Family) -> None:
    await home.begin()
    with pytest.raises(EpochStale):
        await home.say("phone", "phoneAfter")


async def test_a_device_without_a_leaf_says_nothing(home: Family) -> None:
    await home.begin()
    client_id, body = said("phone")
    with pytest.raises(NotInGroup):
        await home.chats.put(Caller(PHONE.user_id, "s", "a tablet"), CHAT, client_id, body)
    with pytest.raises(NotInGroup):
        await home.chats.put(Caller(PHONE.user_id, "s"), CHAT, client_id, body)
