"""What receipts do to cursors; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from batiyoun.chats.model import Receipt


class Cursors(msgspec.Struct, frozen=True):
    """How far a member has come: got, seen, and told others to have seen."""

    delivered: int
    read: int
    shared: int

    def after(self, receipt: Receipt, seq: int) -> Cursors:
        """Moved forward to `seq`; a read also delivers."""
        return Cursors(
            max(self.delivered, seq),
            max(self.read, seq) if receipt.read else self.read,
            max(self.shared, seq) if receipt.read and receipt.share else self.shared,
        )


#: (chat id, user id)
Seat = tuple[str, str]


def advance(
    receipts: Iterable[Receipt], cursors: Mapping[Seat, Cursors], heads: Mapping[str, int]
) -> tuple[list[Receipt], dict[Seat, Cursors]]:
    """Those of the receipts that move something, with the `seq` they reach, and the cursors that moved.

    `cursors` has the members' as they are, `heads` the newest `seq` of each chat; who is not in it is ignored.
    """
    moved: list[Receipt] = []
    changed: dict[Seat, Cursors] = {}
    for receipt in receipts:
        seat = (receipt.chat_id, receipt.user_id)
        now = changed.get(seat) or cursors.get(seat)
        if now is None:
            continue
        seq = min(receipt.seq, heads[receipt.chat_id])
        further = now.after(receipt, seq)
        if further != now:
            changed[seat] = further
            moved.append(Receipt(receipt.chat_id, receipt.user_id, seq, receipt.read, receipt.share))
    return moved, changed


def wishes(receipts: Iterable[Receipt]) -> dict[Seat, Cursors]:
    """The furthest each member wants to be moved, beyond the head or not."""
    wanted: dict[Seat, Cursors] = {}
    for receipt in receipts:
        seat = (receipt.chat_id, receipt.user_id)
        wanted[seat] = wanted.get(seat, Cursors(0, 0, 0)).after(receipt, receipt.seq)
    return wanted
