"""People talk over two api and two realtime nodes while something happens to one of them, or to a store: criterion P.

Official Python and JavaScript clients come through Caddy by TLS, by polling and by WebSocket; one writes over HTTP, one
sends everything over both nodes at once, and one is removed while it all happens. A recorded history decides.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest

from tests.deploy.proxies import Identity, new_identity
from tests.faults.talk import accidents
from tests.faults.talk.accidents import Accident
from tests.faults.talk.cluster import Cluster, Databases, cluster, databases, other_program
from tests.faults.talk.foreigners import Foreigner
from tests.faults.talk.history import Absence, History
from tests.faults.talk.people import Door, Poster, Talker, Twins, record_log
from tests.harness.people import Person

KINDS = ("mongodb", "postgresql")
WEBSOCKET = ("websocket",)
#: seconds in which everybody must be able to send again when a fault is over
BACK = 30.0
#: acknowledged messages that make a history worth judging
ENOUGH = 30


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Identity]:
    """A certificate that the JavaScript clients believe, too."""
    made = new_identity(tmp_path_factory.mktemp("identity"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NODE_EXTRA_CA_CERTS", str(made.authority))
        yield made


@pytest.fixture(scope="module")
def stores() -> Iterator[Databases]:
    """On their own: they are killed and frozen."""
    with databases() as running:
        yield running


class Places:
    """Clusters over the same databases, one at a time; asked for the one that runs, they give it again."""

    def __init__(self, folder: Path, stores: Databases, identity: Identity) -> None:
        self._folder, self._stores, self._identity = folder, stores, identity
        self._running = ExitStack()
        self._now: tuple[Cluster, str, Sequence[str] | None] | None = None

    def get(self, messages: str, program: Sequence[str] | None = None) -> Cluster:
        """One with its log in that database; `program` is what its nodes are if not `batiyoun serve`."""
        if self._now is None or self._now[1:] != (messages, program):
            self.close()
            folder = self._folder / f"{len(list(self._folder.iterdir()))}"
            made = self._running.enter_context(cluster(folder, self._stores, self._identity, messages, program))
            self._now = made, messages, program
        return self._now[0]

    def close(self) -> None:
        """End what runs."""
        self._now = None
        self._running.close()


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory, stores: Databases, identity: Identity) -> Iterator[Places]:
    """For the tests of this file. Every test leaves them whole."""
    made = Places(tmp_path_factory.mktemp("clusters"), stores, identity)
    yield made
    made.close()


class Scene:
    """A group, those who talk in it, and the one who is removed."""

    def __init__(self, cluster: Cluster, people: Sequence[Person], chat_id: str, seed: int) -> None:
        self.cluster, self.chat_id, self.history = cluster, chat_id, History()
        self.owner, self.removed = people[0], people[-1]
        trust, url = cluster.proxy.identity.trust(), [cluster.proxy.url]
        direct = [node.url for node in cluster.realtime]
        chance = random.Random(seed)  # noqa: S311  # repeatable, not secret

        def talker(kind: type[Talker], who: int, transports: tuple[str, ...] | None, nodes: list[str] = url) -> Talker:
            door = Door(transports, f"127.0.0.{10 + who}", trust if nodes is url else None)
            return kind(people[who], chat_id, nodes, self.history, chance, door)

        self.members = [
            talker(Talker, 0, None),
            talker(Talker, 1, WEBSOCKET),
            talker(Foreigner, 2, None),
            talker(Foreigner, 3, WEBSOCKET),
            talker(Poster, 4, None),
            talker(Twins, 5, WEBSOCKET, direct),
        ]
        self.guest = talker(Talker, 6, WEBSOCKET)
        self._removal = 0.0

    async def everybody_is_heard(self, since: float, within: float = BACK) -> None:
        """Until every member's newest acknowledged attempt began after that."""
        deadline = time.monotonic() + within
        while silent := [talker.person.username for talker in self.members if talker.heard_at < since]:
            assert time.monotonic() < deadline, f"not heard within {within} s: {silent}"
            await asyncio.sleep(0.05)

    async def they_are_on_both_nodes(self) -> None:
        """Until it is so: the proxy may not have noticed yet that a node is back."""
        deadline = time.monotonic() + BACK
        while self.cluster.nodes_with(self.chat_id) < len(self.cluster.realtime):
            assert time.monotonic() < deadline, "all are on one node"
            self.members[1].hop()
            await asyncio.sleep(0.5)

    async def enough_is_said(self) -> None:
        """Until the history is worth judging, on machines of any speed."""
        async with asyncio.timeout(BACK):
            while len(self.history.acknowledged) <= ENOUGH:  # noqa: ASYNC110  # answers come in by themselves
                await asyncio.sleep(0.05)

    async def remove_the_guest(self) -> None:
        """As often as it takes."""
        async with asyncio.timeout(BACK):
            while True:
                with suppress(httpx.HTTPError):
                    answer = await self.owner.http.delete(f"/api/chats/{self.chat_id}/members/{self.removed.id}")
                    if answer.status_code in (httpx.codes.NO_CONTENT, httpx.codes.NOT_FOUND):
                        break
                await asyncio.sleep(0.2)
        self._removal = time.monotonic()

    async def close(self) -> None:
        """Take down what everybody has and what the store has."""
        for talker in self.members:
            await talker.heal(self.cluster.proxy.url)
        await record_log(self.history, self.owner, self.chat_id)
        log = await self.owner.history(self.chat_id)
        place = max((envelope["seq"] for envelope in log if envelope["kind"] == "system"), default=0)
        self.history.absences.append(Absence(self.chat_id, self.removed.id, self._removal, place))


