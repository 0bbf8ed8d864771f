"""Which mail server, from its URL. Pure: settings are checked with it before anything connects."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where letters go. `implicit_tls`: TLS from the first byte (`smtps://`), otherwise STARTTLS."""

    host: str
    port: int
    implicit_tls: bool
    username: str | None
    password: str | None

    @property
    def local(self) -> bool:
        """The server is on this machine: only there may a letter go without TLS."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def parse_server(url: str) -> SmtpServer:
    """`smtp://user:password@host:587` (STARTTLS) or `smtps://…:465` (TLS). Raises `ValueError` with a sentence."""
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("must be smtp://user:password@host:port (STARTTLS) or smtps://user:password@host:port (TLS)")
    if (parts.username is None) != (parts.password is None):
        raise ValueError("must have a user and a password, or neither")
    implicit = parts.scheme == "smtps"
    return SmtpServer(
        host=parts.hostname,
        port=parts.port or (465 if implicit else 587),
        implicit_tls=implicit,
        username=None if parts.username is None else unquote(parts.username),
        password=None if parts.password is None else unquote(parts.password),
    )
