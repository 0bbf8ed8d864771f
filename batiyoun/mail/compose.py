"""Writes letters: a subject, plain text, and HTML that shows what people typed as text. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined

from batiyoun.mail.model import Language, Letter
from batiyoun.runtime import Runtime

_TEMPLATES = files("batiyoun.mail") / "templates"


@dataclass(frozen=True, slots=True)
class Written:
    """A letter in words."""

    subject: str
    text: str
    html: str


def write(letter: Letter) -> Written:
    """The letter in its language."""
    words = _words(letter.language)[letter.kind]

    def filled(lines: list[str]) -> list[str]:
        return [_environment(html=False).from_string(line).render(letter.values) for line in lines]

    (subject,) = filled([words["subject"]])
    view: Mapping[str, Any] = {
        "language": letter.language,
        "subject": subject,
        "words": filled(words["words"]),
        "after": filled(words.get("after", [])),
        # only what the words announce, whatever else is given
        **{name: letter.values[name] if words.get("shows") == name else None for name in ("code", "link")},
    }
    text = _environment(html=False).get_template("letter.txt").render(view)
    return Written(subject, text.strip() + "\n", _environment(html=True).get_template("letter.html").render(view))


def compose(letter: Letter, *, sender: str, runtime: Runtime) -> EmailMessage:
    """The message to hand to a mail server. Raises `ValueError` for an address that no header can hold.

    `Auto-Submitted` keeps holiday notices from answering (RFC 3834 §5).
    """
    written = write(letter)
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    mailbox, _, domain = letter.to.rpartition("@")
    message["To"] = Address(username=mailbox, domain=domain)
    message["Subject"] = " ".join(written.subject.split())
    message["Date"] = format_datetime(runtime.utcnow())
    message["Message-ID"] = f"<{runtime.new_id()}@{message['From'].addresses[0].domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(written.text)
    message.add_alternative(written.html, subtype="html")
    message["Content-Language"] = letter.language
    return message


@cache
def _words(language: Language) -> dict[str, Any]:
    return tomllib.loads((_TEMPLATES / f"{language}.toml").read_text(encoding="utf-8"))


@cache
def _environment(*, html: bool) -> Environment:
    """A blank that nobody filled is an error, never an empty place."""
    load = FunctionLoader(lambda name: (_TEMPLATES / name).read_text(encoding="utf-8"))
    return Environment(loader=load, autoescape=html, undefined=StrictUndefined)  # noqa: S701  # plain text has no markup
