"""storage/shared/receipts.py: the arithmetic of cursors."""

from __future__ import annotations

from batiyoun.chats.model import Receipt
from batiyoun.storage.shared.receipts import Cursors, advance, wishes

HEADS = {"chat": 5}


def test_only_what_moves_is_told_and_nobody_gets_beyond_the_head() -> None:
    cursors = {("chat", "bob"): Cursors(3, 2, 2)}
    receipts = [
        Receipt("chat", "bob", 3, read=False),
        Receipt("chat", "bob", 99, read=True, share=False),
        Receipt("chat", "bob", 5, read=True),
        Receipt("chat", "eve", 5, read=True),
    ]
    moved, changed = advance(receipts, cursors, HEADS)
    assert moved == [Receipt("chat", "bob", 5, read=True, share=False), Receipt("chat", "bob", 5, read=True)]
    assert changed == {("chat", "bob"): Cursors(5, 5, 5)}
    assert advance([], cursors, HEADS) == ([], {})


def test_wishes_are_the_furthest_of_each() -> None:
    receipts = [
        Receipt("chat", "bob", 4, read=False),
        Receipt("chat", "bob", 2, read=True, share=False),
        Receipt("chat", "bob", 1, read=True),
    ]
    assert wishes(receipts) == {("chat", "bob"): Cursors(4, 2, 1)}
