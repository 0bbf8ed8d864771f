"""Who is there and who talks to whom: the same scene is laid for every server under test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.load.jobs import Sender


@dataclass(frozen=True, slots=True)
class Scene:
    """So many people, each with one connection, and chats as tuples of people; two make a direct chat."""

    people: int
    chats: Sequence[tuple[int, ...]] = ()

    def chats_of(self) -> list[list[int]]:
        """For every person the places of their chats."""
        found: list[list[int]] = [[] for _ in range(self.people)]
        for place, members in enumerate(self.chats):
            for person in members:
                found[person].append(place)
        return found

    def beside(self, other: Scene) -> Scene:
        """Both scenes at once, with the people of the other after ours."""
        moved = [tuple(self.people + person for person in members) for members in other.chats]
        return Scene(self.people + other.people, [*self.chats, *moved])


def rooms(count: int, size: int) -> Scene:
    """`count` chats of `size` people, nobody in two."""
    return Scene(count * size, [tuple(range(at * size, (at + 1) * size)) for at in range(count)])


def neighbours(people: int, direct: int = 20, groups: int = 3, group_size: int = 20) -> Scene:
    """A ring in which everybody has `direct` direct chats with the nearest and is in `groups` groups of `group_size`.

    Numbers are exact when `people` is a multiple of `group_size` and larger than `direct`.
    """
    assert people > direct
    pairs = [(at, (at + step) % people) for at in range(people) for step in range(1, direct // 2 + 1)]
    whole = people // group_size
    spread: list[tuple[int, ...]] = []
    for shift in range(groups):
        # each kind of group begins at another place of the ring, so that no two have the same members
        offset = shift * group_size // groups
        spread += [
            tuple((offset + block * group_size + seat) % people for seat in range(group_size)) for block in range(whole)
        ]
    return Scene(people, [*pairs, *spread])


def senders(scene: Scene, chat_ids: Sequence[str], first_chat: int = 0, count: int | None = None) -> list[Sender]:
    """The first member of each chat sends to it."""
    places = range(first_chat, len(scene.chats) if count is None else first_chat + count)
    return [Sender(scene.chats[place][0], chat_ids[place], len(scene.chats[place])) for place in places]
