"""The words on the screen, from the client's own catalogue: a better sentence breaks no test."""

from __future__ import annotations

import json
from typing import Any

from tests.harness.server import ROOT

_WORDS = ROOT / "client" / "src" / "i18n"
#: the words of the first load, and a folder for each section that comes with its screens
_CATALOGUE: dict[str, Any] = json.loads((_WORDS / "en.json").read_text()) | {
    path.parent.name: json.loads(path.read_text()) for path in _WORDS.glob("*/en.json")
}


def say(key: str, **values: str | int) -> str:
    """The English sentence of `section.name`, with its placeholders filled in; `count` chooses the plural."""
    section, name = key.split(".")
    sentence = _CATALOGUE[section][name]
    if isinstance(sentence, dict):
        sentence = sentence["one" if values.get("count") == 1 else "other"]
    for placeholder, value in values.items():
        sentence = sentence.replace(f"{{{placeholder}}}", str(value))
    return str(sentence)
