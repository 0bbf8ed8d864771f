"""The delivery service against what devices really send: what it takes, and everything that it refuses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from batiyoun.chats.groups import framing, rules
from batiyoun.chats.groups.payloads import Commit, DeviceName
from batiyoun.chats.model import Appended, NewChat, Replayed, Role
from batiyoun.errors import (
    BatiyounError,
    ChatNotFound,
    ClientIdReused,
    Conflict,
    EpochStale,
    Forbidden,
    GroupFull,
    GroupMissing,
    MlsInvalid,
    NotInGroup,
)
from batiyoun.live import Caller
from tests.unit.chats.groups.family import CHAT, Family, device, family, said, wish

PHONE, LAPTOP, RAVI, MEENA = (device(name) for name in ("phone", "laptop", "ravi", "meena"))
OTHER = "01900000-0000-7000-8000-00000000c4a8"


@pytest_asyncio.fixture
async def home(tmp_path: Path) -> AsyncIterator[Family]:
    async with family(tmp_path) as made:
        yield made


async def refused(home: Family, error: type[BatiyounError], by: str, what: str | Commit, chat_id: str = CHAT) -> None:
    """The commit is refused with exactly that, and nothing changes."""
    before = await home.store.group_info(CHAT), (await home.store.heads([CHAT]))[CHAT]
    with pytest.raises(error) as caught:
        await home.commit(by, what, chat_id)
    assert type(caught.value) is error
    assert (await home.store.group_info(CHAT), (await home.store.heads([CHAT]))[CHAT]) == before


# ── what is taken ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_group_comes_to_life(home: Family) -> None:
    before = await home.groups.view(PHONE.user_id, CHAT)
    assert (before.epoch, before.generation, before.open_from, before.leaves, before.due) == (None, 0, 0, [], [])
    assert len(before.devices) == 3
    with pytest.raises(GroupMissing):
        await home.groups.info(PHONE.user_id, CHAT)
    assert await home.commit("phone", "create") == (1, 0, True)
    assert await home.commit("phone", "family") == (2, 1, True)
    view = await home.groups.view(RAVI.user_id, CHAT)
    assert (view.epoch, view.generation, view.open_from, view.due, view.head_seq) == (1, 1, 0, [], 2)
    names = [DeviceName(each.user_id, each.device_id) for each in (PHONE, LAPTOP, RAVI)]
    assert view.leaves == names
    assert set(view.members) == {PHONE.user_id, RAVI.user_id}
    info = await home.groups.info(RAVI.user_id, CHAT)
    assert (info.epoch, info.generation, info.group_info) == (1, 1, wish("family").group_info)


async def test_welcomes_that_nobody_fetched_are_let_go(home: Family) -> None:
    await home.begin()
    home.clock.time += timedelta(days=89).total_seconds()
    assert await home.groups.sweep() == 0
    home.clock.time += timedelta(days=2).total_seconds()
    assert await home.groups.sweep() > 0, "without another commit"
    assert await home.groups.sweep() == 0


async def test_welcomes_wait_for_exactly_those_who_came_in(home: Family) -> None:
    await home.begin()
    assert home.told == [(PHONE.user_id, CHAT), (RAVI.user_id, CHAT)]
    [waiting] = (await home.groups.welcomes(home.by("ravi"))).welcomes
    assert (waiting.chat_id, waiting.epoch, waiting.welcome) == (CHAT, 1, wish("family").welcome)
    assert (await home.groups.welcomes(home.by("phone"))).welcomes == []
    assert (await home.groups.welcomes(Caller(RAVI.user_id, "a session without a device"))).welcomes == []
    await home.groups.forget_welcome(home.by("phone"), waiting.id)
    await home.groups.forget_welcome(home.by("ravi"), waiting.id)
    assert (await home.groups.welcomes(home.by("ravi"))).welcomes == []
    assert len((await home.groups.welcomes(home.by("laptop"))).welcomes) == 1
    home.clock.time += timedelta(days=91).total_seconds()
    assert (await home.groups.welcomes(home.by("laptop"))).welcomes == []


async def test_the_log_has_the_commit_as_it_was_sent(home: Family) -> None:
    await home.begin()
    page = await home.chats.page(RAVI.user_id, CHAT, after=0, before=None, limit=9)
    assert [(each.kind, each.client_id, each.sender_device_id) for each in page.messages] == [
        ("commit", "create", PHONE.device_id),
        ("commit", "family", PHONE.device_id),
    ]
    assert [each.metadata for each in page.messages] == [
        {"generation": 1, "epoch": 0},
        {"generation": 1, "epoch": 1},
    ]
    assert page.messages[0].mls is None
    assert page.messages[1].mls is not None


async def test_a_replayed_commit_gets_the_same_place_however_late(home: Family) -> None:
    await home.begin()
    assert await home.commit("phone", "family") == (2, 1, False)
    await home.commit("ravi", "renewByRavi")
    assert await home.commit("phone", "create") == (1, 0, False)
    assert await home.commit("phone", "family") == (2, 1, False)
    assert home.told == [(PHONE.user_id, CHAT), (RAVI.user_id, CHAT)]
    await refused(home, ClientIdReused, "phone", wish("renew", "family"))


async def test_a_new_member_s_devices_are_let_in_by_anybody(home: Family) -> None:
    await home.begin()
    await home.members.add(home.by("phone"), CHAT, [MEENA.user_id])
    view = await home.groups.view(MEENA.user_id, CHAT)
    assert DeviceName(MEENA.user_id, MEENA.device_id) in view.devices
    assert DeviceName(MEENA.user_id, MEENA.device_id) not in view.leaves
    assert (await home.commit("phone", "addMeena"))[1] == 2
    assert (await home.groups.view(MEENA.user_id, CHAT)).open_from == 0


async def test_who_left_is_due_and_nothing_is_said_before_they_are_out(home: Family) -> None:
    await home.begin()
    assert isinstance(await home.say("ravi", "ravi"), Appended)
    await home.kick("ravi")
    view = await home.groups.view(PHONE.user_id, CHAT)
    assert (view.due, view.epoch, view.open_from) == ([RAVI.device_id], 1, 2)
    with pytest.raises(EpochStale):
        await home.say("phone", "phone")
    assert isinstance(await home.say("ravi", "ravi"), Replayed)  # that was taken before
    client_id, body = said("ravi")
    with pytest.raises(ChatNotFound):
        await home.chats.put(home.by("ravi"), CHAT, f"{client_id} again", body)
    assert (await home.commit("phone", "removeRavi"))[1] == 2
    view = await home.groups.view(PHONE.user_id, CHAT)
    assert (view.due, view.epoch, view.open_from) == ([], 2, 2)
    with pytest.raises(EpochStale):  # encrypted for ravi, too
        await home.say("phone", "phone")
    assert isinstance(await home.say("phone", "phoneAfter"), Appended)


async def test_a_revoked_device_is_due(home: Family) -> None:
    await home.begin()
    del home.devices.known["laptop"]
    view = await home.groups.view(RAVI.user_id, CHAT)
    assert (view.due, view.open_from) == ([LAPTOP.device_id], 2)
    assert (await home.commit("phone", "removeLaptop"))[1] == 2
    assert (await home.groups.view(RAVI.user_id, CHAT)).due == []


async def test_one_goes_as_another_comes(home: Family) -> None:
    await home.begin()
    await home.kick("ravi")
    await home.members.add(home.by("phone"), CHAT, [MEENA.user_id])
    assert (await home.commit("phone", "swap"))[1] == 2
    view = await home.groups.view(MEENA.user_id, CHAT)
    assert (view.due, view.open_from) == ([], 2)
    assert {leaf.device_id for leaf in view.leaves} == {PHONE.device_id, LAPTOP.device_id, MEENA.device_id}


async def test_a_device_that_lost_its_state_comes_in_from_outside(home: Family) -> None:
    await home.begin()
    assert (await home.commit("laptop", "laptopAgain"))[1] == 2
    view = await home.groups.view(PHONE.user_id, CHAT)
    assert (view.open_from, len(view.leaves)) == (0, 3)


async def test_a_group_that_nobody_is_left_in_is_made_anew(home: Family) -> None:
    await home.begin()
    del home.devices.known["laptop"], home.devices.known["ravi"]
    await refused(home, EpochStale, "phone", "createAnew")
    home.devices.known["laptop"] = LAPTOP
    del home.devices.known["phone"]
    await refused(home, EpochStale, "phone", "createAnew")
    del home.devices.known["laptop"]
    view = await home.groups.view(PHONE.user_id, CHAT)
    assert (view.epoch, view.generation, view.leaves, view.due) == (None, 1, [], [])
    await refused(home, Forbidden, "phone", "createAnew")


async def test_who_is_left_begins_anew_where_the_last_device_went(home: Family) -> None:
    await home.commit("ravi", "createByRavi")
    await refused(home, EpochStale, "phone", "createAnew")
    await home.kick("ravi")
    view = await home.groups.view(PHONE.user_id, CHAT)
    assert (view.epoch, view.generation, view.leaves, view.due) == (None, 1, [], [])
    assert await home.commit("phone", "createAnew") == (3, 0, True)
    assert (await home.groups.view(PHONE.user_id, CHAT)).generation == 2


async def test_whoever_is_alone_may_begin_again(home: Family) -> None:
    await home.commit("phone", "create")
    assert await home.commit("phone", "createAnew") == (2, 0, True)
    assert await home.commit("phone", "createAnew") == (2, 0, False)
    assert (await home.groups.view(PHONE.user_id, CHAT)).generation == 2
    await refused(home, EpochStale, "phone", "family")


# ── what is refused ───────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_lost_race_says_where_the_group_is(home: Family) -> None:
    await home.begin()
    await home.commit("ravi", "renewByRavi")
    with pytest.raises(EpochStale) as caught:
        await home.commit("phone", "renew")
    assert caught.value.fields == {"epoch": "2", "headSeq": "3"}
    await refused(home, EpochStale, "phone", wish("create", "once more"))
    await refused(home, EpochStale, "ravi", "createByRavi")


@pytest.mark.parametrize("by", ["laptop", "ravi"])
async def test_a_commit_of_another_device_is_refused(home: Family, by: str) -> None:
    await home.begin()
    await refused(home, Forbidden, by, "renew")
    await refused(home, Forbidden, by, "laptopAgain" if by == "ravi" else "renewByRavi")


async def test_a_session_without_a_device_commits_nothing(home: Family) -> None:
    with pytest.raises(NotInGroup):
        await home.groups.commit(Caller(PHONE.user_id, "s"), CHAT, wish("create"))


async def test_a_revoked_device_commits_nothing(home: Family) -> None:
    await home.begin()
    del home.devices.known["phone"]
    await refused(home, Forbidden, "phone", "renew")


async def test_a_new_group_has_the_device_that_makes_it(home: Family) -> None:
    await refused(home, Forbidden, "phone", "createByRavi")
    await refused(home, Forbidden, "laptop", "create")
    await refused(home, EpochStale, "phone", "createAnew")


async def test_nobody_is_taken_out_who_belongs_here(home: Family) -> None:
    """Whatever the role: the roster decides, and a commit follows."""
    await home.begin()
    await refused(home, Forbidden, "phone", "removeRavi")
    await refused(home, Forbidden, "phone", "removeLaptop")


async def test_nobody_is_let_in_who_is_no_member(home: Family) -> None:
    await home.begin()
    await refused(home, Forbidden, "phone", "addMeena")


async def test_a_device_that_the_directory_does_not_know_is_not_let_in(home: Family) -> None:
    await home.commit("phone", "create")
    del home.devices.known["laptop"]
    await refused(home, Forbidden, "phone", "family")
    home.devices.known["laptop"] = type(LAPTOP)(LAPTOP.user_id, LAPTOP.device_id, b"", RAVI.signature_key)
    await refused(home, Forbidden, "phone", "family")


async def test_nobody_comes_in_from_outside_where_no_device_of_theirs_is(home: Family) -> None:
    await home.begin()
    await home.members.add(home.by("phone"), CHAT, [MEENA.user_id])
    await refused(home, NotInGroup, "meena", "meenaFromOutside")


async def test_who_comes_in_from_outside_takes_out_nobody_else(home: Family) -> None:
    """What the client's library would follow (measured): an external commit that removes another."""
    await home.begin()
    honest = wish("laptopAgain")
    assert honest.commit is not None
    remove = b"\x01\x00\x03\x00\x00\x00"  # by value, Remove, the leaf
    assert honest.commit.count(remove + b"\x01") == 1
    evil = honest.commit.replace(remove + b"\x01", remove + b"\x02")
    await refused(home, Forbidden, "laptop", msgspec.structs.replace(honest, commit=evil))
    blank = honest.commit.replace(remove + b"\x01", remove + b"\x09")
    await refused(home, MlsInvalid, "laptop", msgspec.structs.replace(honest, commit=blank))


