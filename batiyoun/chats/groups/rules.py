"""What a commit may do to a group: the roster says who belongs in it, and a commit brings the group in line; pure.

The same rules that every client keeps (its roster guard), so that no commit reaches the log which clients must refuse:
that would split the group for good.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from batiyoun.chats.groups.framing import Device, Move, leaves_of
from batiyoun.chats.groups.model import MAX_LEAVES, NOWHERE, Group, Leaf, Place
from batiyoun.errors import Forbidden, GroupFull, MlsInvalid, NotInGroup

#: (user, device)
Name = tuple[str, str]


class KnownDevice(Protocol):
    """A device that the directory has verified."""

    @property
    def user_id(self) -> str:
        """Whose it is."""
        ...

    @property
    def device_id(self) -> str:
        """The id it chose."""
        ...

    @property
    def signature_key(self) -> bytes:
        """Raw Ed25519."""
        ...


class Directory(Protocol):
    """The devices that people have registered."""

    async def devices_of(self, user_ids: Collection[str]) -> Mapping[str, Sequence[KnownDevice]]:
        """By user; people without a device may be missing."""
        ...


@dataclass(frozen=True, slots=True)
class Standing:
    """A chat's group, and who should be in it: `wanted` are the members' devices with their signature keys."""

    group: Group | None
    members: Collection[str]
    wanted: Mapping[Name, bytes]

    def due(self) -> tuple[Leaf, ...]:
        """Who is in the group and should not be."""
        leaves = () if self.group is None else self.group.leaves
        return tuple(leaf for leaf in leaves if (leaf.user_id, leaf.device_id) not in self.wanted)

    @property
    def lost(self) -> bool:
        """There is no group, or nobody in it could go on."""
        return self.group is None or not self.group.devices & self.wanted.keys()

    def may_be_made_anew(self, by: Name) -> bool:
        """Nobody is in the group but perhaps this very device, which lost its state."""
        return self.lost or (self.group is not None and self.group.devices <= {by})


def wanted_of(members: Iterable[str], devices: Mapping[str, Sequence[KnownDevice]]) -> dict[Name, bytes]:
    """The devices that should be in the group of these members."""
    return {
        (device.user_id, device.device_id): device.signature_key
        for user_id in members
        for device in devices.get(user_id, ())
    }


def judge(standing: Standing, move: Move, by: Name) -> tuple[Place | None, Group]:
    """Where the group must stand for the commit of device `by`, and what it makes of the group.

    A commit that begins elsewhere than the group stands is `NOWHERE`'s: the log says that it is stale, or that it was
    taken before. Raises `MlsInvalid`, `Forbidden`, `NotInGroup`, `GroupFull`.
    """
    group = standing.group
    here = None if group is None else group.place
    opened = 0 if group is None or move.base is None else group.open_from
    if move.base is None:
        return _made(standing, move, by, here)
    if group is None or move.base != here:
        return NOWHERE, Group(move.generation, move.epoch, 0, ())
    before = {leaf.index: leaf for leaf in group.leaves}
    gone = _gone(before, move)
    if move.entering is None:
        _check_member(standing, move, by, before, gone)
        expected = {device.mark for device in move.added}
    else:
        _check_entering(move, move.entering, by, before, gone)
        expected = {move.entering.mark}
        # one's own earlier leaf is no secret from anybody
        gone = []
    _check_after(standing, move, before, expected)
    if gone:
        opened = move.epoch
    return here, Group(move.generation, move.epoch, opened, leaves_of(move.after))


def _made(standing: Standing, move: Move, by: Name, here: Place | None) -> tuple[Place | None, Group]:
    """A new group of one device."""
    group = Group(move.generation, 0, 0, leaves_of(move.after))
    if not standing.may_be_made_anew(by) or move.generation != (1 if here is None else here[0] + 1):
        return NOWHERE, group
    [device] = move.after.values()
    if device.name != by:
        raise Forbidden("A new group has the device that makes it.")
    _check_known(standing, device)
    return here, group


def _gone(before: Mapping[int, Leaf], move: Move) -> list[Leaf]:
    try:
        return [before[index] for index in move.removed]
    except KeyError as error:
        raise MlsInvalid(fields={"commit": "takes out a leaf that is blank"}) from error


def _check_member(standing: Standing, move: Move, by: Name, before: Mapping[int, Leaf], gone: Sequence[Leaf]) -> None:
    own = None if move.sender is None else before.get(move.sender)
    if own is None or (own.user_id, own.device_id) != by:
        raise Forbidden("A device commits for itself alone.")
    if by not in standing.wanted:
        raise Forbidden("This device does not belong here any more.")
    if move.path is not None and move.path.mark != own.mark:
        raise MlsInvalid(fields={"commit": "changes who the committer is"})
    if own in gone or any((leaf.user_id, leaf.device_id) in standing.wanted for leaf in gone):
        raise Forbidden("Only devices that do not belong here any more are taken out. Remove the person first.")


def _check_entering(move: Move, entering: Device, by: Name, before: Mapping[int, Leaf], gone: Sequence[Leaf]) -> None:
    if entering.name != by:
        raise Forbidden("A device comes in by itself alone.")
    if not any(leaf.user_id == entering.user_id for leaf in before.values()):
        raise NotInGroup("Somebody in the group must let your first device in.")
    if any((leaf.user_id, leaf.device_id) != by for leaf in gone):
        raise Forbidden("Who comes in from outside takes out nobody but their own device.")


def _check_after(standing: Standing, move: Move, before: Mapping[int, Leaf], expected: set[bytes]) -> None:
    """The tree after it has exactly those who stayed, where they were, and those who came."""
    if len(move.after) > MAX_LEAVES:
        raise GroupFull
    stayed = {index: leaf.mark for index, leaf in before.items() if index not in move.removed}
    arrived = {index: device for index, device in move.after.items() if index not in stayed}
    kept = all(index in move.after and move.after[index].mark == mark for index, mark in stayed.items())
    if not kept or {device.mark for device in arrived.values()} != expected or len(arrived) != _count(move):
        raise MlsInvalid(fields={"groupInfo": "not what the commit makes of the group"})
    for device in arrived.values():
        _check_known(standing, device)


def _count(move: Move) -> int:
    return len(move.added) if move.entering is None else 1


def _check_known(standing: Standing, device: Device) -> None:
    if standing.wanted.get(device.name) != device.signature_key:
        raise Forbidden("A device comes in only if it is a member's, and as its owner certified it.")
