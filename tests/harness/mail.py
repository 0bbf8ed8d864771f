"""A real mail server on loopback: STARTTLS and a login are required, and what arrives is kept."""

from __future__ import annotations

import asyncio
import email
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "mailer@example.org", "p@ss:word/ä"
SENDER = "Batiyoun <chat@example.org>"


@dataclass
class MailServer:
    """What a test knows of the server. `answers` are given to the next letters instead of taking them."""

    port: int
    ca: Path
    letters: list[EmailMessage] = field(default_factory=list)
    #: envelope recipients, in the order of arrival
    recipients: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    logins: list[bytes] = field(default_factory=list)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    def url(self, *, user: str = USER, password: str = PASSWORD, scheme: str = "smtp") -> str:
        """As `BATIYOUN_SMTP_URL` takes it."""
        return f"{scheme}://{quote(user, safe='')}:{quote(password, safe='')}@localhost:{self.port}"

    def settings(self) -> dict[str, Any]:
        """Fields of `Settings` for an application that uses this server."""
        return {"smtp_url": self.url(), "smtp_ca": self.ca, "mail_from": SENDER}

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 aiosmtpd's name
        """Called by aiosmtpd for each letter."""
        if self.answers:
            return self.answers.pop(0)
        assert isinstance(envelope.content, bytes)
        letter = email.message_from_bytes(envelope.content, policy=default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        self.recipients += envelope.rcpt_tos
        async with self._news:
            self._news.notify_all()
        return "250 OK"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        """Called by aiosmtpd for each login."""
        assert isinstance(data, LoginPassword)
        self.logins.append(data.login)
        right = (data.login.decode(), data.password.decode()) == (USER, PASSWORD)
        return AuthResult(success=right, handled=False)

    async def wait_for(self, count: int, within: float = 10) -> None:
        """Wait until that many letters have come."""
        async with asyncio.timeout(within), self._news:
            await self._news.wait_for(lambda: len(self.letters) >= count)

    def code(self) -> str:
        """The code in the last letter."""
        found = re.search(r"^ +(\d{6})$", text_of(self.letters[-1]), re.MULTILINE)
        assert found, text_of(self.letters[-1])
        return found[1]


def part_of(letter: EmailMessage, kind: str) -> str:
    """The `plain` or `html` part."""
    part = letter.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def text_of(letter: EmailMessage) -> str:
    """The plain text."""
    return part_of(letter, "plain").replace("\r\n", "\n")


@asynccontextmanager
async def open_mail_server(folder: Path, *, tls: str = "starttls", smtputf8: bool = True) -> AsyncIterator[MailServer]:
    """A running server; `tls` is `starttls`, `implicit` or `none`."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    made = MailServer(0, folder / "mail-ca.pem")
    authority.cert_pem.write_to_path(made.ca)

    def protocol() -> SMTP:
        return SMTP(
            made,
            hostname="localhost",
            enable_SMTPUTF8=smtputf8,
            tls_context=context if tls == "starttls" else None,
            require_starttls=tls == "starttls",
            authenticator=made.authenticate,
            # behind implicit TLS aiosmtpd does not see the TLS and would warn
            auth_required=tls == "starttls",
            auth_require_tls=tls == "starttls",
            loop=asyncio.get_running_loop(),
        )

    listening = await asyncio.get_running_loop().create_server(
        protocol, "localhost", 0, family=2, ssl=context if tls == "implicit" else None
    )
    made.port = listening.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        listening.close()
        await listening.wait_closed()


@pytest.fixture
async def mail_server(tmp_path: Path) -> AsyncIterator[MailServer]:
    """A server with STARTTLS and AUTH."""
    async with open_mail_server(tmp_path) as opened:
        yield opened
