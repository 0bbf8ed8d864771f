"""What the drafts of one chat become: decided from the chat's roster and from what is stored; pure.

An adapter reads the roster and its version, has the drafts decided, and writes the rows together with a check that the
version is still the one that was read. So membership and role hold at the place of the log where the row is written,
however many nodes write.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from batiyoun.chats.groups.model import Group, Step
from batiyoun.chats.model import Appended, Draft, Envelope, Outcome, Refused, Replayed, Role, RosterChange
from batiyoun.errors import ChatNotFound, ClientIdReused, Forbidden, InvalidInput
from batiyoun.storage.shared.groups import refusal

#: (sender, clientId): what is unique in a chat
Key = tuple[str, str]
#: a draft and its place in the batch
Item = tuple[int, Draft]


class Roster(msgspec.Struct, frozen=True):
    """Who is in a chat, as it was when the envelope at `version` was the newest that changed it.

    `ref` is the store's own number of the chat, where it has one. `group` is the MLS group of an `encrypted` chat.
    """

    chat_id: str
    version: int
    roles: dict[str, Role]
    ref: int = 0
    encrypted: bool = False
    group: Group | None = None


class Stored(msgspec.Struct, frozen=True):
    """An envelope of the log, and the digest of what it was made from."""

    digest: bytes
    envelope: Envelope


class Entry(msgspec.Struct, frozen=True):
    """Somebody comes in, or comes back, with the row at `place`; everything before it is not theirs to see."""

    role: Role
    place: int


class Plan(msgspec.Struct):
    """The drafts of one chat, decided.

    `rows` are written in order at `head + 1`, `head + 2`, …; `effects` says by place in `rows` what a change really
    changes. `entered`, `left` and `raised` together are the difference between `roster` and `roles`; nobody is in two
    of them. `roster_place` is the place of the last row that changes the roster or the group. `group` is what the group
    becomes, `steps` how, by place in `rows`.
    """

    chat_id: str
    roster: Roster | None
    outcomes: dict[int, Outcome] = {}
    rows: list[Item] = []
    #: (place in the batch, place in `rows`) of drafts that repeat a row of this very batch
    twins: list[tuple[int, int]] = []
    effects: dict[int, RosterChange] = {}
    entered: dict[str, Entry] = {}
    left: set[str] = set()
    raised: dict[str, Role] = {}
    roles: dict[str, Role] = {}
    name: str | msgspec.UnsetType | None = msgspec.UNSET
    roster_place: int | None = None
    group: Group | None = None
    steps: dict[int, Step] = {}
    #: clientIds of drafts that were refused without having been looked up
    unsure: list[Key] = []

    @property
    def structural(self) -> bool:
        """The roster, the group or the name changes."""
        return self.roster_place is not None or self.name is not msgspec.UNSET

    @property
    def shown_place(self) -> int | None:
        """The place of the last row that a chat list shows."""
        return next((at for at in reversed(range(len(self.rows))) if self.rows[at][1].kind == "message"), None)

    def version_after(self, head: int) -> int:
        """The roster's version once the rows stand after `head`."""
        assert self.roster is not None  # noqa: S101  # there are rows
        return self.roster.version if self.roster_place is None else head + 1 + self.roster_place

    def roster_after(self, head: int) -> Roster | None:
        """The roster once the rows stand after `head`; None when it stays."""
        if self.roster is None or self.roster_place is None:
            return None
        return msgspec.structs.replace(
            self.roster, version=self.version_after(head), roles=self.roles, group=self.group
        )

    def appended(self, head: int, now: datetime) -> dict[int, Outcome]:
        """Everybody's outcome once the rows are stored after `head`."""
        outcomes = dict(self.outcomes)
        envelopes = []
        for at, (number, draft) in enumerate(self.rows):
            envelope = envelope_of(draft, head + 1 + at, now)
            envelopes.append(envelope)
            outcomes[number] = Appended(envelope, self.effects.get(at))
        for number, at in self.twins:
            outcomes[number] = Replayed(envelopes[at])
        return outcomes


