"""What a value of a setting may look like; each check raises `ValueError` with the rest of a sentence. Pure."""

from __future__ import annotations

import ipaddress
from email.utils import parseaddr
from typing import Annotated
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BeforeValidator
from pydantic_settings import NoDecode

from batiyoun.mail.server import parse_server


def split_list(value: object) -> object:
    """Parts between commas; anything but text stays as it is."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def network(value: str) -> str:
    """An address or a network."""
    ipaddress.ip_network(value, strict=False)
    return value


def origin(value: str) -> str:
    """Scheme and host of a page, in small letters."""
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
        msg = f"must be an address like https://chat.example.org without a path, not {value!r}"
        raise ValueError(msg)
    return f"{parts.scheme}://{parts.netloc}".lower()


def database_url(value: str) -> str:
    """SQLAlchemy's URL of a database of accounts."""
    scheme, _, rest = value.partition("://")
    drivers = {
        "sqlite": "sqlite+aiosqlite",
        "sqlite+aiosqlite": "sqlite+aiosqlite",
        "postgres": "postgresql+asyncpg",
        "postgresql": "postgresql+asyncpg",
        "postgresql+asyncpg": "postgresql+asyncpg",
    }
    if scheme not in drivers or not rest:
        raise ValueError("must start with sqlite:/// or postgresql://")
    return f"{drivers[scheme]}://{rest if scheme.startswith('sqlite') else libpq(rest)}"


def libpq(rest: str) -> str:
    """What follows the scheme of a PostgreSQL URL."""
    if "channel_binding=" in rest:
        raise ValueError("has channel_binding, which the driver cannot do: remove it, and use sslmode=verify-full")
    return rest


def messages_url(value: str) -> str:
    """The URL of a message store."""
    scheme, _, rest = value.partition("://")
    known = {"sqlite", "postgres", "postgresql", "mongodb", "mongodb+srv"}
    if scheme not in known or not rest.removeprefix("/"):
        raise ValueError("must start with sqlite:///, postgresql://, mongodb:// or mongodb+srv://")
    if scheme == "sqlite" and not rest.startswith("/"):
        raise ValueError("must have three slashes before the path: sqlite:///path")
    return f"postgresql://{libpq(rest)}" if scheme.startswith("postgres") else value


def smtp_url(value: str) -> str:
    """The URL of a mail server."""
    parse_server(value)
    return value


def sender(value: str) -> str:
    """An address that letters come from, perhaps with a name."""
    _, address = parseaddr(value)
    try:
        validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        address = ""
    if not address or not value.isprintable():
        raise ValueError("must be an address like chat@example.org, or Batiyoun <chat@example.org>")
    return value


def redis_url(value: str) -> str:
    """The URL of a Redis or Valkey."""
    parts = urlsplit(value)
    if not (parts.scheme in {"redis", "rediss"} and parts.hostname) and not (parts.scheme == "unix" and parts.path):
        raise ValueError("must be redis://host:6379/0, rediss://user:password@host:6379/0 (TLS) or unix:///path")
    return value


Csv = NoDecode, BeforeValidator(split_list)
Origin = Annotated[str, AfterValidator(origin)]
Network = Annotated[str, AfterValidator(network)]
DatabaseUrl = Annotated[str, AfterValidator(database_url)]
MessagesUrl = Annotated[str, AfterValidator(messages_url)]
SmtpUrl = Annotated[str, AfterValidator(smtp_url)]
Sender = Annotated[str, AfterValidator(sender)]
RedisUrl = Annotated[str, AfterValidator(redis_url)]
