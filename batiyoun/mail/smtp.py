"""Hands letters to an SMTP server (RFC 5321, RFC 8314), never in the clear beyond this machine."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib

from batiyoun.mail.server import SmtpServer
from batiyoun.mail.service import MailLost, MailRefused

#: seconds for each step of the conversation
TIMEOUT = 20.0


class SmtpTransport:
    """Sends each letter over a connection of its own."""

    def __init__(self, server: SmtpServer, *, ca: Path | None = None, timeout: float = TIMEOUT) -> None:
        """`ca`: certificates in PEM form to trust besides the system's, for a server with a private authority."""
        self._server = server
        self._timeout = timeout
        self._tls = ssl.create_default_context()
        if ca is not None:
            self._tls.load_verify_locations(ca)

    async def send(self, message: EmailMessage) -> None:
        """Hand it over; on return the server has taken responsibility (RFC 5321 §4.2.5).

        Raises `MailLost` when trying again may help, `MailRefused` when it will not.
        """
        with _translated():
            async with self._client() as client:
                await client.send_message(message)

    async def greet(self) -> None:
        """Connect and sign in, as for a letter, and leave again. Raises as `send` does."""
        with _translated():
            async with self._client():
                pass

    def _client(self) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.implicit_tls,
            # None takes STARTTLS if it is offered; True insists, also against who strips the offer
            start_tls=False if server.implicit_tls else (None if server.local else True),
            tls_context=self._tls,
            timeout=self._timeout,
        )


@contextmanager
def _translated() -> Iterator[None]:
    """The library's errors as ours."""
    try:
        yield
    except (aiosmtplib.SMTPResponseException, aiosmtplib.SMTPRecipientsRefused) as exc:
        codes = [exc.code] if isinstance(exc, aiosmtplib.SMTPResponseException) else [r.code for r in exc.recipients]
        # RFC 5321 §4.2.1: 4yz is transient, 5yz permanent
        raise (MailRefused if all(code >= 500 for code in codes) else MailLost)(f"it answered {codes}") from exc
    except ssl.SSLCertVerificationError as exc:
        raise MailRefused("its certificate is not trusted") from exc
    except (aiosmtplib.SMTPNotSupported, ValueError) as exc:
        raise MailRefused(type(exc).__name__) from exc
    except (aiosmtplib.SMTPException, OSError) as exc:
        if isinstance(exc.__cause__, ssl.SSLCertVerificationError):
            raise MailRefused("its certificate is not trusted") from exc
        # the library has no other class for a server that does not offer STARTTLS
        if type(exc) is aiosmtplib.SMTPException:
            raise MailRefused("it offers no STARTTLS") from exc
        raise MailLost(type(exc).__name__) from exc
