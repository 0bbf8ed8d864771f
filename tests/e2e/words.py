"""The words on the screen, from the client's own catalogue: a better sentence breaks no test."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from tests.harness.server import ROOT

_WORDS = ROOT / "client" / "src" / "i18n"
_LANGUAGE = ["en"]


@cache
def _catalogue(language: str) -> dict[str, Any]:
    """The words of the first load, and a folder for each section that comes with its screens."""
    own: dict[str, Any] = json.loads((_WORDS / f"{language}.json").read_text())
    return own | {path.parent.name: json.loads(path.read_text()) for path in _WORDS.glob(f"*/{language}.json")}


def spoken() -> str:
    """Which language `say` answers in."""
    return _LANGUAGE[-1]


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Until the end, `say` answers in that language, which the app was set to."""
    _LANGUAGE.append(language)
    try:
        yield
    finally:
        _LANGUAGE.pop()


def say(key: str, **values: str | int) -> str:
    """The sentence of `section.name`, with its placeholders filled in; `count` chooses the plural."""
    section, name = key.split(".")
    sentence = _catalogue(spoken())[section][name]
    if isinstance(sentence, dict):
        sentence = sentence["one" if values.get("count") == 1 else "other"]
    for placeholder, value in values.items():
        sentence = sentence.replace(f"{{{placeholder}}}", str(value))
    return str(sentence)