async def test_a_removed_device_comes_back_only_through_a_member(home: Family) -> None:
    await home.begin()
    await home.kick("ravi")
    for name in ("renewByRavi", "createByRavi"):
        await refused(home, ChatNotFound, "ravi", name)


@pytest.mark.parametrize(
    "instead",
    [
        {"group_info": b""},
        {"group_info": b"\0\1\0\4"},
        {"group_info": wish("family").welcome},
        {"group_info": wish("create").group_info},
        {"group_info": wish("renew").group_info},
        {"group_info": wish("createElsewhere").group_info},
        {"commit": b"nonsense"},
        {"commit": wish("family").group_info},
        {"commit": wish("wish").commit},
        {"commit": None},
        {"welcome": None},
        {"welcome": b"nonsense"},
        {"welcome": wish("addMeena").welcome},
        {"welcome": wish("family").group_info},
    ],
)
async def test_what_does_not_belong_together_is_refused(home: Family, instead: dict[str, Any]) -> None:
    await home.commit("phone", "create")
    await refused(home, MlsInvalid, "phone", wish("family", **instead))


async def test_a_tree_that_is_not_what_the_commit_makes_is_refused(home: Family) -> None:
    """The commit adds Meena and the description says that nobody came, or that Ravi went."""
    await home.begin()
    await home.members.add(home.by("phone"), CHAT, [MEENA.user_id])
    for name in ("renew", "removeRavi", "swap"):
        await refused(home, MlsInvalid, "phone", wish("addMeena", group_info=wish(name).group_info))
    await refused(home, MlsInvalid, "phone", wish("renew", group_info=wish("addMeena").group_info))


