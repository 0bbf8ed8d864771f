"""What an encrypted chat's group lets in, decided where the row is written; pure."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from batiyoun.chats.groups.model import WINDOW, Group, Place
from batiyoun.chats.model import Draft
from batiyoun.errors import BatiyounError, EncryptionRequired, EpochStale, MlsInvalid, NotInGroup


def refusal(draft: Draft, group: Group | None, people: AbstractSet[str]) -> BatiyounError | None:
    """Why the draft cannot follow what the log of an encrypted chat holds now; None when it can.

    `people` are the members now. While somebody is in the group who is not a member any more, nothing is taken but the
    commit that takes them out: their keys would open it.
    """
    if draft.step is not None:
        here = None if group is None else group.place
        return None if draft.step.base == here else _stale(group)
    if draft.kind != "message":
        return None
    if draft.sealed is None or draft.sealed.place is None:
        return MlsInvalid() if draft.encrypted else EncryptionRequired()
    return _sealed(draft, draft.sealed.place, group, people)


def _sealed(draft: Draft, place: Place, group: Group | None, people: AbstractSet[str]) -> BatiyounError | None:
    generation, epoch = place
    if group is None or generation != group.generation:
        return _stale(group)
    if (draft.sender_id, draft.sender_device_id) not in group.devices:
        return NotInGroup()
    oldest = max(group.open_from, group.epoch - WINDOW)
    if not oldest <= epoch <= group.epoch or not group.users <= people:
        return _stale(group)
    return None


def _stale(group: Group | None) -> EpochStale:
    return EpochStale(fields={} if group is None else {"epoch": str(group.epoch)})
