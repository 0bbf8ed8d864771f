"""Facts about mail: which letters there are, and in which languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Language = Literal["en", "hi"]
#: the first is written to whoever asks for none of them
LANGUAGES: tuple[Language, ...] = ("en", "hi")

#: each has its words in every `templates/<language>.toml`
Kind = Literal[
    "signup_code", "login_code", "email_code", "step_up_code", "email_known", "email_changed", "signup_known",
    "login_unknown", "password_reset", "reset_unknown", "password_changed",
    "keys_reset_waits", "keys_reset",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Letter:
    """What to tell whom. `values` fill the blanks of the letter's words."""

    to: str
    kind: Kind
    language: Language
    values: Mapping[str, str] = field(default_factory=dict)


def language_of(accept_language: str) -> Language:
    """The language of ours that an Accept-Language header prefers (RFC 9110 §12.5.4); English for none."""
    wishes: list[tuple[float, Language]] = []
    for part in accept_language.split(","):
        tag, _, parameters = part.strip().partition(";")
        primary = tag.strip().partition("-")[0].lower()
        known = next((language for language in LANGUAGES if language == primary), None)
        name, _, weight = parameters.strip().partition("=")
        try:
            quality = float(weight) if name.strip() == "q" else 1.0
        except ValueError:
            quality = 0.0
        if known is not None and quality > 0:
            wishes.append((quality, known))
    return max(wishes, key=lambda wish: wish[0])[1] if wishes else LANGUAGES[0]
