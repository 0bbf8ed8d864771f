"""`GroupStore`, and what `LogStore.append` does with commits and encrypted messages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from batiyoun.chats.groups.model import MAX_LEAVES, NOWHERE, Group, Leaf, Place, Sealed, Step, WaitingWelcome
from batiyoun.chats.model import Appended, Chat, Draft, Outcome, Refused, Replayed, Role, RosterChange
from batiyoun.errors import ChatNotFound, ClientIdReused, EncryptionRequired, EpochStale, MlsInvalid, NotInGroup
from batiyoun.storage.move import move_messages
from batiyoun.storage.sqlite import SqliteChatLog
from tests.contracts.chat_stores import Clock, OpenScene, Scene, draft, read_all, stored
from tests.harness.message_stores import MessageStores

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
RACERS = 50


def group(place: Place, *people: str, open_from: int = 0) -> Group:
    """A group of one phone each."""
    leaves = tuple(Leaf(index, user, f"{user}-phone", user.encode()) for index, user in enumerate(people))
    return Group(*place, open_from, leaves)


def step(base: Place | None, after: Group, *, welcome: bytes | None = None, to: tuple[str, ...] = ()) -> Step:
    info = b"info of %d.%d" % after.place
    return Step(base, after, info, welcome, tuple((user, f"{user}-phone") for user in to))


def commit(chat: Chat, sender: str, what: Step, client_id: str | None = None) -> Draft:
    """A commit, as the service hands it over."""
    body = f"{what.base} {what.group.place}"
    return draft(chat, sender, body, kind="commit", step=what, client_id=client_id, mls="Y29tbWl0")


def sealed(chat: Chat, sender: str, place: Place | None, body: str = "sealed", client_id: str | None = None) -> Draft:
    """An encrypted message of that place."""
    return draft(chat, sender, body, mls="bWxz", sealed=Sealed(place), client_id=client_id)


def why(outcome: Outcome) -> type[Exception]:
    """What it was refused with."""
    assert isinstance(outcome, Refused), outcome
    return type(outcome.error)


@pytest.fixture(autouse=True)
def encrypted(request: pytest.FixtureRequest) -> None:
    """All chats here are."""
    if "scene" in request.fixturenames:
        request.getfixturevalue("scene").encryption = "mls"


async def started(scene: Scene, *others: str) -> Chat:
    """A chat whose group has a phone of everybody, at epoch 1 of generation 1."""
    chat = await scene.group(*others)
    stored(await scene.one(commit(chat, "ann", step(None, group((1, 0), "ann")))))
    stored(await scene.one(commit(chat, "ann", step((1, 0), group((1, 1), "ann", *others)))))
    return chat


class TestCommits:
    async def test_a_chat_begins_without_a_group(self, scene: Scene) -> None:
        chat = await scene.group("bob")
        assert await scene.store.group(chat.id) is None
        assert await scene.store.group_info(chat.id) is None
        assert await scene.store.group("no-such-chat") is None
        assert await scene.store.group_info("no-such-chat") is None

    async def test_a_commit_is_an_envelope_and_moves_the_group(self, scene: Scene) -> None:
        chat = await scene.group("bob")
        first, second = group((1, 0), "ann"), group((1, 1), "ann", "bob", open_from=1)
        made = stored(await scene.one(commit(chat, "ann", step(None, first))))
        assert (made.seq, made.kind) == (1, "commit")
        assert await scene.store.group_info(chat.id) == (first, b"info of 1.0")
        assert stored(await scene.one(commit(chat, "ann", step((1, 0), second)))).seq == 2
        assert await scene.store.group(chat.id) == second
        assert await scene.store.group_info(chat.id) == (second, b"info of 1.1")

    @pytest.mark.parametrize("base", [None, (1, 0), (1, 2), (0, 1), (2, 1), NOWHERE])
    async def test_one_that_begins_elsewhere_is_refused_and_leaves_no_trace(
        self, scene: Scene, base: Place | None
    ) -> None:
        chat = await started(scene, "bob")
        before = await scene.store.group_info(chat.id)
        late = step(base, group((9, 9), "ann"), welcome=b"w", to=("bob",))
        assert why(await scene.one(commit(chat, "ann", late))) is EpochStale
        assert await scene.store.group_info(chat.id) == before
        assert await scene.store.welcomes("bob", "bob-phone", since=LONG_AGO, limit=9) == []
        assert len(await read_all(scene.store, chat.id)) == 2

    async def test_a_retry_gets_the_first_place_however_far_the_group_is(self, scene: Scene) -> None:
        chat = await scene.group("bob")
        first = commit(chat, "ann", step(None, group((1, 0), "ann")), "one")
        envelope = stored(await scene.one(first))
        again = msgspec.structs.replace(first, id="again")
        assert await scene.one(again) == Replayed(envelope)
        stored(await scene.one(commit(chat, "ann", step((1, 0), group((1, 1), "ann", "bob")))))
        assert await scene.one(again) == Replayed(envelope)
        assert (await scene.store.group(chat.id)) == group((1, 1), "ann", "bob")
        other = msgspec.structs.replace(again, digest=b"other bytes")
        assert why(await scene.one(other)) is ClientIdReused

    async def test_a_new_group_from_the_very_place_where_it_stands_is_still_a_retry(self, scene: Scene) -> None:
        """Whoever is alone may make the group anew; sent twice it must not be made twice."""
        chat = await scene.group("bob")
        stored(await scene.one(commit(chat, "ann", step(None, group((1, 0), "ann")), "one")))
        anew = commit(chat, "ann", step((1, 0), group((2, 0), "ann")), "two")
        envelope = stored(await scene.one(anew))
        again = msgspec.structs.replace(anew, id="x", step=step((2, 0), group((3, 0), "ann")))
        assert await scene.one(again) == Replayed(envelope)
        assert await scene.store.group(chat.id) == group((2, 0), "ann")

    async def test_a_batch_is_decided_in_its_order(self, scene: Scene) -> None:
        chat = await started(scene, "bob")
        outcomes = await scene.store.append(
            [
                sealed(chat, "bob", (1, 2), "too early"),
                commit(chat, "ann", step((1, 1), group((1, 2), "ann", "bob"))),
                commit(chat, "bob", step((1, 1), group((1, 2), "ann", "bob"))),
                sealed(chat, "bob", (1, 2), "in time"),
                commit(chat, "bob", step((1, 2), group((1, 3), "ann", "bob"))),
            ]
        )
        assert [type(outcome) for outcome in outcomes] == [Refused, Appended, Refused, Appended, Appended]
        assert (why(outcomes[0]), why(outcomes[2])) == (EpochStale, EpochStale)
        assert await scene.store.group(chat.id) == group((1, 3), "ann", "bob")

    async def test_a_large_group_comes_back_as_it_was(self, scene: Scene) -> None:
        chat = await scene.group()
        people = [f"person-{number}" for number in range(MAX_LEAVES)]
        large = group((1, 0), *people)
        info = bytes(range(256)) * 4_000
        stored(await scene.one(commit(chat, "ann", Step(None, large, info))))
        assert await scene.store.group_info(chat.id) == (large, info)

    async def test_strangers_commit_nothing(self, scene: Scene) -> None:
        chat = await started(scene, "bob")
        outcome = await scene.one(commit(chat, "eve", step((1, 1), group((1, 2), "eve"))))
        assert why(outcome) is ChatNotFound

    async def test_everything_survives_a_restart(self, open_scene: OpenScene, tmp_path: Path) -> None:
        async with open_scene(tmp_path) as scene:
            scene.encryption = "mls"
            chat = await scene.group("bob")
            first = step(None, group((1, 0), "ann"), welcome=b"w", to=("bob",))
            stored(await scene.one(commit(chat, "ann", first, "one")))
        async with open_scene(tmp_path) as scene:
            assert await scene.store.group_info(chat.id) == (first.group, first.info)
            assert len(await scene.store.welcomes("bob", "bob-phone", since=LONG_AGO, limit=9)) == 1
            assert isinstance(await scene.one(commit(chat, "ann", first, "one")), Replayed)
            stale = commit(chat, "ann", step(None, group((1, 0), "ann")))
            assert why(await scene.one(stale)) is EpochStale


class TestMessages:
    async def test_of_the_newest_epochs_are_taken(self, scene: Scene) -> None:
        chat = await started(scene, "bob")
        for epoch in range(2, 7):
            stored(await scene.one(commit(chat, "ann", step((1, epoch - 1), group((1, epoch), "ann", "bob")))))
        outcomes = await scene.store.append([sealed(chat, "bob", (1, epoch)) for epoch in range(8)])
        assert [type(outcome) for outcome in outcomes] == [Refused] * 3 + [Appended] * 4 + [Refused]
        assert {why(outcome) for outcome in outcomes if isinstance(outcome, Refused)} == {EpochStale}

    @pytest.mark.parametrize("place", [(0, 1), (2, 1), (2, 0), NOWHERE])
    async def test_of_another_group_are_refused(self, scene: Scene, place: Place) -> None:
        chat = await started(scene, "bob")
        assert why(await scene.one(sealed(chat, "bob", place))) is EpochStale

    async def test_before_there_is_a_group_nothing_can_be_said(self, scene: Scene) -> None:
        chat = await scene.group("bob")
        assert why(await scene.one(sealed(chat, "bob", (1, 0)))) is EpochStale

    async def test_what_is_not_encrypted_for_the_group_is_refused(self, scene: Scene) -> None:
        chat = await started(scene, "bob")
        assert why(await scene.one(sealed(chat, "bob", None))) is MlsInvalid
        assert why(await scene.one(draft(chat, "bob"))) is MlsInvalid
        plain = msgspec.structs.replace(draft(chat, "bob"), encrypted=False)
        assert why(await scene.one(plain)) is EncryptionRequired
        assert len(await read_all(scene.store, chat.id)) == 2

    async def test_a_device_without_a_leaf_says_nothing(self, scene: Scene) -> None:
        chat = await started(scene, "bob")
        laptop = msgspec.structs.replace(sealed(chat, "bob", (1, 1)), sender_device_id="bob-laptop")
        nameless = msgspec.structs.replace(sealed(chat, "bob", (1, 1)), sender_device_id=None)
        assert [why(outcome) for outcome in await scene.store.append([laptop, nameless])] == [NotInGroup, NotInGroup]

    async def test_before_the_last_removal_is_too_early(self, scene: Scene) -> None:
        chat = await started(scene, "bob", "cid")
        stored(await scene.one(commit(chat, "ann", step((1, 1), group((1, 2), "ann", "bob", open_from=2)))))
        assert why(await scene.one(sealed(chat, "bob", (1, 1)))) is EpochStale
        stored(await scene.one(sealed(chat, "bob", (1, 2))))

    async def test_from_the_kick_on_nothing_is_said_until_the_leaf_is_out(self, scene: Scene) -> None:
        chat = await started(scene, "bob", "cid")
        stored(await scene.one(sealed(chat, "bob", (1, 1))))
        kick = draft(chat, "ann", kind="system", change=RosterChange(remove=("cid",)))
        late = sealed(chat, "bob", (1, 1), "late", "late")
        outcomes = await scene.store.append([kick, late, sealed(chat, "cid", (1, 1))])
        assert [type(outcome) for outcome in outcomes] == [Appended, Refused, Refused]
        assert (why(outcomes[1]), why(outcomes[2])) == (EpochStale, ChatNotFound)
        out = commit(chat, "bob", step((1, 1), group((1, 2), "ann", "bob", open_from=2)))
        assert [type(each) for each in await scene.store.append([out, late])] == [Appended, Refused]
        stored(await scene.one(msgspec.structs.replace(late, sealed=Sealed((1, 2)))))

    async def test_a_retry_is_answered_before_its_epoch_is_looked_at(self, scene: Scene) -> None:
        chat = await started(scene, "bob")
        said = sealed(chat, "bob", (1, 1), "x", "c")
        envelope = stored(await scene.one(said))
        stored(await scene.one(commit(chat, "ann", step((1, 1), group((1, 2), "ann", open_from=2)))))
        assert await scene.one(said) == Replayed(envelope)
        other = sealed(chat, "bob", (1, 1), "y", "c")
        assert why(await scene.one(other)) is ClientIdReused

    async def test_commits_are_no_news_to_people(self, scene: Scene) -> None:
        chat = await started(scene, "bob")
        [(_, last, unread)] = await scene.store.list_of("bob", limit=9, before=None)
        assert (last, unread) == (None, 0)
        said = stored(await scene.one(sealed(chat, "ann", (1, 1))))
        stored(await scene.one(commit(chat, "ann", step((1, 1), group((1, 2), "ann", "bob")))))
        [(_, last, unread)] = await scene.store.list_of("bob", limit=9, before=None)
        assert (last, unread) == (said, 1)

    async def test_chats_without_encryption_know_nothing_of_it(self, scene: Scene) -> None:
        scene.encryption = "none"
        chat = await scene.group("bob")
        stored(await scene.one(draft(chat, "bob")))
        stored(await scene.one(sealed(chat, "bob", None)))


class TestWelcomes:
    async def test_they_wait_for_their_device_until_it_has_them(self, scene: Scene) -> None:
        chat = await scene.group("bob", "cid")
        after = group((1, 0), "ann", "bob", "cid")
        made = stored(await scene.one(commit(chat, "ann", step(None, after, welcome=b"come", to=("bob", "cid")))))
        expected = [WaitingWelcome(made.id, chat.id, 1, 0, b"come")]
        for user in ("bob", "cid"):
            assert await scene.store.welcomes(user, f"{user}-phone", since=LONG_AGO, limit=9) == expected
        for user, device in (("ann", "ann-phone"), ("bob", "cid-phone"), ("cid", "bob-phone"), ("bob", "x")):
            assert await scene.store.welcomes(user, device, since=LONG_AGO, limit=9) == []
            await scene.store.forget_welcome(user, device, made.id)
        await scene.store.forget_welcome("bob", "bob-phone", made.id)
        await scene.store.forget_welcome("bob", "bob-phone", made.id)
        await scene.store.forget_welcome("bob", "bob-phone", "no such welcome")
        assert await scene.store.welcomes("bob", "bob-phone", since=LONG_AGO, limit=9) == []
        assert await scene.store.welcomes("cid", "cid-phone", since=LONG_AGO, limit=9) == expected
        await scene.store.forget_welcome("cid", "cid-phone", made.id)
        assert await scene.store.forget_welcomes(datetime(2100, 1, 1, tzinfo=UTC)) == 0

    async def test_a_retry_queues_none_again(self, scene: Scene) -> None:
        chat = await scene.group("bob")
        first = commit(chat, "ann", step(None, group((1, 0), "ann"), welcome=b"w", to=("bob",)))
        made = stored(await scene.one(first))
        await scene.store.forget_welcome("bob", "bob-phone", made.id)
        assert isinstance(await scene.one(msgspec.structs.replace(first, id="other")), Replayed)
        assert await scene.store.welcomes("bob", "bob-phone", since=LONG_AGO, limit=9) == []

    async def test_the_oldest_first_and_never_too_much_at_once(self, scene: Scene) -> None:
        chat = await scene.group("bob")
        base: Place | None = None
        for epoch in range(5):
            scene.clock.time += 1
            size = 1_500_000 if epoch else 10
            after = step(base, group((1, epoch), "ann"), welcome=b"%d" % epoch * size, to=("bob",))
            stored(await scene.one(commit(chat, "ann", after)))
            base = (1, epoch)
        seen: list[int] = []
        while waiting := await scene.store.welcomes("bob", "bob-phone", since=LONG_AGO, limit=3):
            assert sum(len(each.welcome) for each in waiting) < 2_000_000
            for each in waiting:
                seen.append(each.epoch)
                await scene.store.forget_welcome("bob", "bob-phone", each.id)
        assert seen == [0, 1, 2, 3, 4]

    async def test_old_ones_are_let_go(self, scene: Scene) -> None:
        chat = await scene.group("bob")
        stored(await scene.one(commit(chat, "ann", step(None, group((1, 0), "ann"), welcome=b"old", to=("bob",)))))
        between = scene.clock.runtime().utcnow() + timedelta(seconds=1)
        scene.clock.time += 2
        new = step((1, 0), group((1, 1), "ann", "bob"), welcome=b"new", to=("bob",))
        stored(await scene.one(commit(chat, "ann", new)))
        waiting = await scene.store.welcomes("bob", "bob-phone", since=between, limit=9)
        assert [each.welcome for each in waiting] == [b"new"]
        assert await scene.store.forget_welcomes(between) == 1
        assert await scene.store.welcomes("bob", "bob-phone", since=LONG_AGO, limit=9) == waiting


# ── several nodes ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest_asyncio.fixture
async def nodes(shared_stores: MessageStores, clock: Clock, tmp_path: Path) -> AsyncIterator[list[Scene]]:
    """The same store, opened by four nodes."""
    async with AsyncExitStack() as stack:
        scenes = [
            Scene(await stack.enter_async_context(shared_stores.opened(tmp_path, clock.runtime(), seconds=30)), clock)
            for _ in range(4)
        ]
        for scene in scenes:
            scene.encryption = "mls"
        yield scenes


async def _race(nodes: list[Scene], chat: Chat, base: Place | None, after: Group) -> list[Outcome]:
    """Fifty commits from the same place, at once, over all nodes."""
    return await asyncio.gather(
        *(
            nodes[number % len(nodes)].one(commit(chat, "ann", step(base, after), f"{base} {number}"))
            for number in range(RACERS)
        )
    )


async def _one_per_epoch(nodes: list[Scene]) -> None:
    chat = await nodes[0].group("bob")
    base: Place | None = None
    for epoch in range(4):
        outcomes = await _race(nodes, chat, base, group((1, epoch), "ann", "bob"))
        won = [outcome for outcome in outcomes if isinstance(outcome, Appended)]
        assert len(won) == 1
        assert {why(outcome) for outcome in outcomes if outcome is not won[0]} == {EpochStale}
        again = commit(chat, "ann", step(base, group((1, epoch), "ann", "bob")), won[0].envelope.client_id)
        for node in nodes:
            assert await node.one(msgspec.structs.replace(again, id=f"again {epoch}")) == Replayed(won[0].envelope)
        base = (1, epoch)
    assert [envelope.seq for envelope in await read_all(nodes[-1].store, chat.id)] == [1, 2, 3, 4]


async def test_of_fifty_commits_at_once_one_wins_each_epoch(scene: Scene) -> None:
    await _one_per_epoch([scene])


async def test_of_fifty_commits_on_four_nodes_one_wins_each_epoch(nodes: list[Scene]) -> None:
    await _one_per_epoch(nodes)


async def test_every_node_sees_a_commit_of_another_before_it_takes_a_message(nodes: list[Scene]) -> None:
    """Rosters and groups are remembered; whoever remembers an older one must find out where the row is written."""
    one, two, *_ = nodes
    chat = await started(one, "bob", "cid")
    stored(await two.one(sealed(chat, "bob", (1, 1))))
    stored(await one.one(commit(chat, "ann", step((1, 1), group((1, 2), "ann", "bob", open_from=2)))))
    assert why(await two.one(sealed(chat, "bob", (1, 1)))) is EpochStale
    assert why(await two.one(sealed(chat, "cid", (1, 2)))) is NotInGroup
    stored(await two.one(sealed(chat, "bob", (1, 2))))
    stored(await one.one(commit(chat, "ann", step((1, 2), group((1, 3), "ann", "bob", "cid", open_from=2)))))
    stored(await two.one(sealed(chat, "cid", (1, 3))))


# ── another store ─────────────────────────────────────────────────────────────────────────────────────────────────────


@asynccontextmanager
async def _embedded(path: Path, clock: Clock) -> AsyncIterator[Scene]:
    store = SqliteChatLog(path, clock.runtime())
    await store.open()
    scene = Scene(store, clock)
    scene.encryption = "mls"
    try:
        yield scene
    finally:
        await store.close()


async def test_groups_and_welcomes_move_along(shared_stores: MessageStores, clock: Clock, tmp_path: Path) -> None:
    """`batiyoun storage move`: everybody goes on where they are, and who was let in finds the way."""
    path = tmp_path / "log.db"
    async with _embedded(path, clock) as scene:
        chat = await started(scene, "bob")
        quiet = await scene.group("bob")
        after = group((1, 2), "ann", "bob", "cid", open_from=2)
        # a leaf of somebody who is no member would keep everybody silent
        stored(await scene.one(draft(chat, "ann", kind="system", change=RosterChange(add={"cid": Role.MEMBER}))))
        made = stored(
            await scene.one(commit(chat, "ann", step((1, 1), after, welcome=b"come", to=("cid", "bob")), "c"))
        )
        await scene.store.forget_welcome("bob", "bob-phone", made.id)
    for _ in range(2):  # a second call finds everything there
        await move_messages(path, await shared_stores.url(tmp_path), total=lambda _: None, progress=lambda _: None)
    async with shared_stores.opened(tmp_path, clock.runtime()) as store:
        scene = Scene(store, clock)
        assert await store.group_info(chat.id) == (after, b"info of 1.2")
        assert await store.group(quiet.id) is None
        expected = [WaitingWelcome(made.id, chat.id, 1, 2, b"come")]
        assert await store.welcomes("cid", "cid-phone", since=LONG_AGO, limit=9) == expected
        assert await store.welcomes("bob", "bob-phone", since=LONG_AGO, limit=9) == []
        assert await scene.one(commit(chat, "ann", step((1, 1), after, welcome=b"w", to=("cid",)), "c")) == Replayed(
            made
        )
        assert why(await scene.one(sealed(chat, "bob", (1, 1)))) is EpochStale
        stored(await scene.one(sealed(chat, "bob", (1, 2))))
