"""`LogStore.append`: what the log promises to senders."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batiyoun.chats.model import Appended, Refused, Replayed, Role, RosterChange
from batiyoun.errors import ChatNotFound, ClientIdReused, Forbidden, InvalidInput, NotReachable
from batiyoun.runtime import to_millis
from tests.contracts.chat_stores import OpenScene, Scene, draft, read_all, stored


async def test_an_envelope_is_the_draft_with_a_place_and_a_time(scene: Scene) -> None:
    chat = await scene.group("bob")
    item = draft(chat, "bob", "été 🎈 \u200f", mls="bWxz", metadata={"replyTo": {"n": 1}, "list": [True, None, 1.5]})
    scene.clock.time += 60.25
    envelope = stored(await scene.one(item))
    for name in ("id", "chat_id", "sender_id", "sender_device_id", "client_id", "kind", "type", "content", "iv"):
        assert getattr(envelope, name) == getattr(item, name)
    assert (envelope.encrypted, envelope.mls, envelope.metadata, envelope.notify) == (True, "bWxz", item.metadata, True)
    assert to_millis(envelope.timestamp) == int(scene.clock.time * 1000)
    assert await read_all(scene.store, chat.id) == [envelope]


@pytest.mark.parametrize("field", ["sender_device_id", "iv", "mls"])
async def test_what_may_be_missing_stays_missing(scene: Scene, field: str) -> None:
    chat = await scene.group()
    await scene.one(msgspec.structs.replace(draft(chat, "ann"), encrypted=False, notify=False, **{field: None}))
    [envelope] = await read_all(scene.store, chat.id)
    assert getattr(envelope, field) is None
    assert (envelope.encrypted, envelope.notify) == (False, False)


async def test_every_chat_counts_for_itself_without_gaps(scene: Scene) -> None:
    one, other = await scene.group("bob"), await scene.direct("ann", "bob")
    outcomes = await scene.store.append([draft(chat, "ann") for chat in (one, other, one, one, other)])
    assert [stored(outcome).seq for outcome in outcomes] == [1, 1, 2, 3, 2]
    assert [stored(outcome).seq for outcome in await scene.store.append([draft(one, "bob")])] == [4]


async def test_an_empty_batch_is_nothing(scene: Scene) -> None:
    assert await scene.store.append([]) == []


async def test_a_refusal_takes_no_place_and_harms_no_other(scene: Scene) -> None:
    chat = await scene.group("bob")
    outcomes = await scene.store.append(
        [draft(chat, "ann", "1"), draft(chat, "eve"), draft("no-such-chat", "ann"), draft(chat, "bob", "2")]
    )
    assert [type(outcome) for outcome in outcomes] == [Appended, Refused, Refused, Appended]
    for refused in outcomes[1:3]:
        assert isinstance(refused, Refused)
        assert isinstance(refused.error, ChatNotFound)
    assert await scene.bodies(chat) == ["1", "2"]
    assert [envelope.seq for envelope in await read_all(scene.store, chat.id)] == [1, 2]


async def test_text_that_no_store_can_hold_is_refused_alone(scene: Scene) -> None:
    chat = await scene.group()
    outcomes = await scene.store.append(
        [draft(chat, "ann", "1"), draft(chat, "ann", "\ud800"), draft(chat, "ann", "2")]
    )
    assert isinstance(outcomes[1], Refused)
    assert isinstance(outcomes[1].error, InvalidInput)
    assert await scene.bodies(chat) == ["1", "2"]


@pytest.mark.parametrize(
    ("sender", "requires", "allowed"),
    [
        ("ann", Role.OWNER, True),
        ("ann", Role.ADMIN, True),
        ("bob", Role.MEMBER, True),
        ("bob", Role.ADMIN, False),
        ("bob", Role.OWNER, False),
    ],
)
async def test_the_role_is_checked_where_the_row_is_written(
    scene: Scene, sender: str, requires: Role, allowed: bool
) -> None:
    chat = await scene.group("bob")
    outcome = await scene.one(draft(chat, sender, requires=requires))
    assert isinstance(outcome, Appended) == allowed
    if isinstance(outcome, Refused):
        assert isinstance(outcome.error, Forbidden)
        assert await scene.bodies(chat) == []


class TestRetries:
    async def test_a_retry_gets_the_first_envelope(self, scene: Scene) -> None:
        chat = await scene.group()
        first = stored(await scene.one(draft(chat, "ann", client_id="c")))
        scene.clock.time += 10
        again = await scene.one(draft(chat, "ann", client_id="c"))
        assert again == Replayed(first)
        assert await read_all(scene.store, chat.id) == [first]

    async def test_another_body_under_the_same_client_id_is_refused_for_good(self, scene: Scene) -> None:
        chat = await scene.group()
        await scene.one(draft(chat, "ann", "one", client_id="c"))
        outcome = await scene.one(draft(chat, "ann", "two", client_id="c"))
        assert isinstance(outcome, Refused)
        assert isinstance(outcome.error, ClientIdReused)
        assert await scene.bodies(chat) == ["one"]

    async def test_twice_in_one_batch(self, scene: Scene) -> None:
        chat = await scene.group()
        first, second, third, fourth = await scene.store.append(
            [
                draft(chat, "ann", "x", client_id="c"),
                draft(chat, "ann", "x", client_id="c"),
                draft(chat, "ann", "y", client_id="c"),
                draft(chat, "ann", "z"),
            ]
        )
        assert isinstance(first, Appended)
        assert second == Replayed(first.envelope)
        assert isinstance(third, Refused)
        assert stored(fourth).seq == 2

    async def test_a_retry_among_new_ones(self, scene: Scene) -> None:
        chat = await scene.group("bob")
        [old] = await scene.say(chat, "ann", "old", client_id="c")
        outcomes = await scene.store.append(
            [draft(chat, "bob", "1"), draft(chat, "ann", "old", client_id="c"), draft(chat, "ann", "2")]
        )
        assert outcomes[1] == Replayed(old)
        assert [stored(outcome).seq for outcome in outcomes] == [2, 1, 3]
        assert await scene.bodies(chat) == ["old", "1", "2"]

    async def test_on_two_connections_at_once(self, scene: Scene) -> None:
        chat = await scene.group()
        answers = await asyncio.gather(*(scene.one(draft(chat, "ann", "x", client_id="c")) for _ in range(8)))
        assert len({(stored(answer).id, stored(answer).seq) for answer in answers}) == 1
        assert sum(isinstance(answer, Appended) for answer in answers) == 1
        assert await scene.bodies(chat) == ["x"]

    async def test_a_client_id_belongs_to_one_sender_in_one_chat(self, scene: Scene) -> None:
        one, other = await scene.group("bob"), await scene.group("bob")
        outcomes = await scene.store.append(
            [draft(chat, sender, client_id="c") for chat in (one, other) for sender in ("ann", "bob")]
        )
        assert all(isinstance(outcome, Appended) for outcome in outcomes)

    async def test_after_the_sender_left(self, scene: Scene) -> None:
        chat = await scene.group("bob")
        [said] = await scene.say(chat, "bob", "bye", client_id="c")
        await scene.one(draft(chat, "bob", "left", kind="system", change=RosterChange(remove=("bob",))))
        assert await scene.one(draft(chat, "bob", "bye", client_id="c")) == Replayed(said)
        assert isinstance(await scene.one(draft(chat, "bob", "new")), Refused)

    async def test_of_somebody_who_may_not_write_any_more(self, scene: Scene) -> None:
        chat = await scene.group("bob")
        [said] = await scene.say(chat, "bob", "bye", client_id="c")
        reason = NotReachable()
        outcomes = await scene.store.append(
            [
                draft(chat, "bob", "bye", client_id="c", barred=reason),
                draft(chat, "bob", "new", client_id="d", barred=reason),
                draft(chat, "bob", "else", client_id="c", barred=reason),
                draft(chat, "cid", "stranger", barred=reason),
                draft(chat, "ann", "hello"),
            ]
        )
        assert outcomes[0] == Replayed(said)
        assert [type(o.error) for o in outcomes if isinstance(o, Refused)] == [
            NotReachable,
            ClientIdReused,
            ChatNotFound,
        ]
        assert await scene.bodies(chat) == ["bye", "hello"]
        assert isinstance(await scene.one(draft(chat, "bob", "new", client_id="d")), Appended), "nothing was kept of it"

    async def test_after_a_restart(self, open_scene: OpenScene, tmp_path: Path) -> None:
        async with open_scene(tmp_path) as scene:
            chat = await scene.group()
            [first] = await scene.say(chat, "ann", "x", client_id="c")
        async with open_scene(tmp_path) as scene:
            assert await scene.one(draft(chat, "ann", "x", client_id="c")) == Replayed(first)
            assert [envelope.seq for envelope in await scene.say(chat, "ann", "next")] == [2]


class TestRosterChanges:
    async def test_take_effect_at_their_place_in_the_batch(self, scene: Scene) -> None:
        chat = await scene.group("bob")
        outcomes = await scene.store.append(
            [
                draft(chat, "cid", "too early"),
                draft(chat, "ann", "add", kind="system", change=RosterChange(add={"cid": Role.MEMBER})),
                draft(chat, "cid", "in time"),
                draft(chat, "cid", "no admin", requires=Role.ADMIN),
                draft(chat, "ann", "raise", kind="system", change=RosterChange(roles={"cid": Role.ADMIN})),
                draft(chat, "cid", "admin", requires=Role.ADMIN),
                draft(chat, "ann", "kick", kind="system", change=RosterChange(remove=("cid",))),
                draft(chat, "cid", "too late"),
            ]
        )
        accepted = ["add", "in time", "raise", "admin", "kick"]
        assert [stored(o).content for o in outcomes if not isinstance(o, Refused)] == accepted
        assert await scene.bodies(chat) == accepted
        after = await scene.store.get(chat.id)
        assert after is not None
        assert set(after.members) == {"ann", "bob"}

    async def test_who_is_added_sees_that_envelope_and_later_ones(self, scene: Scene) -> None:
        chat = await scene.group()
        await scene.say(chat, "ann", "before", "before")
        outcome = await scene.one(draft(chat, "ann", "add", change=RosterChange(add={"bob": Role.ADMIN})))
        assert outcome == Appended(stored(outcome), RosterChange(add={"bob": Role.ADMIN}))
        await scene.say(chat, "bob", "after")
        found = await scene.store.get(chat.id)
        assert found is not None
        bob = found.members["bob"]
        assert (bob.role, bob.joined_seq, bob.delivered_seq, bob.read_seq, bob.shared_read_seq) == (
            Role.ADMIN,
            *[2] * 4,
        )
        assert await scene.bodies(chat, floor=bob.joined_seq) == ["add", "after"]

    async def test_only_what_really_changes_is_reported(self, scene: Scene) -> None:
        chat = await scene.group("bob")
        wish = RosterChange(
            add={"bob": Role.OWNER, "cid": Role.MEMBER},
            remove=("eve", "dan"),
            roles={"bob": Role.MEMBER, "eve": Role.ADMIN},
        )
        outcome = await scene.one(draft(chat, "ann", change=wish))
        assert isinstance(outcome, Appended)
        assert outcome.change == RosterChange(add={"cid": Role.MEMBER})
        found = await scene.store.get(chat.id)
        assert found is not None
        assert {user: member.role for user, member in found.members.items()} == {
            "ann": Role.OWNER,
            "bob": Role.MEMBER,
            "cid": Role.MEMBER,
        }

    async def test_the_name(self, scene: Scene) -> None:
        chat = await scene.group(name="old")
        await scene.one(draft(chat, "ann", change=RosterChange(name="new")))
        found = await scene.store.get(chat.id)
        assert found is not None
        assert found.name == "new"
        await scene.one(draft(chat, "ann", change=RosterChange(name=None)))
        found = await scene.store.get(chat.id)
        assert found is not None
        assert found.name is None

    async def test_a_refused_change_changes_nothing(self, scene: Scene) -> None:
        chat = await scene.group("bob")
        change = RosterChange(remove=("ann",), name="mine")
        assert isinstance(await scene.one(draft(chat, "bob", requires=Role.ADMIN, change=change)), Refused)
        found = await scene.store.get(chat.id)
        assert found is not None
        assert (found.name, set(found.members)) == ("Friends", {"ann", "bob"})

    async def test_a_retried_change_is_not_done_again(self, scene: Scene) -> None:
        chat = await scene.group("bob")
        kick = draft(chat, "ann", "kick", client_id="c", change=RosterChange(remove=("bob",)))
        await scene.one(kick)
        await scene.one(draft(chat, "ann", "back", change=RosterChange(add={"bob": Role.MEMBER})))
        assert isinstance(await scene.one(kick), Replayed)
        found = await scene.store.get(chat.id)
        assert found is not None
        assert "bob" in found.members

    async def test_who_comes_back_does_not_see_the_time_away(self, scene: Scene) -> None:
        chat = await scene.group("bob")
        await scene.say(chat, "ann", "together")
        await scene.one(draft(chat, "ann", "kick", change=RosterChange(remove=("bob",))))
        await scene.say(chat, "ann", "alone")
        await scene.one(draft(chat, "ann", "back", change=RosterChange(add={"bob": Role.MEMBER})))
        found = await scene.store.get(chat.id)
        assert found is not None
        assert await scene.bodies(chat, floor=found.members["bob"].joined_seq) == ["back"]

    async def test_survive_a_restart(self, open_scene: OpenScene, tmp_path: Path) -> None:
        async with open_scene(tmp_path) as scene:
            chat = await scene.group("bob")
            await scene.one(
                draft(
                    chat,
                    "ann",
                    change=RosterChange(add={"cid": Role.ADMIN}, remove=("bob",), roles={"ann": Role.ADMIN}, name="x"),
                )
            )
            before = await scene.store.get(chat.id)
        async with open_scene(tmp_path) as scene:
            assert await scene.store.get(chat.id) == before
            assert isinstance(await scene.one(draft(chat, "bob")), Refused)
            assert isinstance(await scene.one(draft(chat, "cid", requires=Role.ADMIN)), Appended)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    batches=st.lists(
        st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["ann", "bob", "eve"]), st.integers(0, 30)), max_size=20),
        min_size=1,
        max_size=6,
    )
)
async def test_many_writers_leave_no_gap_and_no_twin(scene: Scene, batches: list[list[tuple[int, str, int]]]) -> None:
    """Whatever is sent at once: every chat's log is 1…n, and a clientId is in it at most once."""
    chats = [await scene.group("bob") for _ in range(4)]
    answers = await asyncio.gather(
        *(
            scene.store.append([draft(chats[c], who, f"{who}{n}", client_id=f"c{n}") for c, who, n in batch])
            for batch in batches
        )
    )
    said = {
        (outcome.envelope.chat_id, outcome.envelope.seq): outcome.envelope
        for outcomes in answers
        for outcome in outcomes
        if not isinstance(outcome, Refused)
    }
    for chat in chats:
        log = await read_all(scene.store, chat.id)
        assert [envelope.seq for envelope in log] == list(range(1, len(log) + 1))
        keys = [(envelope.sender_id, envelope.client_id) for envelope in log]
        assert len(keys) == len(set(keys))
        assert log == [said[chat.id, envelope.seq] for envelope in log]
        assert all(envelope.sender_id != "eve" for envelope in log)
