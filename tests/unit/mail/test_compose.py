"""Letters in every language."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest
from jinja2 import UndefinedError

from batiyoun.mail.compose import compose, write
from batiyoun.mail.model import LANGUAGES, Kind, Language, Letter, language_of
from batiyoun.runtime import Runtime

VALUES = {
    "code": "012345",
    "minutes": "10",
    "hours": "24",
    "place": "https://chat.example.org/?a=1&b=<i>",
    "link": "https://chat.example.org/reset-password#a-b_c",
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_letter_has_its_words_in_every_language(kind: Kind, language: Language) -> None:
    written = write(Letter("asha@example.org", kind, language, VALUES))
    assert written.subject
    assert len(written.text) > 80
    assert "{{" not in written.subject + written.text + written.html
    assert f'<html lang="{language}">' in written.html
    devanagari = any("\u0900" <= char <= "\u097f" for char in written.text)
    assert devanagari is (language == "hi")


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_letters_with_a_code_show_one(language: Language) -> None:
    for kind in get_args(Kind):
        written = write(Letter("asha@example.org", kind, language, VALUES))
        shown = [VALUES["code"] in part for part in (written.subject, written.text, written.html)]
        assert shown == [kind.endswith("_code")] * 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_a_letter_for_a_forgotten_password_shows_a_link(language: Language) -> None:
    for kind in get_args(Kind):
        written = write(Letter("asha@example.org", kind, language, VALUES))
        shown = [VALUES["link"] in part for part in (written.text, written.html)]
        assert shown == [kind == "password_reset"] * 2


def test_what_fills_a_blank_is_text_in_html() -> None:
    written = write(Letter("asha@example.org", "login_code", "en", VALUES))
    assert VALUES["place"] in written.text
    assert "<i>" not in written.html
    assert "a=1&amp;b=&lt;i&gt;" in written.html


def test_a_blank_that_nobody_filled_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        write(Letter("asha@example.org", "login_code", "en", {}))


def test_nobody_s_holiday_answers_and_no_header_can_be_added() -> None:
    letter = Letter("asha@example.org", "login_code", "en", VALUES)
    message = compose(letter, sender="chat@example.org", runtime=Runtime())
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "en"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    forged = replace(letter, to="a@example.org\r\nBcc: b@example.org")
    with pytest.raises(ValueError, match="CR"):
        compose(forged, sender="c@example.org", runtime=Runtime())


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"), ("hi", "hi"), ("HI-in", "hi"), ("de,fr", "en"), ("en-GB,hi;q=0.9", "en"), ("en;q=0.5,hi", "hi"),
        ("fr, hi;q=0.1", "hi"), ("hi;q=0,en;q=0.1", "en"), ("hi;q=x", "en"), (";;,,=", "en"), ("*", "en"),
    ],
)  # fmt: skip
def test_the_browser_says_the_language(header: str, language: Language) -> None:
    assert language_of(header) == language
