"""storage/shared/rosters.py: a bounded memory, the newest version first."""

from __future__ import annotations

from batiyoun.chats.model import Role
from batiyoun.storage.shared.plan import Roster
from batiyoun.storage.shared.rosters import Rosters


def roster(chat_id: str, members: int, version: int = 0) -> Roster:
    return Roster(chat_id, version, {f"m{number}": Role.MEMBER for number in range(members)})


def test_the_least_recently_used_go_first() -> None:
    rosters = Rosters(max_members=12)
    for name in "abc":
        rosters.put(roster(name, 3))
    assert rosters.get("a") is not None
    rosters.put(roster("d", 3))
    assert [name for name in "abcd" if rosters.get(name)] == ["a", "c", "d"]


def test_one_that_is_larger_than_all_room_is_kept_alone() -> None:
    rosters = Rosters(max_members=5)
    rosters.put(roster("a", 2))
    rosters.put(roster("large", 50))
    assert [name for name in ("a", "large") if rosters.get(name)] == ["large"]


def test_an_older_version_never_replaces_a_newer_one() -> None:
    rosters = Rosters()
    rosters.put(roster("a", 2, version=9))
    rosters.put(roster("a", 1, version=4))
    known = rosters.get("a")
    assert known is not None
    assert known.version == 9
    rosters.forget(["a", "never known"])
    assert rosters.get("a") is None


def test_what_is_forgotten_makes_room() -> None:
    rosters = Rosters(max_members=8)
    for _ in range(20):
        rosters.put(roster("a", 3))
        rosters.forget(["a"])
    rosters.put(roster("a", 3))
    rosters.put(roster("b", 3))
    assert rosters.get("a") is not None
