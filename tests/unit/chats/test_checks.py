"""chats/checks.py: what people send is validated before anything else sees it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batiyoun.chats.checks import access_chat, access_group, check_message, check_metadata, digest_of
from batiyoun.chats.model import Chat, ChatType, Member, Role
from batiyoun.chats.payloads import MAX_CONTENT, MAX_PLAINTEXT, MessageBody
from batiyoun.errors import ChatNotFound, Forbidden, InvalidInput, PayloadTooLarge


def body(content: str = "hello", **rest: Any) -> MessageBody:
    return MessageBody(content=content, encrypted=rest.pop("encrypted", False), **rest)


def chat(kind: ChatType = "group", **roles: Role) -> Chat:
    members = {user: Member(user, role, 0, 0, 0, 0) for user, role in roles.items()}
    return Chat("c", kind, "none", "Family", 0, datetime.now(UTC), members)


@pytest.mark.parametrize("content", ["", "   ", "\n\t ", "a\0b", "x" * (MAX_PLAINTEXT + 1)])
def test_plain_content_that_is_refused(content: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_message(body(content))
    assert "content" in caught.value.fields


@pytest.mark.parametrize("content", ["x", "बतियौं", "x" * MAX_PLAINTEXT, "👩‍👩‍👧" * 100])
def test_plain_content_that_is_taken(content: str) -> None:
    check_message(body(content))


def test_content_is_measured_in_bytes_not_characters() -> None:
    check_message(body("x" * MAX_CONTENT, encrypted=True))
    with pytest.raises(PayloadTooLarge):
        check_message(body("ब" * (MAX_CONTENT // 3 + 1), encrypted=True))


@pytest.mark.parametrize(
    "metadata",
    [{"$where": "1"}, {"a.b": 1}, {"__proto__": {}}, {"": 1}, {"a": [[[[[1]]]]]}, {"a": "\0"}, {"a": [{"$ne": 1}]}],
)
def test_31_operators_and_odd_names_never_reach_a_store(metadata: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        check_metadata(metadata)


def test_metadata_has_a_size() -> None:
    check_metadata({"fileName": "x" * 4000, "fileSize": 12, "tags": ["a", None, True, 1.5]})
    with pytest.raises(PayloadTooLarge):
        check_metadata({"fileName": "x" * 5000})


@given(st.dictionaries(st.text(alphabet="abcdef", min_size=1, max_size=3), st.integers(), min_size=2))
def test_the_digest_ignores_the_order_of_metadata(metadata: dict[str, int]) -> None:
    turned = dict(reversed(list(metadata.items())))
    assert digest_of(body(metadata=metadata)) == digest_of(body(metadata=turned))


def test_the_digest_covers_what_a_retry_must_repeat_and_not_the_mls_part() -> None:
    first = digest_of(body("a", encrypted=True, iv="i", mls="epoch 1"))
    assert first == digest_of(body("a", encrypted=True, iv="i", mls="epoch 2"))
    others = [
        body("b", encrypted=True, iv="i"),
        body("a", encrypted=True, iv="j"),
        body("a", encrypted=True, iv="i", type="image"),
        body("a", encrypted=True, iv="i", metadata={"x": 1}),
    ]
    assert len({first, *map(digest_of, others)}) == 5


def test_24_strangers_get_the_answer_of_a_chat_that_never_was() -> None:
    with pytest.raises(ChatNotFound) as never:
        access_chat(None, "asha")
    with pytest.raises(ChatNotFound) as stranger:
        access_chat(chat(mohan=Role.OWNER), "asha")
    assert never.value.to_wire() == stranger.value.to_wire()


def test_roles_are_ordered_and_direct_chats_have_no_roster_to_change() -> None:
    group = chat(asha=Role.ADMIN, mohan=Role.MEMBER)
    assert access_group(group, "asha", Role.ADMIN)[1].role is Role.ADMIN
    with pytest.raises(Forbidden):
        access_group(group, "mohan", Role.ADMIN)
    with pytest.raises(Forbidden):
        access_group(chat("direct", asha=Role.MEMBER), "asha", Role.MEMBER)
