"""`LogStore.redact`: what was said is gone, its place stays."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec

from batiyoun.chats.model import REDACTED, Appended, Envelope, Refused, Replayed
from batiyoun.errors import ClientIdReused
from tests.contracts.chat_stores import OpenScene, Scene, draft, read_all, stored


def tombstone_of(envelope: Envelope) -> Envelope:
    """What is left of it."""
    return msgspec.structs.replace(envelope, type=REDACTED, content="", iv=None, mls=None, metadata={}, notify=False)


async def test_content_is_gone_and_the_place_stays(scene: Scene) -> None:
    chat = await scene.group("bob")
    secret = {"mls": "wrapped", "metadata": {"size": 7}, "message_id": scene.clock.new_id(), "client_id": "mine"}
    [before] = await scene.say(chat, "ann", "before")
    [said] = await scene.say(chat, "bob", "the secret", **secret)
    [after] = await scene.say(chat, "ann", "after")
    await scene.store.redact(chat.id, said.seq)
    gone = tombstone_of(said)
    assert await read_all(scene.store, chat.id) == [before, gone, after]
    assert await scene.store.locate("ann", said.id) == gone
    page = await scene.store.page(chat.id, after=None, before=3, limit=1, floor=0)
    assert (page.messages, page.head_seq) == ([gone], 3)
    assert "secret" not in repr(await scene.store.list_of("ann", limit=5, before=None))


async def test_again_and_where_there_is_nothing(scene: Scene) -> None:
    chat = await scene.group("bob")
    [said] = await scene.say(chat, "ann", "x")
    note = stored(await scene.one(draft(chat, "ann", "kept", kind="system", type_="renamed")))
    for _ in range(2):
        for seq in (0, said.seq, note.seq, 99, 2**53):
            await scene.store.redact(chat.id, seq)
    await scene.store.redact("no-such-chat", 1)
    assert await read_all(scene.store, chat.id) == [tombstone_of(said), note]


async def test_what_only_says_that_it_is_gone_is_wiped(scene: Scene) -> None:
    chat = await scene.group("bob")
    left: list[dict[str, Any]] = [
        {"content": "the secret"},
        {"metadata": {"caption": "the secret"}},
        {"iv": "the secret"},
        {"mls": "the secret"},
        {"notify": True},
    ]
    nothing = {"type": REDACTED, "content": "", "iv": None, "notify": False}
    claims = [msgspec.structs.replace(draft(chat, "bob"), **nothing | claim) for claim in left]
    said = [stored(await scene.one(claim)) for claim in claims]
    for envelope in said:
        await scene.store.redact(chat.id, envelope.seq)
    assert await read_all(scene.store, chat.id) == [tombstone_of(envelope) for envelope in said]


async def test_other_chats_keep_theirs(scene: Scene) -> None:
    one, other = await scene.group("bob"), await scene.group("bob")
    await scene.say(one, "ann", "one")
    [kept] = await scene.say(other, "ann", "other")
    await scene.store.redact(one.id, 1)
    assert await read_all(scene.store, other.id) == [kept]


async def test_it_is_shown_as_the_last_message_and_does_not_count_as_unread(scene: Scene) -> None:
    chat = await scene.group("bob")
    *_, last = await scene.say(chat, "ann", "a", "b", "c")
    member = chat.members["bob"]
    assert (await scene.store.summary(chat.id, member))[1] == 3
    await scene.store.redact(chat.id, last.seq)
    assert await scene.store.summary(chat.id, member) == (tombstone_of(last), 2)


async def test_a_retry_of_what_was_sent_is_answered_with_what_is_left(scene: Scene) -> None:
    chat = await scene.group("bob")
    sent = draft(chat, "bob", "the secret", client_id="mine")
    said = stored(await scene.one(sent))
    await scene.store.redact(chat.id, said.seq)
    assert await scene.one(sent) == Replayed(tombstone_of(said))
    other = await scene.one(draft(chat, "bob", "another", client_id="mine"))
    assert isinstance(other, Refused)
    assert isinstance(other.error, ClientIdReused)


async def test_while_others_write_and_read(scene: Scene) -> None:
    chat = await scene.group("bob")
    said = await scene.say(chat, "ann", *(f"secret {number}" for number in range(40)))

    async def wipe(number: int) -> None:
        for envelope in said[number::4]:
            await scene.store.redact(chat.id, envelope.seq)

    async def write() -> None:
        for number in range(40):
            assert isinstance(await scene.one(draft(chat, "bob", f"kept {number}")), Appended)

    async def read() -> None:
        for _ in range(20):
            places = [envelope.seq for envelope in await read_all(scene.store, chat.id)]
            assert places == list(range(1, len(places) + 1))

    await asyncio.gather(*(wipe(number % 4) for number in range(8)), write(), read())
    found = await read_all(scene.store, chat.id)
    assert [envelope.seq for envelope in found] == list(range(1, 81))
    assert [envelope.content for envelope in found if envelope.content] == [f"kept {number}" for number in range(40)]


async def test_it_stays_gone(open_scene: OpenScene, tmp_path: Path) -> None:
    async with open_scene(tmp_path) as scene:
        chat = await scene.group("bob")
        [said] = await scene.say(chat, "ann", "the secret")
        await scene.store.redact(chat.id, said.seq)
    async with open_scene(tmp_path) as scene:
        assert await read_all(scene.store, chat.id) == [tombstone_of(said)]
