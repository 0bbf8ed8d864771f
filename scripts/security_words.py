"""Everything that people read about their keys and locks, in each language side by side.

python3 -m scripts.security_words      prints docs/reference/security-words.md
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

WORDS = Path(__file__).resolve().parent.parent / "client" / "src" / "i18n"
LANGUAGES = {"en": "English", "hi": "हिन्दी"}
#: heading, the section of words, and how the keys begin that belong here
MOMENTS = [
    ("Who can read a chat", "conversation", ("plainBanner", "locked")),
    ("Who can read a chat, in its info", "group", ("plain", "sealed")),
    ("A chat from before encryption", "conversation", ("before", "goOn")),
    ("A chat that a device had to stop, and the one after it", "conversation", ("frozen", "goneOn")),
    ("A message that cannot be opened here", "conversation", ("sealed",)),
    ("Whether it is really them", "trust", ("",)),
    ("The key to one's messages", "keys", ("",)),
    ("What the security log says", "devices", ("deviceAdded", "deviceRemoved", "identity", "keyR", "keyP")),
]
HEAD = """\
# The words of security

What people read when something about keys and locks happens, generated from the app by `make contracts`. They are
written for somebody in the family who has never heard of encryption: what happened, whether it matters, what to do. A
term of the trade in these tables is a mistake.
"""


def section(name: str, language: str) -> dict[str, str]:
    """The words of one section, by their keys."""
    words: dict[str, str] = json.loads((WORDS / name / f"{language}.json").read_text())
    return words


def page() -> str:
    """The whole page, as Markdown."""
    parts = [HEAD]
    for heading, name, beginnings in MOMENTS:
        words = {language: section(name, language) for language in LANGUAGES}
        rows = [f"| {' | '.join(LANGUAGES.values())} |", f"|{'---|' * len(LANGUAGES)}"]
        for key in words["en"]:
            if key.startswith(beginnings):
                cells = (words[language][key].replace("|", "\\|").replace("\n", "<br>") for language in LANGUAGES)
                rows.append(f"| {' | '.join(cells)} |")
        parts.append(f"## {heading}\n\n" + "\n".join(rows) + "\n")
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(page())