@asynccontextmanager
async def talking(cluster: Cluster, seed: int) -> AsyncIterator[Scene]:
    """Everybody talks inside of the block; the history is complete after it."""
    town = cluster.town()
    try:
        names = ("asha", "bala", "chitra", "dev", "esha", "farah", "gopal")
        people = [await town.sign_up(name) for name in names]
        scene = Scene(cluster, people, await people[0].create_chat(*people[1:], name="Talk"), seed)
        everybody = [*scene.members, scene.guest]
        async with asyncio.TaskGroup() as tasks:
            for talker in everybody:
                tasks.create_task(talker.talk(0.03))
            try:
                yield scene
            finally:
                for talker in everybody:
                    talker.stop()
        await scene.close()
    except BaseException:
        cluster.tell()
        raise
    finally:
        await town.close()


async def talk_through(cluster: Cluster, happens: Sequence[Accident], seed: int) -> History:
    """They talk, something happens, and they talk on."""
    async with talking(cluster, seed) as scene:
        await scene.everybody_is_heard(time.monotonic())
        await scene.they_are_on_both_nodes()
        removing = asyncio.create_task(scene.remove_the_guest())
        for accident in happens:
            await accident(cluster)
            await cluster.all_ready()
            await scene.everybody_is_heard(time.monotonic())
        await removing
        await scene.enough_is_said()
    return scene.history


SHORT = {
    "mongodb": [
        accidents.kill_a_realtime_node,
        accidents.freeze_a_realtime_node,
        accidents.kill_an_api_node,
        accidents.lose_the_primary,
        accidents.lose_the_majority,
        accidents.fill_the_disks,
        accidents.change_clocks,
    ],
    "postgresql": [
        accidents.freeze_an_api_node,
        accidents.freeze_redis,
        accidents.kill_redis,
        accidents.empty_redis,
        accidents.kill_postgres,
        accidents.freeze_postgres,
        accidents.fill_the_disks,
        accidents.storm_of_150,
    ],
}
ALL = sorted({*SHORT["mongodb"], *SHORT["postgresql"]}, key=lambda accident: accident.__name__)
#: every accident once in the short run, and on both databases in the long one
CASES = [
    pytest.param(
        kind,
        accident,
        id=f"{kind}-{accident.__name__}",
        marks=[] if accident in SHORT[kind] else [pytest.mark.soak],
    )
    for kind in KINDS
    for accident in ALL
]


@pytest.mark.parametrize(("kind", "accident"), CASES)
async def test_p_holds(places: Places, kind: str, accident: Accident) -> None:
    history = await talk_through(places.get(kind), [accident], seed=1)
    assert history.violations() == []


@pytest.mark.parametrize(
    ("kind", "accident"),
    [
        pytest.param("postgresql", accidents.kill_postgres, id="postgresql"),
        pytest.param("mongodb", accidents.lose_the_majority, id="mongodb", marks=pytest.mark.soak),
    ],
)
async def test_nodes_that_acknowledge_too_early_are_found_out(places: Places, kind: str, accident: Accident) -> None:
    """The control: the same nodes, faults and people, but an ack that does not wait for the disks. It breaks P1."""
    place = places.get(kind, other_program("tests.faults.talk.broken", "hasty"))
    history = await talk_through(place, [accident], seed=3)
    assert any(sentence.startswith("P1") for sentence in history.violations())


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kind", KINDS)
async def test_p_holds_for_a_long_time(places: Places, kind: str) -> None:
    """One accident after the other, as chance has it; each hits the state that the last one left."""
    chance = random.Random(22)  # noqa: S311
    everything = [*ALL, accidents.restart_the_nodes, accidents.storm_of_1000]
    history = await talk_through(places.get(kind), [chance.choice(everything) for _ in range(40)], seed=5)
    assert history.violations() == []