async def test_a_welcome_without_anybody_is_refused(home: Family) -> None:
    await home.begin()
    # version, Welcome, the suite, no secrets, no description: well-formed
    for_nobody = b"\0\1\0\3\0\x53\0\0"
    for welcome in (wish("family").welcome, for_nobody):
        await refused(home, MlsInvalid, "phone", wish("renew", welcome=welcome))
        await refused(home, MlsInvalid, "laptop", wish("laptopAgain", welcome=welcome))


async def test_a_proposal_is_no_commit(home: Family) -> None:
    await home.begin()
    await refused(home, MlsInvalid, "ravi", "wish")


async def test_the_group_of_another_chat_is_refused(home: Family) -> None:
    await refused(home, MlsInvalid, "phone", "createElsewhere")


@pytest.mark.parametrize(
    "group_id", [b"", b"/1", CHAT.encode(), *(f"{CHAT}/{n}".encode() for n in ("", "0", "01", "x"))]
)
def test_only_one_form_names_a_group(group_id: bytes) -> None:
    assert framing.generation_of(group_id, CHAT) is None
    assert framing.generation_of(framing.group_id(CHAT, 12), CHAT) == 12


async def test_a_commit_brings_in_only_so_many(home: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    await home.commit("phone", "create")
    monkeypatch.setattr(framing, "MAX_ADDS", 1)
    await refused(home, MlsInvalid, "phone", "family")
    monkeypatch.setattr(framing, "MAX_ADDS", 2)
    await home.commit("phone", "family")


async def test_a_full_group_takes_no_more(home: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    await home.commit("phone", "create")
    monkeypatch.setattr(rules, "MAX_LEAVES", 2)
    await refused(home, GroupFull, "phone", "family")
    monkeypatch.setattr(rules, "MAX_LEAVES", 3)
    await home.commit("phone", "family")


async def test_24_strangers_learn_nothing(home: Family) -> None:
    await home.begin()
    for chat_id in (CHAT, OTHER):
        with pytest.raises(ChatNotFound):
            await home.groups.view(MEENA.user_id, chat_id)
        with pytest.raises(ChatNotFound):
            await home.groups.info(MEENA.user_id, chat_id)
        with pytest.raises(ChatNotFound):
            await home.commit("meena", "create", chat_id)


async def test_a_chat_without_encryption_has_no_group(home: Family) -> None:
    roles = {PHONE.user_id: Role.OWNER}
    await home.store.create(
        NewChat(OTHER, "group", "none", "Open", PHONE.user_id, roles, None, home.clock.runtime().utcnow())
    )
    with pytest.raises(Conflict):
        await home.groups.view(PHONE.user_id, OTHER)
    with pytest.raises(Conflict):
        await home.commit("phone", "createElsewhere", OTHER)
