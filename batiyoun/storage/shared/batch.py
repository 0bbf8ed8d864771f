"""What is known of a batch over the attempts to store it."""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable, Iterable, Mapping

from batiyoun.chats.model import Draft, Outcome, Refused, RosterChange
from batiyoun.errors import Unavailable
from batiyoun.storage.shared.plan import Item, Key, Plan, Roster, Stored, by_chat, decide

#: seconds to wait before what failed is tried again: at first, and at most
_FIRST_PAUSE = 0.004
_LONGEST_PAUSE = 0.5


class Batch:
    """Drafts, and what has become of them so far. A chat's drafts are settled together."""

    def __init__(self, items: Iterable[Item]) -> None:
        #: what is decided for good, by place in the whole
        self.outcomes: dict[int, Outcome] = {}
        #: the drafts without an outcome, by chat
        self.waiting: dict[str, list[Item]] = by_chat(items)
        #: chats whose clientIds have to be looked up first
        self.careful: set[str] = set()
        #: how often it was undone or not answered
        self.attempts = 0
        #: drafts that may have been stored by an attempt that nobody answered, with their effects
        self._mine: dict[str, RosterChange | None] = {}
        self._unfit: set[int] = set()

    def parts(self, group: Callable[[str], Hashable]) -> list[Batch]:
        """The same chats in several batches, to be stored independently; what they settle is settled here as well."""
        parts: dict[Hashable, Batch] = {}
        for chat_id, items in self.waiting.items():
            key = group(chat_id)
            if key not in parts:
                part = parts[key] = Batch(())
                part.outcomes, part.careful = self.outcomes, self.careful
                part._mine, part._unfit = self._mine, self._unfit
            parts[key].waiting[chat_id] = items
        return list(parts.values())

    def plan(self, chat_id: str, rosters: Mapping[str, Roster], stored: Mapping[str, Mapping[Key, Stored]]) -> Plan:
        """The drafts of a chat that waits, decided; `stored` has the chats that were looked up."""
        return decide(
            self.waiting[chat_id],
            rosters.get(chat_id),
            chat_id,
            stored=stored.get(chat_id),
            mine=self._mine,
            unfit=self._unfit,
        )

    def settle(self, chat_id: str, outcomes: Mapping[int, Outcome]) -> None:
        """The drafts of a chat have their outcomes."""
        self.outcomes |= outcomes
        del self.waiting[chat_id]

    def in_doubt(self, plans: Iterable[Plan]) -> None:
        """These may have been stored: nobody answered."""
        for plan in plans:
            self.careful.add(plan.chat_id)
            self._mine |= {draft.id: plan.effects.get(at) for at, (_, draft) in enumerate(plan.rows)}

    def refuse_unfit(self, fits: Callable[[Draft], bool]) -> bool:
        """Look at every draft for what the store cannot hold; returns whether there is any that was not known."""
        known = len(self._unfit)
        self._unfit |= {number for items in self.waiting.values() for number, draft in items if not fits(draft)}
        return len(self._unfit) > known


def in_order(count: int, outcomes: Mapping[int, Outcome], failure: Unavailable | None) -> list[Outcome]:
    """The outcomes of a whole batch. Those without one get the failure: the same clientId finds out what became of it.

    Raises the failure when there is nothing else to say.
    """
    if failure is not None and not outcomes:
        raise failure
    whole: list[Outcome] = []
    for number in range(count):
        outcome = outcomes.get(number)
        if outcome is None:
            assert failure is not None  # noqa: S101  # a store that did not fail settles everything
            outcome = Refused(failure)
        whole.append(outcome)
    return whole


def pause(attempts: int, at_most: float = _LONGEST_PAUSE) -> float:
    """Seconds to wait before the next attempt: longer every time, and never the same on two nodes."""
    longest = min(at_most, _FIRST_PAUSE * 2**attempts)
    return random.uniform(longest / 4, longest)  # noqa: S311  # nothing secret
