"""`LogStore.page` and `LogStore.locate`: what the log promises to readers."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batiyoun.chats.model import Page, RosterChange
from tests.contracts.chat_stores import OpenScene, Scene, draft


async def seqs(scene: Scene, chat_id: str, **where: int | None) -> tuple[list[int], bool]:
    """The places on a page, and whether there are more."""
    asked = {"after": None, "before": None, "limit": 3, "floor": 0} | where
    page = await scene.store.page(chat_id, **asked)  # type: ignore[arg-type]  # None is among the values
    return [envelope.seq for envelope in page.messages], page.has_more


@pytest.mark.parametrize(
    ("where", "expected", "more"),
    [
        ({"after": 0}, [1, 2, 3], True),
        ({"after": 3}, [4, 5, 6], True),
        ({"after": 4}, [5, 6, 7], False),
        ({"after": 5}, [6, 7], False),
        ({"after": 7}, [], False),
        ({"after": 99}, [], False),
        ({}, [5, 6, 7], True),
        ({"before": 8}, [5, 6, 7], True),
        ({"before": 99}, [5, 6, 7], True),
        ({"before": 5}, [2, 3, 4], True),
        ({"before": 4}, [1, 2, 3], False),
        ({"before": 2}, [1], False),
        ({"before": 1}, [], False),
        ({"limit": 7}, [1, 2, 3, 4, 5, 6, 7], False),
        ({"limit": 500}, [1, 2, 3, 4, 5, 6, 7], False),
        ({"after": 0, "floor": 4}, [5, 6, 7], False),
        ({"after": 5, "floor": 4}, [6, 7], False),
        ({"floor": 4}, [5, 6, 7], False),
        ({"floor": 5}, [6, 7], False),
        ({"before": 6, "floor": 3}, [4, 5], False),
        ({"before": 7, "floor": 2}, [4, 5, 6], True),
        ({"before": 3, "floor": 4}, [], False),
        ({"floor": 7}, [], False),
    ],
)
async def test_pages(scene: Scene, where: dict[str, int], expected: list[int], more: bool) -> None:
    chat = await scene.group()
    await scene.say(await scene.group(), "ann", "another chat's")
    await scene.say(chat, "ann", *"abcdefg")
    assert await seqs(scene, chat.id, **where) == (expected, more)
    page = await scene.store.page(chat.id, after=2, before=None, limit=2, floor=0)
    assert (page.head_seq, [envelope.content for envelope in page.messages]) == (7, ["c", "d"])


async def test_an_empty_chat_and_no_chat_at_all(scene: Scene) -> None:
    chat = await scene.group()
    for chat_id in (chat.id, "no-such-chat"):
        assert await scene.store.page(chat_id, after=0, before=None, limit=9, floor=0) == Page([], 0, False)
        assert await scene.store.page(chat_id, after=None, before=None, limit=9, floor=0) == Page([], 0, False)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(count=st.integers(0, 30), step=st.integers(1, 40), floor=st.integers(0, 35), backwards=st.booleans())
async def test_turning_pages_shows_everything_once(
    scene: Scene, count: int, step: int, floor: int, backwards: bool
) -> None:
    chat = await scene.group()
    await scene.say(chat, "ann", *(str(number) for number in range(count)))
    found: list[int] = []
    more, cursor = True, None if backwards else floor
    while more:
        after, before = (None, cursor) if backwards else (cursor, None)
        places, more = await seqs(scene, chat.id, after=after, before=before, limit=step, floor=floor)
        assert len(places) <= step
        assert not more or places
        found = places + found if backwards else found + places
        if places:
            cursor = places[0] if backwards else places[-1]
    assert found == list(range(floor + 1, count + 1))


async def test_long_bodies_end_a_page_early_and_lose_nothing(scene: Scene) -> None:
    """So that neither side chokes on 500 envelopes of 700 KB."""
    chat = await scene.group()
    for number in range(6):
        await scene.say(chat, "ann", str(number), mls="x" * 700_000)
    first = await scene.store.page(chat.id, after=0, before=None, limit=500, floor=0)
    assert 1 <= len(first.messages) < 6
    assert first.has_more
    newest = await scene.store.page(chat.id, after=None, before=None, limit=500, floor=0)
    assert newest.messages[-1].seq == 6
    assert newest.has_more
    assert await scene.bodies(chat) == list("012345")


async def test_a_body_of_any_size_is_read(scene: Scene) -> None:
    chat = await scene.group()
    await scene.say(chat, "ann", "x" * 3_000_000)
    await scene.say(chat, "ann", "small")
    page = await scene.store.page(chat.id, after=0, before=None, limit=10, floor=0)
    assert [len(envelope.content) for envelope in page.messages] == [3_000_000]
    assert page.has_more


async def test_readers_see_every_place_in_order_while_others_write(scene: Scene) -> None:
    """Nobody reads n + 1 before n, and what was read once stays."""
    chat = await scene.group("bob")
    writing = True
    seen: list[tuple[int, str]] = []

    async def write(who: str) -> None:
        for number in range(40):
            await scene.store.append([draft(chat, who, f"{who}{number}.{part}") for part in range(3)])

    async def read() -> None:
        known: dict[int, str] = {}
        while True:
            last = not writing
            page = await scene.store.page(chat.id, after=max(known, default=0), before=None, limit=500, floor=0)
            assert [e.seq for e in page.messages] == list(range(len(known) + 1, page.head_seq + 1))
            known |= {envelope.seq: envelope.content for envelope in page.messages}
            chat_now = await scene.store.get(chat.id)
            assert chat_now is not None
            assert chat_now.head_seq >= page.head_seq
            if last:
                seen[:] = sorted(known.items())
                return

    async def write_all() -> None:
        nonlocal writing
        await asyncio.gather(write("ann"), write("bob"))
        writing = False

    await asyncio.gather(write_all(), read())
    assert len(seen) == 240
    assert [body for _, body in seen] == await scene.bodies(chat)


class TestLocate:
    async def test_a_member_finds_a_message_by_its_id(self, scene: Scene) -> None:
        chat = await scene.group("bob")
        [envelope] = await scene.say(chat, "ann", "here", message_id=scene.clock.new_id())
        assert await scene.store.locate("bob", envelope.id) == envelope
        assert await scene.store.locate("ann", envelope.id) == envelope

    async def test_nobody_else_does(self, scene: Scene) -> None:
        chat = await scene.group("bob")
        [envelope] = await scene.say(chat, "ann", "here", message_id=scene.clock.new_id())
        await scene.say(await scene.group(owner="eve"), "eve", "elsewhere")
        assert await scene.store.locate("eve", envelope.id) is None
        assert await scene.store.locate("nobody", envelope.id) is None
        await scene.one(draft(chat, "ann", change=RosterChange(remove=("bob",))))
        assert await scene.store.locate("bob", envelope.id) is None

    @pytest.mark.parametrize("message_id", ["", "no-uuid", "0192f0aa-0000-7000-8000-000000000000", "é" * 36])
    async def test_an_unknown_id_is_nowhere(self, scene: Scene, message_id: str) -> None:
        await scene.say(await scene.group(), "ann", "x")
        assert await scene.store.locate("ann", message_id) is None

    async def test_what_came_before_joining_is_not_found(self, scene: Scene) -> None:
        chat = await scene.group()
        [early] = await scene.say(chat, "ann", "early", message_id=scene.clock.new_id())
        await scene.one(draft(chat, "ann", change=RosterChange(add={"bob": chat.members["ann"].role})))
        [late] = await scene.say(chat, "ann", "late", message_id=scene.clock.new_id())
        assert await scene.store.locate("bob", early.id) is None
        assert await scene.store.locate("bob", late.id) == late

    async def test_old_messages_after_a_restart(self, open_scene: OpenScene, tmp_path: Path) -> None:
        async with open_scene(tmp_path) as scene:
            chats = [await scene.group("bob"), await scene.direct("ann", "bob"), await scene.group(owner="eve")]
            said = []
            for number in range(60):
                scene.clock.time += 37
                chat = chats[number % 3]
                sender = "eve" if number % 3 == 2 else "ann"
                said += await scene.say(chat, sender, str(number), message_id=scene.clock.new_id())
        async with open_scene(tmp_path) as scene:
            for number, envelope in enumerate(said):
                expected = None if number % 3 == 2 else envelope
                assert await scene.store.locate("bob", envelope.id) == expected
