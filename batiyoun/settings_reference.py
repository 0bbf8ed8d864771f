"""Shows the settings: the effective values with secrets masked, and the reference as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin
from urllib.parse import urlsplit, urlunsplit

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from batiyoun.secret_files import SUFFIX, is_secret
from batiyoun.settings import Settings, variables

INTRODUCTION = """\
# Settings

Set them as environment variables. `batiyoun config` prints the effective values, `--env-file FILE` of every command
reads more of them from a file of `NAME=value` lines (the environment is stronger). Switches take `on` and `off`.
A setting that may hold a password can be read from a file instead: put the file's path into the variable with `_FILE`
behind its name, such as `BATIYOUN_SMTP_URL_FILE=/run/secrets/smtp_url`. These say so below.
This page is made by `batiyoun config --docs`.

| variable | default | meaning |
|---|---|---|
"""


def effective(settings: Settings) -> Iterator[str]:
    """`NAME=value` lines of every setting in effect; passwords are masked, unset ones are commented out."""
    for variable, name in variables().items():
        value = getattr(settings, name)
        if value is None or value == ():
            yield f"# {variable}="
        else:
            text = _text(value)
            yield f"{variable}={mask(text) if is_secret(Settings.model_fields[name]) else text}"


def reference() -> str:
    """The Markdown reference, the same on every machine."""
    rows = []
    for variable, name in variables().items():
        field = Settings.model_fields[name]
        file = f" Or `{variable}{SUFFIX}`." if is_secret(field) else ""
        meaning = f"{field.description}{file}{_constraints(field)}".replace("|", "\\|")
        rows.append(f"| `{variable}` | {_default(name, field)} | {meaning} |\n")
    return INTRODUCTION + "".join(rows)


def mask(text: str) -> str:
    """A URL without its password."""
    parts = urlsplit(text)
    if parts.password is None:
        return text
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username or ''}:••••@{host}"))


def _extra(name: str) -> dict[str, Any]:
    extra = Settings.model_fields[name].json_schema_extra
    return extra if isinstance(extra, dict) else {}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ",".join(str(part) for part in value)
    return str(value.value if isinstance(value, Enum) else value)


def _default(name: str, field: FieldInfo) -> str:
    if "default_text" in _extra(name):
        return str(_extra(name)["default_text"])
    if field.default is PydanticUndefined or field.default in {None, ()}:
        return ""
    default = field.default
    return f"`./{default}`" if isinstance(default, Path) else f"`{_text(default)}`"


def _constraints(field: FieldInfo) -> str:
    parts = []
    if get_origin(field.annotation) is Literal:
        parts.append("one of " + ", ".join(f"`{choice}`" for choice in get_args(field.annotation)))
    for limit in field.metadata:
        if (least := getattr(limit, "ge", None)) is not None:
            parts.append(f"at least {least}")
        if (more := getattr(limit, "gt", None)) is not None:
            parts.append(f"more than {more}")
        if (most := getattr(limit, "le", None)) is not None:
            parts.append(f"at most {most}")
    return f" ({', '.join(parts)})" if parts else ""
