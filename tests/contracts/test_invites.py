"""The port `InviteStore`, and `AccountStore.create` with an admission, on every database."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from batiyoun.auth.model import Admission, Created
from batiyoun.auth.secrets import hash_token
from batiyoun.errors import EmailTaken, InviteInvalid, InviteRequired, UsernameTaken
from batiyoun.invites.model import Invite
from batiyoun.runtime import uuid7
from batiyoun.storage.sql.tables import users
from batiyoun.users.model import User
from tests.contracts.account_stores import clock, stores
from tests.harness.accounts import Clock, Stores, person

__all__ = ["clock", "stores"]

CODE = hash_token("the code")
NOW = Clock().runtime().utcnow()
LATER = NOW + timedelta(days=7)


@pytest.fixture
async def asha(stores: Stores) -> User:
    return (await stores.accounts.create(person("asha"), "hash", Admission())).user


def invite(user: User, *, max_uses: int = 1) -> Invite:
    return Invite(uuid7(), user.id, max_uses, 0, "for राम", NOW, LATER)


async def made(stores: Stores, user: User, *, max_uses: int = 1, code: bytes = CODE) -> Invite:
    one = invite(user, max_uses=max_uses)
    assert await stores.invites.create(one, code, limit=100)
    return one


async def newcomer(stores: Stores, name: str) -> Created | type[Exception]:
    """Signs up with the code, or says why not."""
    try:
        return await stores.accounts.create(person(name), "hash", Admission(invite=CODE))
    except (InviteInvalid, UsernameTaken, EmailTaken) as exc:
        return type(exc)


async def uses(stores: Stores, user: User) -> list[int]:
    return [each.uses for each in await stores.invites.of_user(user.id)]


# ── who is first ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_first_of_many_at_once_is_the_owner(stores: Stores) -> None:
    assert await stores.accounts.any() is False
    created = await asyncio.gather(
        *(stores.accounts.create(person(f"user{number}"), None, Admission()) for number in range(8))
    )
    assert sorted(each.user.role for each in created) == ["member"] * 7 + ["owner"]
    kept = await stores.users.get_many([each.user.id for each in created])
    assert [kept[each.user.id] for each in created] == [each.user for each in created]
    assert await stores.accounts.any() is True


async def test_of_many_who_must_be_the_first_one_is(stores: Stores) -> None:
    wishes = (stores.accounts.create(person(f"user{number}"), None, Admission(only_first=True)) for number in range(6))
    created = await asyncio.gather(*wishes, return_exceptions=True)
    assert [each.user.role for each in created if isinstance(each, Created)] == ["owner"]
    assert sum(isinstance(each, InviteRequired) for each in created) == 5
    assert len(await stores.users.search("user", 50)) == 1


async def test_a_refused_first_account_leaves_the_place_free(stores: Stores) -> None:
    with pytest.raises(InviteInvalid):
        await stores.accounts.create(person("eve"), None, Admission(invite=CODE))
    assert await stores.accounts.any() is False
    assert (await stores.accounts.create(person("asha"), None, Admission())).user.role == "owner"


# ── invitations ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_an_invitation_comes_back_whole_the_newest_first(stores: Stores, asha: User) -> None:
    one = await made(stores, asha)
    two = await made(stores, asha, max_uses=5, code=hash_token("another"))
    assert await stores.invites.of_user(asha.id) == [two, one]
    assert await stores.invites.find(CODE, NOW) == one
    assert await stores.invites.find(hash_token("unknown"), NOW) is None
    assert await stores.invites.of_user(uuid7()) == []


async def test_an_account_uses_an_invitation_up(stores: Stores, asha: User) -> None:
    await made(stores, asha)
    came = await newcomer(stores, "ravi")
    assert came == Created(await by_name(stores, "ravi"), asha.id)
    assert await uses(stores, asha) == [1]
    assert await stores.invites.find(CODE, NOW) is None
    assert await newcomer(stores, "eve") is InviteInvalid
    assert await stores.users.search("eve", 5) == []


async def by_name(stores: Stores, name: str) -> User:
    (found,) = await stores.users.search(name, 5)
    return found


async def test_38_however_many_come_at_once_no_more_get_in(stores: Stores, asha: User) -> None:
    await made(stores, asha, max_uses=3)
    came = await asyncio.gather(*(newcomer(stores, f"user{number}") for number in range(12)))
    assert sum(isinstance(each, Created) for each in came) == 3
    assert came.count(InviteInvalid) == 9
    assert await uses(stores, asha) == [3]
    assert len(await stores.users.search("user", 50)) == 3


async def test_an_account_that_is_refused_uses_nothing(stores: Stores, asha: User) -> None:
    await made(stores, asha)
    assert await newcomer(stores, "asha") is UsernameTaken
    with pytest.raises(EmailTaken):
        await stores.accounts.create(person("ravi", email=asha.email), None, Admission(invite=CODE))
    assert await uses(stores, asha) == [0]
    assert isinstance(await newcomer(stores, "ravi"), Created)


async def test_who_has_an_account_uses_an_invitation_once(stores: Stores, asha: User) -> None:
    one = await made(stores, asha, max_uses=2)
    ravi, sita, eve = [(await stores.accounts.create(person(name), None)).user for name in ("ravi", "sita", "eve")]
    used = await asyncio.gather(*(stores.invites.use(CODE, ravi.id, NOW) for _ in range(6)))
    assert sorted(each[1] for each in used if each is not None) == [False] * 5 + [True]
    assert await stores.invites.use(CODE, sita.id, NOW) == (replace(one, uses=2), True)
    assert await stores.invites.use(CODE, eve.id, NOW) is None
    assert await stores.invites.use(CODE, ravi.id, LATER) == (replace(one, uses=2), False), "it was theirs already"
    assert await uses(stores, asha) == [2]


async def test_an_invitation_is_over_in_time(stores: Stores, asha: User) -> None:
    await made(stores, asha)
    ravi = (await stores.accounts.create(person("ravi"), None)).user
    assert await stores.invites.find(CODE, LATER) is None
    assert await stores.invites.use(CODE, ravi.id, LATER) is None
    late = person("late", created_at=LATER)
    with pytest.raises(InviteInvalid):
        await stores.accounts.create(late, None, Admission(invite=CODE))


async def test_24_only_its_maker_withdraws_an_invitation(stores: Stores, asha: User) -> None:
    one = await made(stores, asha)
    ravi = (await stores.accounts.create(person("ravi"), None)).user
    assert await stores.invites.delete(one.id, ravi.id) is False
    assert await stores.invites.delete(one.id, asha.id) is True
    assert await stores.invites.delete(one.id, asha.id) is False
    assert await newcomer(stores, "eve") is InviteInvalid


async def test_nobody_is_let_in_by_somebody_who_is_disabled(stores: Stores, asha: User) -> None:
    await made(stores, asha)
    async with stores.database.writing() as connection:
        await connection.execute(update(users).values(disabled=True))
    assert await stores.invites.find(CODE, NOW) is None
    assert await newcomer(stores, "ravi") is InviteInvalid


async def test_44_good_invitations_are_limited_also_at_once(stores: Stores, asha: User) -> None:
    wishes = [stores.invites.create(invite(asha), hash_token(str(number)), limit=3) for number in range(8)]
    assert sum(await asyncio.gather(*wishes)) == 3
    (one, *_) = await stores.invites.of_user(asha.id)
    await stores.invites.delete(one.id, asha.id)
    assert await stores.invites.create(invite(asha), hash_token("again"), limit=3) is True
