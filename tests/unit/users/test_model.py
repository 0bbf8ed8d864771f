"""users/model.py: which names are allowed, how they are compared, and what is shown to whom."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batiyoun.users.model import (
    MAX_BIO,
    MAX_DISPLAY_NAME,
    USERNAME,
    check_bio,
    check_display_name,
    check_username,
    fold,
    own_user,
    public_user,
)
from tests.harness.accounts import person


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [("asha", "asha"), ("  Asha.K-9_x ", "Asha.K-9_x"), ("ａｓｈａ", "asha"), ("a" * 32, "a" * 32), ("007", "007")],
)
def test_usernames_that_are_taken(given_name: str, kept: str) -> None:
    assert check_username(given_name) == kept


@pytest.mark.parametrize(
    "name",
    [
        "",
        "ab",
        "a" * 33,
        ".asha",
        "asha.",
        "as ha",
        "asha@home",
        "आशा",
        "аsha",
        "as\0ha",
        "a/../b",
        "<b>",
        "asha\u200d",
    ],
)
def test_usernames_that_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="3 to 32"):
        check_username(name)


@given(st.text(max_size=40))
def test_a_username_is_ascii_or_refused(text: str) -> None:
    try:
        name = check_username(text)
    except ValueError:
        return
    assert name.isascii()
    assert USERNAME.fullmatch(name)
    assert check_username(name) == name


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("Asha", "Asha"),
        ("  Asha   Kumari\u00a0 ", "Asha Kumari"),
        ("आशा कुमारी", "आशा कुमारी"),
        ("👩‍👩‍👧", "👩‍👩‍👧"),
        ("क्\u200dष", "क्\u200dष"),
        ("Cafe\u0301", "Café"),
        ("<script>", "<script>"),
        ("!", "!"),
    ],
)
def test_display_names_that_are_taken(given_name: str, kept: str) -> None:
    assert check_display_name(given_name) == kept


@pytest.mark.parametrize(
    "name",
    [
        "",
        "   ",
        "\u200d\u200d",
        "a\nb",
        "a\0b",
        "\ud800x",
        "a\u202eb",
        "\u2066a",
        "a\u2028b",
        "\ue000",
        "x" * (MAX_DISPLAY_NAME + 1),
    ],
)
def test_display_names_that_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"character"):
        check_display_name(name)


@given(st.text(max_size=80))
def test_a_display_name_can_always_be_kept_and_found(text: str) -> None:
    try:
        name = check_display_name(text)
    except ValueError:
        return
    assert 0 < len(name) <= MAX_DISPLAY_NAME
    assert name.encode()
    assert not any(unicodedata.category(char) in {"Cc", "Cs"} for char in name)
    assert check_display_name(name) == name


def test_a_bio_has_lines_and_an_end() -> None:
    assert check_bio(" one\ntwo ") == "one\ntwo"
    assert check_bio("") == ""
    for text in ("x" * (MAX_BIO + 1), "a\tb", "a\0b", "\u202e"):
        with pytest.raises(ValueError, match=r"character"):
            check_bio(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [("STRASSE", "straße"), ("ＡＢＣ", "abc"), ("ΣΑΣ", "σας"), ("क\u093c", "\u0958"), ("क्\u200dष", "क्ष"), ("ﬁ", "FI")],
)
def test_names_are_compared_however_they_are_written(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_29_others_see_no_address() -> None:
    asha = person("asha", bio="hello")
    shown = public_user(asha).model_dump(by_alias=True)
    assert set(shown) == {"id", "username", "displayName", "avatar", "bio", "createdAt", "deleted"}
    own = own_user(asha).model_dump(by_alias=True)
    assert set(own) - set(shown) == {"email", "verified", "provider", "role"}
