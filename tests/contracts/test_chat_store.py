"""`ChatStore`: chats, rosters, lists and receipts."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batiyoun.chats.model import Chat, Encryption, Member, Membership, NewChat, Receipt, Role, RosterChange
from batiyoun.errors import ClientIdReused
from tests.contracts.chat_stores import OpenScene, Scene, draft


def wish(scene: Scene, key: str | None = None, encryption: Encryption = "none") -> NewChat:
    """A chat of ann and bob that does not exist yet."""
    return NewChat(
        id=scene.clock.new_id(),
        type="direct" if key else "group",
        encryption=encryption,
        name=None if key else "Höhle 🐻",
        creator_id="ann",
        roles={"ann": Role.OWNER, "bob": Role.MEMBER},
        direct_key=key,
        created_at=scene.clock.runtime().utcnow(),
    )


class TestCreate:
    async def test_a_new_chat_is_as_it_was_wished(self, scene: Scene) -> None:
        wanted = wish(scene)
        chat, new = await scene.store.create(wanted)
        assert new
        assert chat == Chat(
            id=wanted.id,
            type="group",
            encryption="none",
            name="Höhle 🐻",
            head_seq=0,
            created_at=wanted.created_at,
            members={"ann": Member("ann", Role.OWNER, 0, 0, 0, 0), "bob": Member("bob", Role.MEMBER, 0, 0, 0, 0)},
        )
        assert await scene.store.get(chat.id) == chat
        assert await scene.bodies(chat) == []

    async def test_one_direct_chat_per_key(self, scene: Scene) -> None:
        first, new = await scene.store.create(wish(scene, "ann:bob:mls", "mls"))
        again, new_again = await scene.store.create(wish(scene, "ann:bob:mls", "mls"))
        other, new_other = await scene.store.create(wish(scene, "ann:bob:none"))
        assert (new, new_again, new_other) == (True, False, True)
        assert again == first
        assert other.id != first.id

    async def test_a_race_makes_one(self, scene: Scene) -> None:
        made = await asyncio.gather(*(scene.store.create(wish(scene, "key")) for _ in range(10)))
        assert len({chat.id for chat, _ in made}) == 1
        assert [new for _, new in made].count(True) == 1

    async def test_the_existing_one_is_returned_as_it_is_now(self, scene: Scene) -> None:
        chat, _ = await scene.store.create(wish(scene, "key"))
        await scene.say(chat, "ann", "one", "two")
        again, _ = await scene.store.create(wish(scene, "key"))
        assert again.head_seq == 2

    async def test_groups_are_as_many_as_one_likes(self, scene: Scene) -> None:
        made = [await scene.store.create(wish(scene)) for _ in range(3)]
        assert len({chat.id for chat, new in made if new}) == 3

    async def test_it_survives_a_restart(self, open_scene: OpenScene, tmp_path: Path) -> None:
        async with open_scene(tmp_path) as scene:
            chat, _ = await scene.store.create(wish(scene, "key"))
        async with open_scene(tmp_path) as scene:
            assert await scene.store.get(chat.id) == chat
            assert await scene.store.create(wish(scene, "key")) == (chat, False)

    async def test_a_wish_with_an_id_of_its_own_makes_one_chat(self, scene: Scene) -> None:
        wanted = msgspec.structs.replace(wish(scene), digest=b"wish")
        made = await asyncio.gather(*(scene.store.create(wanted) for _ in range(8)))
        assert [new for _, new in made].count(True) == 1
        assert {chat.id for chat, _ in made} == {wanted.id}
        later = msgspec.structs.replace(wanted, created_at=scene.clock.runtime().utcnow())
        assert await scene.store.create(later) == (made[0][0], False)

    async def test_a_retry_finds_the_chat_as_it_is_now(self, scene: Scene) -> None:
        wanted = msgspec.structs.replace(wish(scene), digest=b"wish")
        chat, _ = await scene.store.create(wanted)
        change = RosterChange(remove=("ann",), roles={"bob": Role.OWNER}, name="Other")
        await scene.one(draft(chat, "ann", kind="system", change=change))
        again, new = await scene.store.create(wanted)
        assert (again.name, list(again.members), again.head_seq, new) == ("Other", ["bob"], 1, False)

    async def test_an_id_is_never_used_for_two(self, scene: Scene) -> None:
        wanted = msgspec.structs.replace(wish(scene), digest=b"wish")
        chat, _ = await scene.store.create(wanted)
        plain, _ = await scene.store.create(wish(scene))
        others = [
            msgspec.structs.replace(wanted, digest=b"another wish"),
            msgspec.structs.replace(wanted, digest=None),
            msgspec.structs.replace(wanted, creator_id="bob"),
            msgspec.structs.replace(wanted, creator_id="eve", roles={"eve": Role.OWNER}),
            msgspec.structs.replace(wanted, id=plain.id),
            msgspec.structs.replace(wanted, id=plain.id, digest=None),
        ]
        for other in others:
            with pytest.raises(ClientIdReused):
                await scene.store.create(other)
        assert [await scene.store.get(each.id) for each in (chat, plain)] == [chat, plain]
        assert await scene.store.memberships("eve") == []

    async def test_a_wish_is_known_after_a_restart(self, open_scene: OpenScene, tmp_path: Path) -> None:
        async with open_scene(tmp_path) as scene:
            wanted = msgspec.structs.replace(wish(scene), digest=b"wish")
            chat, _ = await scene.store.create(wanted)
        async with open_scene(tmp_path) as scene:
            assert await scene.store.create(wanted) == (chat, False)
            with pytest.raises(ClientIdReused):
                await scene.store.create(msgspec.structs.replace(wanted, digest=b"another wish"))

    async def test_what_is_not_there(self, scene: Scene) -> None:
        assert await scene.store.get("no-such-chat") is None


class TestListOf:
    async def test_newest_activity_first(self, scene: Scene) -> None:
        chats = []
        for _ in range(3):
            scene.clock.time += 10
            chats.append(await scene.group("bob"))
        assert await listed(scene, "bob") == [chat.id for chat in reversed(chats)]
        scene.clock.time += 10
        await scene.say(chats[0], "ann", "up")
        assert await listed(scene, "bob") == [chats[0].id, chats[2].id, chats[1].id]
        assert await listed(scene, "nobody") == []

    async def test_each_with_its_roster_last_message_and_unread(self, scene: Scene) -> None:
        chat = await scene.group("bob")
        *_, last = await scene.say(chat, "ann", "1", "2")
        [(found, message, unread)] = await scene.store.list_of("bob", limit=10, before=None)
        assert found == await scene.store.get(chat.id)
        assert (found.head_seq, message, unread) == (2, last, 2)

    async def test_pages_fit_together_also_between_equals(self, scene: Scene) -> None:
        for number in range(7):
            chat = await scene.group("bob")
            if number % 2:
                await scene.say(chat, "ann", "x")
        whole = await listed(scene, "bob")
        assert len(set(whole)) == 7
        turned: list[str] = []
        while True:
            page = await listed(scene, "bob", limit=2, before=turned[-1] if turned else None)
            if not page:
                break
            turned += page
        assert turned == whole

    async def test_a_cursor_that_one_has_left_starts_at_the_top(self, scene: Scene) -> None:
        """An end that comes too early would hide chats for good."""
        chats = [await scene.group("bob") for _ in range(3)]
        await scene.one(draft(chats[1], "bob", change=RosterChange(remove=("bob",))))
        rest = await listed(scene, "bob")
        assert len(rest) == 2
        assert await listed(scene, "bob", before=chats[1].id) == rest

    async def test_the_last_message_is_a_message(self, scene: Scene) -> None:
        chat = await scene.group("bob")
        [message] = await scene.say(chat, "ann", "words")
        await scene.one(draft(chat, "ann", "epoch", kind="commit"))
        await scene.one(draft(chat, "ann", "named", kind="system", change=RosterChange(name="x")))
        [(found, last, unread)] = await scene.store.list_of("bob", limit=10, before=None)
        assert (found.head_seq, last, unread) == (3, message, 1)

    async def test_nothing_from_before_joining(self, scene: Scene) -> None:
        chat = await scene.group()
        await scene.say(chat, "ann", "secret")
        await scene.one(draft(chat, "ann", kind="system", change=RosterChange(add={"bob": Role.MEMBER})))
        [(_, last, unread)] = await scene.store.list_of("bob", limit=10, before=None)
        assert (last, unread) == (None, 0)

    async def test_unread_is_what_others_said_loudly_after_the_cursor(self, scene: Scene) -> None:
        chat = await scene.group("bob")
        await scene.say(chat, "ann", "read already")
        await scene.store.advance([Receipt(chat.id, "bob", 1, read=True)])
        await scene.say(chat, "ann", "loud")
        await scene.say(chat, "ann", "a reaction", notify=False)
        await scene.say(chat, "bob", "my own")
        await scene.one(draft(chat, "ann", kind="commit"))
        await scene.say(chat, "ann", "loud too")
        assert await unread_of(scene, "bob", chat) == 2
        assert await unread_of(scene, "ann", chat) == 1

    async def test_unread_beyond_a_thousand_is_an_upper_bound(self, scene: Scene) -> None:
        chat = await scene.group("bob")
        for _ in range(10):
            await scene.say(chat, "ann", *["x"] * 100)
        assert await unread_of(scene, "bob", chat) == 1000
        assert await unread_of(scene, "ann", chat) == 0
        await scene.say(chat, "ann", *["quiet"] * 30, notify=False)
        assert 1000 <= await unread_of(scene, "bob", chat) <= 1030

    async def test_the_same_for_one_chat(self, scene: Scene) -> None:
        chat = await scene.group("bob")
        *_, last = await scene.say(chat, "ann", "1", "2")
        await scene.store.advance([Receipt(chat.id, "bob", 1, read=True)])
        found = await scene.store.get(chat.id)
        assert found is not None
        assert await scene.store.summary(chat.id, found.members["bob"]) == (last, 1)
        assert await scene.store.summary(chat.id, found.members["ann"]) == (last, 0)
        assert await scene.store.summary("no-such-chat", found.members["bob"]) == (None, 0)


async def listed(scene: Scene, user: str, *, limit: int = 50, before: str | None = None) -> list[str]:
    """The ids of a list."""
    return [chat.id for chat, _, _ in await scene.store.list_of(user, limit=limit, before=before)]


async def unread_of(scene: Scene, user: str, chat: Chat) -> int:
    """The unread count of one chat; the list and the summary agree."""
    [count] = [n for found, _, n in await scene.store.list_of(user, limit=50, before=None) if found.id == chat.id]
    now = await scene.store.get(chat.id)
    assert now is not None
    assert (await scene.store.summary(chat.id, now.members[user]))[1] == count
    return count


class TestMemberships:
    async def test_all_chats_of_a_user(self, scene: Scene) -> None:
        group, direct = await scene.group("bob"), await scene.direct("bob", "cid")
        notes = await scene.direct("bob", "bob")
        await scene.group()
        await scene.say(group, "ann", "1", "2", "3")
        await scene.say(direct, "cid", "hi")
        await scene.store.advance([Receipt(group.id, "bob", 2, read=True)])
        found = await scene.store.memberships("bob")
        assert sorted(found, key=lambda each: each.chat_id) == sorted(
            [
                Membership(group.id, "group", Role.MEMBER, 0, 3, 2, None),
                Membership(direct.id, "direct", Role.MEMBER, 0, 1, 0, "cid"),
                Membership(notes.id, "direct", Role.MEMBER, 0, 0, 0, None),
            ],
            key=lambda each: each.chat_id,
        )
        assert await scene.store.memberships("nobody") == []

    async def test_follow_the_roster(self, scene: Scene) -> None:
        chat = await scene.group("bob")
        await scene.say(chat, "ann", "1")
        await scene.one(draft(chat, "ann", change=RosterChange(remove=("bob",))))
        assert await scene.store.memberships("bob") == []
        await scene.one(draft(chat, "ann", change=RosterChange(add={"bob": Role.ADMIN})))
        assert await scene.store.memberships("bob") == [Membership(chat.id, "group", Role.ADMIN, 2, 3, 2, None)]


class TestAdvance:
    async def test_delivered_and_read(self, scene: Scene) -> None:
        chat = await chat_with(scene, 5)
        delivered = Receipt(chat.id, "bob", 4, read=False)
        read = Receipt(chat.id, "bob", 3, read=True)
        assert await scene.store.advance([delivered]) == [delivered]
        assert await cursors(scene, chat) == (4, 0, 0)
        assert await scene.store.advance([read]) == [read]
        assert await cursors(scene, chat) == (4, 3, 3)

    async def test_a_read_delivers(self, scene: Scene) -> None:
        chat = await chat_with(scene, 5)
        await scene.store.advance([Receipt(chat.id, "bob", 2, read=True)])
        assert await cursors(scene, chat) == (2, 2, 2)

    async def test_a_read_that_is_not_shared(self, scene: Scene) -> None:
        chat = await chat_with(scene, 5)
        await scene.store.advance([Receipt(chat.id, "bob", 2, read=True)])
        quiet = Receipt(chat.id, "bob", 4, read=True, share=False)
        assert await scene.store.advance([quiet]) == [quiet]
        assert await cursors(scene, chat) == (4, 4, 2)
        loud = Receipt(chat.id, "bob", 4, read=True)
        assert await scene.store.advance([loud]) == [loud]
        assert await cursors(scene, chat) == (4, 4, 4)

    async def test_never_back(self, scene: Scene) -> None:
        chat = await chat_with(scene, 5)
        await scene.store.advance([Receipt(chat.id, "bob", 4, read=True)])
        assert await scene.store.advance([Receipt(chat.id, "bob", 3, read=True)]) == []
        assert await scene.store.advance([Receipt(chat.id, "bob", 4, read=False)]) == []
        assert await cursors(scene, chat) == (4, 4, 4)

    async def test_never_past_the_head(self, scene: Scene) -> None:
        chat = await chat_with(scene, 5)
        moved = await scene.store.advance([Receipt(chat.id, "bob", 2**53, read=True)])
        assert moved == [Receipt(chat.id, "bob", 5, read=True)]
        assert await cursors(scene, chat) == (5, 5, 5)

    async def test_strangers_are_ignored(self, scene: Scene) -> None:
        chat = await chat_with(scene, 5)
        strange = [Receipt(chat.id, "eve", 3, read=True), Receipt("no-such-chat", "bob", 3, read=True)]
        good = Receipt(chat.id, "bob", 1, read=True)
        assert await scene.store.advance([*strange, good]) == [good]
        assert await scene.store.advance([]) == []

    async def test_several_of_one_member_at_once(self, scene: Scene) -> None:
        chat = await chat_with(scene, 5)
        first, second = Receipt(chat.id, "bob", 2, read=True), Receipt(chat.id, "bob", 4, read=False)
        assert await scene.store.advance([first, second, first]) == [first, second]
        assert await cursors(scene, chat) == (4, 2, 2)

    async def test_they_survive_a_restart_and_a_change_of_role(self, open_scene: OpenScene, tmp_path: Path) -> None:
        async with open_scene(tmp_path) as scene:
            chat = await chat_with(scene, 5)
            await scene.store.advance([Receipt(chat.id, "bob", 3, read=True)])
            await scene.one(draft(chat, "ann", change=RosterChange(roles={"bob": Role.ADMIN})))
        async with open_scene(tmp_path) as scene:
            assert await cursors(scene, chat) == (3, 3, 3)

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        steps=st.lists(
            st.tuples(st.sampled_from(["ann", "bob"]), st.integers(0, 12), st.booleans(), st.booleans()), max_size=20
        ),
        size=st.integers(1, 20),
    )
    async def test_the_law_of_cursors(self, scene: Scene, steps: list[tuple[str, int, bool, bool]], size: int) -> None:
        """In any order and grouping: each cursor is the largest place it was sent to, and never beyond the head."""
        head = 8
        chat = await chat_with(scene, head)
        receipts = [Receipt(chat.id, who, seq, read, share) for who, seq, read, share in steps]
        for start in range(0, len(receipts), size):
            await scene.store.advance(receipts[start : start + size])
        now = await scene.store.get(chat.id)
        assert now is not None
        for who, member in now.members.items():
            mine = [receipt for receipt in receipts if receipt.user_id == who]

            def reach(chosen: list[Receipt]) -> int:
                return min(head, max((receipt.seq for receipt in chosen), default=0))

            assert member.delivered_seq == reach(mine)
            assert member.read_seq == reach([receipt for receipt in mine if receipt.read])
            assert member.shared_read_seq == reach([receipt for receipt in mine if receipt.read and receipt.share])


async def chat_with(scene: Scene, messages: int) -> Chat:
    """A group with that many messages of ann's."""
    chat = await scene.group("bob")
    await scene.say(chat, "ann", *map(str, range(messages)))
    return chat


async def cursors(scene: Scene, chat: Chat) -> tuple[int, int, int]:
    """Delivered, read and shared of bob."""
    now = await scene.store.get(chat.id)
    assert now is not None
    bob = now.members["bob"]
    return bob.delivered_seq, bob.read_seq, bob.shared_read_seq


@pytest.mark.parametrize("members", [1, 300])
async def test_large_groups(scene: Scene, members: int) -> None:
    chat = await scene.group(*(f"m{number}" for number in range(members)))
    found = await scene.store.get(chat.id)
    assert found is not None
    assert len(found.members) == members + 1
    assert msgspec.structs.asdict(found.members["m0"])["role"] == Role.MEMBER
