"""Writes the list of passwords that nobody may have, from the frequency list that `zxcvbn` comes with.

python3 -m scripts.common_passwords
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import distribution

from scripts import environment

TARGET = environment.ROOT / "batiyoun" / "auth" / "common_passwords.txt"
#: shorter ones are refused for being short (`auth.model.MIN_PASSWORD`)
SHORTEST = 8

HEAD = """\
# Passwords that are tried first, the commonest first, without those of fewer than {shortest} characters.
# Written by `python3 -m scripts.common_passwords` from zxcvbn {version}, under this licence:
#
{licence}
"""


def commonest() -> Sequence[str]:
    """The list as it is published, the commonest first."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415 (half of a megabyte, for this alone)

    passwords: Sequence[str] = FREQUENCY_LISTS["passwords"]
    return passwords


def write() -> None:
    """Write the file anew."""
    source = distribution("zxcvbn")
    licence = next(
        text for path in source.files or [] if path.name.startswith("LICENSE") and (text := path.read_text())
    )
    head = HEAD.format(
        shortest=SHORTEST,
        version=source.version,
        licence="\n".join(f"# {line}".rstrip() for line in licence.strip().splitlines()),
    )
    words = [word for word in commonest() if len(word) >= SHORTEST]
    TARGET.write_text(head + "\n".join(words) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
