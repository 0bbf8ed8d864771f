"""Asks a server over HTTP: our own on this machine, or the public address as a visitor would."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator
from datetime import datetime
from typing import Final
from urllib.parse import SplitResult, urlsplit

from cryptography import x509

from batiyoun.settings import Settings
from batiyoun.startup import EXIT_CONFIG, EXIT_UNAVAILABLE, CannotStart
from batiyoun.upkeep.checks import judge_dates
from batiyoun.upkeep.finding import Finding, fine, problem

_ABOUT: Final = "public address"
#: the first answer of an Engine.IO server to a client that polls
_POLL: Final = "/socket.io/?EIO=4&transport=polling"


def ask(settings: Settings, path: str, *, seconds: float = 3.0) -> tuple[int, bytes]:
    """Status and body of `GET path` from the server that these settings start on this machine.

    Raises `CannotStart` when nobody answers. Its certificate is not checked: it is for another name than loopback's.
    """
    if settings.port == 0:
        raise CannotStart("BATIYOUN_PORT=0 takes any free port, so the server cannot be found: set one.", EXIT_CONFIG)
    host = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    if settings.tls_cert is None:
        connection = http.client.HTTPConnection(host, settings.port, timeout=seconds)
    else:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection(host, settings.port, timeout=seconds, context=context)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read(64 * 1024)
    except (OSError, http.client.HTTPException) as exc:
        raise CannotStart(
            f"No server answers on {host}:{settings.port} ({exc or type(exc).__name__}): start it with "
            "`batiyoun serve`.",
            EXIT_UNAVAILABLE,
        ) from exc
    finally:
        connection.close()


def check_public(settings: Settings, now: datetime, *, trust: ssl.SSLContext | None = None) -> Iterator[Finding]:
    """The public address: its certificate, and whether what answers there is a Batiyoun that people can talk through.

    `trust`: whom to believe; the system's authorities when absent.
    """
    if settings.public_url is None:
        yield problem(_ABOUT, "None is set: put the address that people use into BATIYOUN_PUBLIC_URL.", EXIT_CONFIG)
        return
    where = urlsplit(settings.public_url)
    try:
        connection = http.client.HTTPConnection(where.hostname or "", where.port or 80, timeout=10)
        if where.scheme == "https":
            connection, certificate = _secure(where, trust or ssl.create_default_context())
            yield judge_dates(certificate, now, f"The one at {where.netloc}")
        yield from _talk(connection, settings.public_url)
    except ssl.SSLCertVerificationError as exc:
        sentence = f"Browsers will not trust {where.netloc} ({exc.verify_message}): mend the certificate there."
        yield problem(_ABOUT, sentence, EXIT_CONFIG)
    except (OSError, http.client.HTTPException) as exc:
        sentence = f"{settings.public_url} cannot be reached from here ({exc or type(exc).__name__}): is the proxy up?"
        yield problem(_ABOUT, sentence, EXIT_UNAVAILABLE)


def _secure(where: SplitResult, context: ssl.SSLContext) -> tuple[http.client.HTTPConnection, x509.Certificate]:
    """A connection, and the certificate that it was made with. Raises `OSError`, `ssl.SSLCertVerificationError`."""
    connection = http.client.HTTPSConnection(where.hostname or "", where.port or 443, timeout=10, context=context)
    connection.connect()
    presented = connection.sock.getpeercert(binary_form=True)
    return connection, x509.load_der_x509_certificate(presented or b"")


def _talk(connection: http.client.HTTPConnection, url: str) -> Iterator[Finding]:
    """Both doors: the API, and the realtime path that proxies like to forget. A foreign Origin would be refused."""
    try:
        for path, mark in (("/health/live", b'"ok"'), (_POLL, b'"sid"')):
            connection.request("GET", path, headers={"Origin": url})
            answer = connection.getresponse()
            body = answer.read(64 * 1024)
            if answer.status != http.HTTPStatus.OK or mark not in body:
                sentence = f"{url}{path} answers {answer.status}, not as Batiyoun does: does the proxy pass it on?"
                yield problem(_ABOUT, sentence, EXIT_CONFIG)
                return
        if url.startswith("https:") and answer.getheader("strict-transport-security") is None:
            sentence = (
                f"{url} sends no Strict-Transport-Security: the server does not know that it is reached by https."
            )
            yield problem(_ABOUT, sentence, EXIT_CONFIG)
            return
        yield fine(_ABOUT, f"{url} answers, and its realtime path too.")
    finally:
        connection.close()
