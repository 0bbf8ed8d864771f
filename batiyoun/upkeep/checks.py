"""The checks of `batiyoun doctor` that need no store: directory, space, clock, certificate, mail."""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import ssl
import stat
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from batiyoun.mail.server import parse_server
from batiyoun.mail.service import MailLost, MailRefused
from batiyoun.mail.smtp import SmtpTransport
from batiyoun.settings import Settings
from batiyoun.startup import EXIT_CANNOT_CREATE, EXIT_CONFIG, EXIT_UNAVAILABLE, RESTORING
from batiyoun.upkeep.finding import Finding, fine, problem, warning

DIRECTORY, SPACE, CLOCK, CERTIFICATE, MAIL = "data directory", "disk space", "clock", "certificate", "mail"
_GIB: Final = 1 << 30
#: Let's Encrypt's certificates last 90 days and are renewed with 30 left
RENEW_DAYS: Final = 14
#: adjtimex(2): the clock is not synchronised
_TIME_ERROR: Final = 5


def check_directory(folder: Path) -> Iterator[Finding]:
    """Who owns the data directory, who else can look into it, and whether a restore was cut short."""
    if not folder.exists():
        parent = next(each for each in folder.parents if each.exists())
        if os.access(parent, os.W_OK | os.X_OK):
            yield fine(DIRECTORY, f"{folder} is not there yet; the first start makes it.")
        else:
            yield problem(
                DIRECTORY,
                f"{folder} cannot be made in {parent}: make it, and give it to the user that runs the server.",
                EXIT_CANNOT_CREATE,
            )
        return
    state = folder.stat()
    if folder.joinpath(RESTORING).exists():
        yield problem(DIRECTORY, f"A restore into {folder} did not finish: empty it and restore again.", EXIT_CONFIG)
    if state.st_uid != os.geteuid():
        yield problem(
            DIRECTORY,
            f"{folder} belongs to {_name(state.st_uid)} and this is {_name(os.geteuid())}: run this command and the "
            f"server as {_name(state.st_uid)}, or `chown -R` the directory.",
            EXIT_CONFIG,
        )
    elif not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield problem(DIRECTORY, f"{folder} cannot be written to: run `chmod 700 {folder}`.", EXIT_CANNOT_CREATE)
    elif stat.S_IMODE(state.st_mode) & 0o077:
        yield warning(DIRECTORY, f"Others can look into {folder}: run `chmod 700 {folder}`.")
    else:
        yield fine(DIRECTORY, f"{folder} belongs to {_name(state.st_uid)} alone.")
        yield from _check_files(folder)


def _check_files(folder: Path) -> Iterator[Finding]:
    """Keys that others can read stop the server (security check 53); other files should not be readable either."""
    for path in sorted((*folder.iterdir(), *folder.glob("keys/*"))):
        mode = path.lstat().st_mode
        if stat.S_ISREG(mode) and stat.S_IMODE(mode) & 0o077:
            if "key" in path.name or path.suffix == ".pem":
                sentence = f"{path} can be read by others: run `chmod 600 {path}`, or delete it if it may have leaked."
                yield problem(DIRECTORY, sentence, EXIT_CONFIG)
            else:
                yield warning(DIRECTORY, f"{path} can be read by others: run `chmod 600 {path}`.")


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def check_space(folder: Path) -> Iterator[Finding]:
    """Whether messages can still be stored, and a backup's copy made."""
    while not folder.exists():
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    free = f"{usage.free / _GIB:.1f} GiB of {usage.total / _GIB:.1f} GiB are free on the disk of {folder}"
    if usage.free < _GIB / 10:
        yield problem(SPACE, f"Only {free}: sending will be refused soon. Make room.", EXIT_CANNOT_CREATE)
    elif usage.free < _GIB or usage.free < usage.total / 20:
        yield warning(SPACE, f"Only {free}. Make room before sending is refused.")
    else:
        yield fine(SPACE, f"{free}.")


def kernel_is_synchronised() -> bool | None:
    """What the kernel knows of its clock; None where it cannot be asked."""
    try:
        # `modes` is 0 in a struct of zeros: nothing is set, and no privilege is needed (adjtimex(2))
        answer = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(512))
    except (OSError, AttributeError):
        return None
    return None if answer < 0 else bool(answer != _TIME_ERROR)