def decide(
    items: Sequence[Item],
    roster: Roster | None,
    chat_id: str,
    *,
    stored: Mapping[Key, Stored] | None = None,
    mine: Mapping[str, RosterChange | None] | None = None,
    unfit: Collection[int] = (),
) -> Plan:
    """Decide the drafts of one chat in their order.

    `roster` is None for a chat that does not exist. `stored` holds what the log has under the drafts' clientIds, None
    when that was not looked up. `mine`: the ids of drafts that an earlier attempt of this batch may have stored, with
    their effects. `unfit`: places of drafts that the store cannot hold.
    """
    plan = Plan(chat_id, roster, roles=dict(roster.roles), group=roster.group) if roster else Plan(chat_id, None)
    fresh: dict[Key, int] = {}
    for number, draft in items:
        key = (draft.sender_id, draft.client_id)
        if stored is not None and key in stored:
            plan.outcomes[number] = _answer(draft, stored[key], mine or {})
        elif key in fresh:
            if plan.rows[fresh[key]][1].digest == draft.digest:
                plan.twins.append((number, fresh[key]))
            else:
                plan.outcomes[number] = Refused(ClientIdReused())
        elif (error := _refusal(plan, draft)) is not None:
            plan.outcomes[number] = Refused(error)
            # a retry of what is stored gets its first answer, also after the sender left or lost the role
            if stored is None:
                plan.unsure.append(key)
        elif number in unfit:
            plan.outcomes[number] = Refused(
                InvalidInput("The message has characters or metadata that cannot be stored.")
            )
        else:
            fresh[key] = len(plan.rows)
            plan.rows.append((number, draft))
            if draft.change is not None:
                _change(plan, draft.change)
            if draft.step is not None:
                _step(plan, draft.step)
    return plan


def _refusal(plan: Plan, draft: Draft) -> Exception | None:
    """Why the draft may not be written after what is planned; None when it may."""
    role = plan.roles.get(draft.sender_id)
    if role is None or role < draft.requires:
        return ChatNotFound() if role is None else Forbidden()
    if draft.barred is not None:
        return draft.barred
    if plan.roster is not None and plan.roster.encrypted:
        return refusal(draft, plan.group, plan.roles.keys())
    return None


def _step(plan: Plan, step: Step) -> None:
    """Do what the last row does to the group."""
    plan.roster_place = len(plan.rows) - 1
    plan.steps[plan.roster_place] = step
    plan.group = step.group


def _answer(draft: Draft, found: Stored, mine: Mapping[str, RosterChange | None]) -> Outcome:
    envelope = found.envelope
    if envelope.id == draft.id and draft.id in mine:
        return Appended(envelope, mine[draft.id])
    return Replayed(envelope) if found.digest == draft.digest else Refused(ClientIdReused())


def _change(plan: Plan, change: RosterChange) -> None:
    """Do what the last row does to the roster, and note what that really is.

    Adding a member, removing a stranger or giving somebody the role they have does nothing.
    """
    place = len(plan.rows) - 1
    before = plan.roster.roles if plan.roster else {}
    added = {user_id: role for user_id, role in change.add.items() if user_id not in plan.roles}
    for user_id, role in added.items():
        plan.roles[user_id] = role
        plan.entered[user_id] = Entry(role, place)
        plan.left.discard(user_id)
        plan.raised.pop(user_id, None)
    removed = tuple(user_id for user_id in dict.fromkeys(change.remove) if user_id in plan.roles)
    for user_id in removed:
        del plan.roles[user_id]
        plan.entered.pop(user_id, None)
        plan.raised.pop(user_id, None)
        if user_id in before:
            plan.left.add(user_id)
    roles = {
        user_id: role for user_id, role in change.roles.items() if user_id in plan.roles and plan.roles[user_id] != role
    }
    for user_id, role in roles.items():
        plan.roles[user_id] = role
        if user_id in plan.entered:
            plan.entered[user_id] = Entry(role, plan.entered[user_id].place)
        else:
            plan.raised[user_id] = role
    if added or removed or roles:
        plan.roster_place = place
    if change.name is not msgspec.UNSET:
        plan.name = change.name
    plan.effects[place] = RosterChange(add=added, remove=removed, roles=roles, name=change.name)


def by_chat(batch: Iterable[Item]) -> dict[str, list[Item]]:
    """The drafts of each chat in their order."""
    groups: dict[str, list[Item]] = {}
    for item in batch:
        groups.setdefault(item[1].chat_id, []).append(item)
    return groups


def envelope_of(draft: Draft, seq: int, timestamp: datetime) -> Envelope:
    """The envelope a draft becomes at `seq`."""
    return Envelope(
        draft.chat_id,
        seq,
        draft.id,
        draft.sender_id,
        draft.sender_device_id,
        draft.client_id,
        draft.kind,
        draft.type,
        draft.content,
        draft.iv,
        draft.encrypted,
        draft.mls,
        draft.metadata,
        draft.notify,
        timestamp,
    )
