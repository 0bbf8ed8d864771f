"""Facts about the MLS group of a chat: who is in it, where it stands, and what a commit makes of it."""

from __future__ import annotations

from functools import cached_property

import msgspec

#: devices in a group (v1): with 500 an external commit takes a phone ten seconds
MAX_LEAVES = 250
#: devices that one commit brings in
MAX_ADDS = 50
#: a message may be of an epoch that is so many commits old: it was on its way while the group moved on
WINDOW = 3


class Leaf(msgspec.Struct, frozen=True, array_like=True):
    """A device in a group. `mark` is a digest of its credential and signature key: what never changes of a leaf."""

    index: int
    user_id: str
    device_id: str
    mark: bytes


class Group(msgspec.Struct, frozen=True, dict=True):
    """Where a chat's group stands.

    `generation` counts how often the group was made anew, from 1; `open_from` is the epoch in which somebody was taken
    out last: what was written before could be read by them. `leaves` ascend by index.
    """

    generation: int
    epoch: int
    open_from: int
    leaves: tuple[Leaf, ...]

    @property
    def place(self) -> Place:
        """(generation, epoch): grows with every commit."""
        return (self.generation, self.epoch)

    @cached_property
    def devices(self) -> frozenset[tuple[str, str]]:
        """(user, device) of every leaf."""
        return frozenset((leaf.user_id, leaf.device_id) for leaf in self.leaves)

    @cached_property
    def users(self) -> frozenset[str]:
        """Everybody with a device in the group."""
        return frozenset(leaf.user_id for leaf in self.leaves)


#: (generation, epoch)
Place = tuple[int, int]
#: where no group ever stands
NOWHERE: Place = (-1, -1)


class Sealed(msgspec.Struct, frozen=True, gc=False):
    """Which group, and which epoch of it, a message was encrypted in; None for bytes that are not of this chat."""

    place: Place | None


class Step(msgspec.Struct, frozen=True):
    """What a commit does to the group, in the transaction that appends it.

    It is done only if the group stands at `base` (None: there is none). `group` and `info` are what comes after;
    `welcome` waits for the `welcomed` devices, (user, device).
    """

    base: Place | None
    group: Group
    info: bytes
    welcome: bytes | None = None
    welcomed: tuple[tuple[str, str], ...] = ()


class WaitingWelcome(msgspec.Struct, frozen=True):
    """A Welcome that a device has not fetched yet. `id` is that of the commit's envelope."""

    id: str
    chat_id: str
    generation: int
    epoch: int
    welcome: bytes