def check_clock(
    now: datetime, newest: datetime | None, *, synchronised: Callable[[], bool | None] = kernel_is_synchronised
) -> Iterator[Finding]:
    """Against `newest`, the time of the newest stored message, and what the kernel says of itself."""
    if newest is not None and newest > now + timedelta(minutes=1):
        yield problem(
            CLOCK,
            f"It is {now:%Y-%m-%d %H:%M} here, and the newest message is of {newest:%Y-%m-%d %H:%M}: set the clock.",
            EXIT_CONFIG,
        )
    elif synchronised() is False:
        yield warning(
            CLOCK,
            f"It is {now:%Y-%m-%d %H:%M:%S} UTC, and nothing keeps it right: set up systemd-timesyncd or chrony "
            "(in a container or virtual machine: on its host).",
        )
    else:
        yield fine(CLOCK, f"It is {now:%Y-%m-%d %H:%M:%S} UTC.")


def check_certificate(settings: Settings, now: datetime) -> Iterator[Finding]:
    """The certificate that the server itself presents: pair, dates, names, and who can read the key."""
    if settings.tls_cert is None or settings.tls_key is None:
        if settings.secure:
            yield fine(CERTIFICATE, "A proxy has it; `--public` looks at it from outside.")
        return
    try:
        leaf = x509.load_pem_x509_certificates(settings.tls_cert.read_bytes())[0]
        key = load_pem_private_key(settings.tls_key.read_bytes(), None)
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(settings.tls_cert, settings.tls_key)
    except (OSError, ValueError, TypeError, ssl.SSLError) as exc:
        yield problem(
            CERTIFICATE,
            f"{settings.tls_cert} and {settings.tls_key} cannot be used ({exc}): both must be readable PEM files that "
            "belong together, the key without a password.",
            EXIT_CONFIG,
        )
        return
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if leaf.public_key().public_bytes(*form) != key.public_key().public_bytes(*form):
        yield problem(
            CERTIFICATE,
            f"{settings.tls_key} is not the key of the first certificate in {settings.tls_cert}: "
            "put the server's own certificate first, then its chain.",
            EXIT_CONFIG,
        )
        return
    if settings.tls_key.stat().st_mode & 0o007:
        yield warning(CERTIFICATE, f"{settings.tls_key} can be read by everybody: run `chmod o= {settings.tls_key}`.")
    host = urlsplit(settings.public_url).hostname if settings.public_url else None
    if host is not None and not _names(leaf, host):
        yield problem(
            CERTIFICATE,
            f"{settings.tls_cert} is not for {host}, the name in BATIYOUN_PUBLIC_URL: get one that is.",
            EXIT_CONFIG,
        )
    yield judge_dates(leaf, now, f"{settings.tls_cert}")


def judge_dates(leaf: x509.Certificate, now: datetime, what: str) -> Finding:
    """Whether a certificate is valid today and in two weeks."""
    begin, end = leaf.not_valid_before_utc, leaf.not_valid_after_utc
    if now < begin:
        return problem(CERTIFICATE, f"{what} is valid only from {begin:%Y-%m-%d}: is the clock right?", EXIT_CONFIG)
    if now >= end:
        return problem(CERTIFICATE, f"{what} expired on {end:%Y-%m-%d}: renew it and restart.", EXIT_CONFIG)
    days = (end - now).days
    if days < RENEW_DAYS:
        return warning(CERTIFICATE, f"{what} expires in {days} days: renew it and restart.")
    return fine(CERTIFICATE, f"{what} is valid until {end:%Y-%m-%d}.")


def _names(leaf: x509.Certificate, host: str) -> bool:
    """RFC 9525 §6.3: the whole leftmost label may be a star."""
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    wanted = {host.lower(), f"*.{host.lower().partition('.')[2]}"}
    addresses = {str(address) for address in names.get_values_for_type(x509.IPAddress)}
    return bool(wanted & {name.lower() for name in names.get_values_for_type(x509.DNSName)}) or host in addresses


async def check_mail(settings: Settings) -> Finding:
    """Connect and sign in, as for a letter, without sending one."""
    if settings.smtp_url is None:
        return problem(
            MAIL, "No mail server is set: codes go to the server's console. Set BATIYOUN_SMTP_URL.", EXIT_CONFIG
        )
    server = parse_server(settings.smtp_url)
    where = f"{server.host}:{server.port}"
    try:
        await SmtpTransport(server, ca=settings.smtp_ca, timeout=10).greet()
    except MailRefused as exc:
        return problem(MAIL, f"{where} does not take our mail ({exc}): correct BATIYOUN_SMTP_URL.", EXIT_CONFIG)
    except MailLost as exc:
        return problem(
            MAIL, f"{where} cannot be reached ({exc}): is it running, and is the port open?", EXIT_UNAVAILABLE
        )
    signed_in = f" as {server.username}" if server.username else ""
    return fine(MAIL, f"{where} lets us in{signed_in}.")
