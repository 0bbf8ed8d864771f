"""The judge of the fault tests: it finds each kind of fault, and none where there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.faults.talk.history import Absence, Attempt, Delivery, Entry, History


def good_history(sends: int = 6) -> History:
    """Two people send by turns, each after the other's ack; the second message was sent twice."""
    history = History()
    log = []
    for number in range(sends):
        sender, client_id, seq = "ab"[number % 2], f"m{number}", number + 1
        log.append(Entry(seq, f"id{seq}", sender, client_id))
        if number == 1:
            history.attempts.append(Attempt("c", sender, client_id, number))
        history.attempts.append(Attempt("c", sender, client_id, number + 0.1, number + 0.5, f"id{seq}", seq))
        history.deliveries += [Delivery("c", person, seq, number + 0.4) for person in "ab"]
    history.attempts.append(Attempt("c", "a", "refused", 3.2, 3.3, refused="forbidden"))
    history.absences.append(Absence("c", "z", since=2.0, after_seq=2))
    history.logs["c"] = log
    history.timelines = {("c", person): list(log) for person in "ab"}
    return history


def test_a_good_history_is_not_blamed() -> None:
    assert good_history().violations() == []


def lose_a_stored_message(history: History) -> None:
    log = history.logs["c"]
    history.logs["c"] = [replace(entry, seq=place + 1) for place, entry in enumerate(log[:-1])]
    history.timelines = {key: list(history.logs["c"]) for key in history.timelines}


def store_twice(history: History) -> None:
    history.logs["c"].append(replace(history.logs["c"][1], seq=7, id="another"))
    history.timelines = {key: list(history.logs["c"]) for key in history.timelines}


def answer_a_retry_differently(history: History) -> None:
    history.attempts.append(Attempt("c", "b", "m1", 9, 9.5, "another", 2))


def miss_one(history: History) -> None:
    del history.timelines["c", "b"][2]


def show_in_another_order(history: History) -> None:
    timeline = history.timelines["c", "b"]
    timeline[2], timeline[3] = timeline[3], timeline[2]


def swap_places(history: History) -> None:
    """Two messages change places everywhere, acks included: only the order in time gives it away."""
    log = history.logs["c"]
    log[2], log[4] = replace(log[4], seq=3), replace(log[2], seq=5)
    history.timelines = {key: list(log) for key in history.timelines}
    places = {(entry.sender, entry.client_id): entry for entry in log}
    history.attempts = [
        attempt
        if attempt.seq is None
        else replace(attempt, seq=(entry := places[attempt.sender, attempt.client_id]).seq, id=entry.id)
        for attempt in history.attempts
    ]


def store_a_refused_message(history: History) -> None:
    history.logs["c"].append(Entry(7, "id7", "a", "refused"))
    history.timelines = {key: list(history.logs["c"]) for key in history.timelines}


def tell_an_outsider(history: History) -> None:
    history.deliveries.append(Delivery("c", "z", 4, 3.5))


def leave_a_gap(history: History) -> None:
    del history.logs["c"][0]
    history.timelines = {key: list(history.logs["c"]) for key in history.timelines}


@pytest.mark.parametrize(
    ("spoil", "part"),
    [
        (lose_a_stored_message, "P1"),
        (store_twice, "P2"),
        (answer_a_retry_differently, "P2"),
        (miss_one, "P3"),
        (show_in_another_order, "P3"),
        (leave_a_gap, "P3"),
        (swap_places, "P4"),
        (store_a_refused_message, "P5"),
        (tell_an_outsider, "P6"),
    ],
)
def test_each_fault_is_found(spoil: Callable[[History], None], part: str) -> None:
    history = good_history()
    spoil(history)
    assert any(sentence.startswith(part) for sentence in history.violations())


def test_what_stood_before_a_removal_may_still_arrive() -> None:
    history = good_history()
    history.deliveries.append(Delivery("c", "z", 2, 3.5))
    assert history.violations() == []


@given(st.permutations(range(5)))
def test_messages_under_way_together_may_stand_in_any_order(order: list[int]) -> None:
    history = History()
    history.logs["c"] = [Entry(seq, f"id{seq}", "a", f"m{number}") for seq, number in enumerate(order, 1)]
    for seq, number in enumerate(order, 1):
        history.attempts.append(Attempt("c", "a", f"m{number}", number, 10.0 + number, f"id{seq}", seq))
    assert history.violations() == []
