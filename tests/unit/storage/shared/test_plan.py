"""storage/shared/plan.py: what the drafts of one chat become. What stores do with it is in the contract suites."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from batiyoun.chats.model import Appended, Draft, Refused, Replayed, Role, RosterChange
from batiyoun.errors import ChatNotFound, ClientIdReused, Forbidden, InvalidInput
from batiyoun.storage.shared.plan import Entry, Plan, Roster, Stored, by_chat, decide, envelope_of
from tests.contracts.chat_stores import draft

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ROSTER = Roster("chat", 7, {"ann": Role.OWNER, "bob": Role.MEMBER}, ref=3)
PEOPLE = ["ann", "bob", "cid", "dan"]


def plan(*drafts: Draft, **known: Any) -> Plan:
    """Those drafts, decided by `ROSTER`."""
    return decide(list(enumerate(drafts)), ROSTER, "chat", **known)


def stored_as(item: Draft, seq: int = 5) -> dict[tuple[str, str], Stored]:
    """The log has the draft already."""
    return {(item.sender_id, item.client_id): Stored(item.digest, envelope_of(item, seq, NOW))}


def test_rows_get_places_behind_the_head() -> None:
    made = plan(draft("chat", "ann", "1"), draft("chat", "bob", "2"))
    outcomes = made.appended(40, NOW)
    assert [(outcomes[n].envelope.seq, outcomes[n].envelope.content) for n in (0, 1)] == [(41, "1"), (42, "2")]  # type: ignore[union-attr]
    assert not made.structural
    assert made.version_after(40) == 7


def test_a_refusal_that_was_not_looked_up_is_unsure() -> None:
    stranger, weak = draft("chat", "eve"), draft("chat", "bob", requires=Role.ADMIN)
    made = plan(stranger, weak, draft("chat", "ann"))
    assert made.unsure == [("eve", stranger.client_id), ("bob", weak.client_id)]
    assert [item.content for _, item in made.rows] == ["hello"]
    looked = plan(stranger, weak, stored={})
    assert looked.unsure == []
    assert [type(outcome.error) for outcome in looked.outcomes.values()] == [ChatNotFound, Forbidden]  # type: ignore[union-attr]


def test_nothing_is_written_to_a_chat_that_does_not_exist() -> None:
    made = decide([(0, draft("chat", "ann"))], None, "chat", stored={})
    assert made.rows == []
    assert isinstance(made.outcomes[0], Refused)


def test_what_is_stored_is_answered_from_the_log() -> None:
    item = draft("chat", "eve", "said before she left", client_id="c")
    made = plan(item, stored=stored_as(item))
    assert made.outcomes == {0: Replayed(envelope_of(item, 5, NOW))}
    other = draft("chat", "eve", "another body", client_id="c")
    [refused] = plan(other, stored=stored_as(item)).outcomes.values()
    assert isinstance(refused, Refused)
    assert isinstance(refused.error, ClientIdReused)


def test_what_this_very_batch_may_have_stored_is_appended_by_it() -> None:
    """So that it is published: nobody else did."""
    item = draft("chat", "ann", client_id="c")
    effect = RosterChange(add={"cid": Role.MEMBER})
    assert plan(item, stored=stored_as(item), mine={item.id: effect}).outcomes == {
        0: Appended(envelope_of(item, 5, NOW), effect)
    }
    earlier = draft("chat", "ann", client_id="c")
    assert isinstance(plan(item, stored=stored_as(earlier), mine={item.id: None}).outcomes[0], Replayed)


def test_twins_in_one_batch() -> None:
    first, twin = draft("chat", "ann", "x", client_id="c"), draft("chat", "ann", "x", client_id="c")
    liar = draft("chat", "ann", "y", client_id="c")
    made = plan(first, twin, liar)
    outcomes = made.appended(0, NOW)
    assert outcomes[1] == Replayed(envelope_of(first, 1, NOW))
    assert isinstance(outcomes[2], Refused)


def test_what_does_not_fit_takes_no_place() -> None:
    made = plan(draft("chat", "ann"), draft("chat", "ann"), draft("chat", "ann", "3"), unfit={1})
    outcomes = made.appended(0, NOW)
    assert isinstance(outcomes[1], Refused)
    assert isinstance(outcomes[1].error, InvalidInput)
    assert isinstance(outcomes[2], Appended)
    assert outcomes[2].envelope.seq == 2


def test_a_chat_list_shows_the_last_message() -> None:
    made = plan(draft("chat", "ann", "1"), draft("chat", "ann", "2"), draft("chat", "ann", kind="commit"))
    assert made.shown_place == 1
    assert plan(draft("chat", "ann", kind="system")).shown_place is None


def test_a_name_is_structural_and_leaves_the_roster_alone() -> None:
    made = plan(draft("chat", "ann", change=RosterChange(name="new")))
    assert made.structural
    assert (made.name, made.version_after(40)) == ("new", 7)
    assert plan(draft("chat", "ann", change=RosterChange())).structural is False


def test_who_is_removed_and_comes_back_enters_anew() -> None:
    made = plan(
        draft("chat", "ann", change=RosterChange(remove=("bob",))),
        draft("chat", "bob", "too late"),
        draft("chat", "ann", change=RosterChange(add={"bob": Role.MEMBER})),
        draft("chat", "ann", change=RosterChange(roles={"bob": Role.ADMIN})),
    )
    assert (made.entered, made.left, made.raised) == ({"bob": Entry(Role.ADMIN, 1)}, set(), {})
    assert made.version_after(40) == 43


changes = st.builds(
    RosterChange,
    add=st.dictionaries(st.sampled_from(PEOPLE), st.sampled_from(Role), max_size=2),
    remove=st.lists(st.sampled_from(PEOPLE[1:]), max_size=2).map(tuple),
    roles=st.dictionaries(st.sampled_from(PEOPLE), st.sampled_from(Role), max_size=2),
)


@given(st.lists(changes, max_size=8))
def test_the_difference_and_the_effects_both_lead_to_the_new_roster(steps: list[RosterChange]) -> None:
    made = plan(*(draft("chat", "ann", change=change) for change in steps))
    by_difference = {user: role for user, role in ROSTER.roles.items() if user not in made.left} | made.raised
    by_difference |= {user: entry.role for user, entry in made.entered.items()}
    assert by_difference == made.roles
    assert not (made.entered.keys() & made.left) | (made.raised.keys() & (made.left | made.entered.keys()))
    by_effects = dict(ROSTER.roles)
    for at in range(len(made.rows)):
        effect = made.effects[at]
        assert not by_effects.keys() & effect.add.keys()
        by_effects |= effect.add
        for user in effect.remove:
            del by_effects[user]
        assert all(by_effects[user] != role for user, role in effect.roles.items())
        by_effects |= effect.roles
    assert by_effects == made.roles


def test_every_chat_keeps_the_order_of_its_drafts() -> None:
    batch = [(number, draft(f"chat{number % 3}", "ann")) for number in range(9)]
    groups = by_chat(batch)
    assert {chat: [number for number, _ in items] for chat, items in groups.items()} == {
        "chat0": [0, 3, 6],
        "chat1": [1, 4, 7],
        "chat2": [2, 5, 8],
    }
