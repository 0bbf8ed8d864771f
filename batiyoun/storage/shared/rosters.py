"""The rosters of the chats in use, so that writing a message asks nothing about members."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from batiyoun.storage.shared.plan import Roster


class Rosters:
    """Least recently used out first, bounded by the members they hold.

    What is remembered may be old: another node may have changed it. The writer finds that out by the version.
    """

    def __init__(self, *, max_members: int = 200_000) -> None:
        self._max_members = max_members
        self._rosters: OrderedDict[str, Roster] = OrderedDict()
        self._members = 0

    def get(self, chat_id: str) -> Roster | None:
        """The roster as last seen."""
        roster = self._rosters.get(chat_id)
        if roster is not None:
            self._rosters.move_to_end(chat_id)
        return roster

    def put(self, roster: Roster) -> None:
        """Remember a roster that was just read or written; an older one than is known is passed over."""
        known = self._rosters.get(roster.chat_id)
        if known is not None and known.version > roster.version:
            return
        self.forget([roster.chat_id])
        self._rosters[roster.chat_id] = roster
        self._members += len(roster.roles) + 1
        while self._members > self._max_members and len(self._rosters) > 1:
            _, oldest = self._rosters.popitem(last=False)
            self._members -= len(oldest.roles) + 1

    def forget(self, chat_ids: Iterable[str]) -> None:
        """What is known of these is wrong."""
        for chat_id in chat_ids:
            roster = self._rosters.pop(chat_id, None)
            if roster is not None:
                self._members -= len(roster.roles) + 1
