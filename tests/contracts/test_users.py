"""The ports `UserStore` and `AccountStore`, on every database."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from batiyoun.errors import EmailTaken, UsernameTaken
from batiyoun.runtime import uuid7
from batiyoun.users.model import ProfileChange, fold
from tests.contracts.account_stores import clock, stores
from tests.harness.accounts import Stores, person

__all__ = ["clock", "stores"]


SCRIPTS = [
    ("आशा कुमारी", "आशा"),
    ("आशा कुमारी", "आ"),
    ("क़मर", "क़"),  # the letter in one code point and in two
    ("ज़ैनब", "ज़ै"),
    ("Ärzte", "är"),
    ("Straße", "STRASS"),
    ("ＷＩＤＥ", "wide"),
    ("ОЛЬГА", "ольг"),
    ("क्\u200dष", "क्ष"),  # an invisible joiner makes no difference
]


async def found(stores: Stores, text: str, limit: int = 20) -> list[str]:
    return [user.username for user in await stores.users.search(fold(text), limit)]


async def test_what_was_created_comes_back_whole(stores: Stores) -> None:
    asha = person("asha", display_name="आशा कुमारी", avatar="a.webp", bio="one\ntwo", verified=True, provider="google")
    await stores.accounts.create(asha, None)
    assert await stores.users.get(asha.id) == asha


async def test_nobody_has_an_unknown_id(stores: Stores) -> None:
    assert await stores.users.get(uuid7()) is None
    assert await stores.users.get_many([]) == {}


async def test_many_are_found_at_once_and_the_unknown_left_out(stores: Stores) -> None:
    people = [person(f"user{number}") for number in range(12)]
    for one in people:
        await stores.accounts.create(one, None)
    wanted = [one.id for one in people] + [uuid7() for _ in range(1_100)]  # more than one statement takes
    assert await stores.users.get_many(wanted) == {one.id: one for one in people}


@pytest.mark.parametrize("other", ["asha", "ASHA", "Asha", "ａｓｈａ"])
async def test_a_username_is_taken_however_it_is_written(stores: Stores, other: str) -> None:
    await stores.accounts.create(person("Asha"), None)
    with pytest.raises(UsernameTaken):
        await stores.accounts.create(person(other, email="other@example.org"), None)
    assert await stores.accounts.username_taken(other)
    assert not await stores.accounts.username_taken("ash")


async def test_an_address_is_taken_in_any_case(stores: Stores) -> None:
    await stores.accounts.create(person("asha", email="Asha@Example.org"), None)
    with pytest.raises(EmailTaken):
        await stores.accounts.create(person("ravi", email="asha@example.ORG"), None)
    assert await stores.users.search("ravi", 5) == []


async def test_one_of_many_who_race_for_a_username_gets_it(stores: Stores) -> None:
    racers = [person("asha", id=uuid7(), email=f"{number}@example.org") for number in range(8)]
    outcomes = await asyncio.gather(*(stores.accounts.create(racer, None) for racer in racers), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Created"] + ["UsernameTaken"] * 7


async def test_accounts_are_found_by_username_or_address(stores: Stores) -> None:
    asha = person("asha.k", email="Asha@example.org")
    await stores.accounts.create(asha, "hash")
    for identifier in ("asha.k", "ASHA.K", "asha@example.org", "ASHA@EXAMPLE.ORG"):
        account = await stores.accounts.by_identifier(identifier)
        assert account is not None
        assert (account.user, account.password_hash) == (asha, "hash")
    for identifier in ("asha", "asha.k@", "asha@example", "%", "a\0b", "' or 1=1 --", "\ud800"):
        assert await stores.accounts.by_identifier(identifier) is None


async def test_a_password_hash_is_replaced(stores: Stores) -> None:
    asha = person("asha")
    await stores.accounts.create(asha, "old")
    await stores.accounts.set_password_hash(asha.id, "new")
    account = await stores.accounts.by_identifier("asha")
    assert account is not None
    assert account.password_hash == "new"


async def test_search_finds_beginnings_of_usernames_then_of_names(stores: Stores) -> None:
    for username, name in (("ravi", "Asha Fan"), ("asha", "Zed"), ("ashok", "Ashok"), ("bela", "Tasha")):
        await stores.accounts.create(person(username, display_name=name), None)
    assert await found(stores, "ash") == ["asha", "ashok", "ravi"]
    assert await found(stores, "ASHA ") == ["ravi"]
    assert await found(stores, "asha fan") == ["ravi"]
    assert await found(stores, "zzz") == []


async def test_search_knows_every_script(stores: Stores) -> None:
    for number, (name, query) in enumerate(SCRIPTS):
        await stores.accounts.create(person(f"person{number}", display_name=name), None)
        assert f"person{number}" in await found(stores, query), (name, query)
    assert await found(stores, "आशा क") == ["person0", "person1"]


async def test_search_is_bounded_and_names_nobody_twice(stores: Stores) -> None:
    for number in range(9):
        await stores.accounts.create(person(f"anna{number}", display_name=f"Anna {number}"), None)
    assert await found(stores, "anna", 5) == [f"anna{number}" for number in range(5)]
    assert len(await found(stores, "anna", 50)) == 9


async def test_31_search_takes_no_patterns(stores: Stores) -> None:
    await stores.accounts.create(person("asha"), None)
    for pattern in ("%", "_", "a%", "a_ha", "*", "[a]", "\0", "\ud800", "asha\0", "' or 1=1 --", "{"):
        assert await found(stores, pattern) == [], pattern


async def test_the_disabled_are_not_found_but_known(stores: Stores) -> None:
    gone = person("gone", disabled=True)
    await stores.accounts.create(gone, "hash")
    assert await found(stores, "gone") == []
    assert await stores.users.get(gone.id) == gone


async def test_a_profile_changes_where_it_is_said(stores: Stores) -> None:
    asha = person("asha", bio="old")
    await stores.accounts.create(asha, None)
    renamed = await stores.users.update(asha.id, ProfileChange(display_name="आशा"))
    assert renamed == replace(asha, display_name="आशा")
    assert await stores.users.update(asha.id, ProfileChange(bio="")) == replace(asha, display_name="आशा", bio="")
    assert await found(stores, "आशा") == ["asha"]
    assert await stores.users.update(asha.id, ProfileChange()) == await stores.users.get(asha.id)
    assert await stores.users.update(uuid7(), ProfileChange(bio="x")) is None


async def test_a_new_username_frees_the_old_and_is_shown_where_it_was(stores: Stores) -> None:
    asha, ravi = person("asha", display_name="asha"), person("ravi", display_name="Ravi Kumar")
    for one in (asha, ravi):
        await stores.accounts.create(one, None)
    assert await stores.users.rename(asha.id, "asha_k") == replace(asha, username="asha_k", display_name="asha_k")
    assert await stores.users.rename(ravi.id, "ASHA") == replace(ravi, username="ASHA")
    assert await found(stores, "asha") == ["ASHA", "asha_k"]
    assert await found(stores, "ravi k") == ["ASHA"]
    assert await stores.users.rename(uuid7(), "nobody") is None
    gone = person("gone", disabled=True)
    await stores.accounts.create(gone, None)
    assert await stores.users.rename(gone.id, "back") is None


async def test_of_many_who_want_a_username_one_gets_it(stores: Stores) -> None:
    people = [person(f"user{number}") for number in range(6)]
    for one in people:
        await stores.accounts.create(one, None)
    wishes = [stores.users.rename(one.id, "Wanted") for one in people]
    got = await asyncio.gather(*wishes, return_exceptions=True)
    assert sum(isinstance(each, UsernameTaken) for each in got) == 5
    assert await found(stores, "wanted") == ["Wanted"]
    assert len(await found(stores, "user")) == 6, "a refused wish changes nothing, the shown name included"


async def test_of_pictures_set_at_once_each_replaced_one_is_told_once(stores: Stores) -> None:
    asha = person("asha", avatar="first")
    await stores.accounts.create(asha, None)
    done = await asyncio.gather(*(stores.users.set_avatar(asha.id, f"picture {number}") for number in range(6)))
    shown = await stores.users.get(asha.id)
    assert shown is not None
    told = [each[1] for each in done if each is not None]
    assert sorted([*map(str, told), str(shown.avatar)]) == ["first", *(f"picture {number}" for number in range(6))]
    assert await stores.users.set_avatar(asha.id, None) == (replace(asha, avatar=None), shown.avatar)
    assert await stores.users.set_avatar(uuid7(), "x") is None


async def test_names_that_fold_to_many_characters_are_kept(stores: Stores) -> None:
    await stores.accounts.create(person("salla", display_name="\ufdfa" * 64), None)
    assert await found(stores, "\ufdfa") == ["salla"]
