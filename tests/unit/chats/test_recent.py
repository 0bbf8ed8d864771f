"""chats/recent.py: a bounded memory of who wrote what."""

from __future__ import annotations

from datetime import UTC, datetime

from batiyoun.chats.model import Envelope
from batiyoun.chats.recent import PER_CHAT, Recent


def envelope(chat_id: str, seq: int, sender: str) -> Envelope:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    return Envelope(
        chat_id, seq, f"{chat_id}{seq}", sender, None, "k", "message", "text", "x", None, False, None, {}, True, moment
    )


def test_finds_ids_and_senders_up_to_a_seq() -> None:
    recent = Recent()
    for seq, sender in enumerate(["asha", "mohan", "asha", "ravi"], 1):
        recent.add(envelope("c", seq, sender))
    assert recent.message_id("c", 3) == "c3"
    assert recent.message_id("c", 9) is None
    assert recent.message_id("other", 1) is None
    assert recent.senders("c", 3) == {"asha", "mohan"}


def test_forgets_the_oldest_of_a_chat_and_the_longest_silent_chat() -> None:
    recent = Recent(max_chats=2)
    for seq in range(1, PER_CHAT + 3):
        recent.add(envelope("a", seq, "asha"))
    assert recent.message_id("a", 2) is None
    assert recent.message_id("a", 3) == "a3"
    recent.add(envelope("b", 1, "asha"))
    recent.add(envelope("a", 99, "asha"))
    recent.add(envelope("c", 1, "asha"))
    assert recent.message_id("b", 1) is None
    assert recent.message_id("a", 99) == "a99"
