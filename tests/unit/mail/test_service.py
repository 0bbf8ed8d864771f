"""The queue of letters, over a real mail server."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from batiyoun.errors import Unavailable
from batiyoun.mail.model import Letter
from batiyoun.mail.server import parse_server
from batiyoun.mail.service import MAX_WAITING, RETRIES, Console, Mailer
from batiyoun.mail.smtp import SmtpTransport
from tests.harness.accounts import Clock
from tests.harness.mail import SENDER, MailServer, mail_server

__all__ = ["mail_server"]

LETTER = Letter("asha@example.org", "login_code", "en", {"code": "012345", "minutes": "10", "place": "https://x.test"})


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def mailer(mail_server: MailServer, clock: Clock) -> AsyncIterator[Mailer]:
    transport = SmtpTransport(parse_server(mail_server.url()), ca=mail_server.ca)
    opened = Mailer(transport, sender=SENDER, runtime=clock.runtime(), sleep=clock.sleep)
    yield opened
    await opened.close()


async def test_what_the_server_did_not_take_is_sent_again_later(
    mailer: Mailer, mail_server: MailServer, clock: Clock
) -> None:
    mail_server.answers += ["451 later", "451 later"]
    mailer.send(LETTER)
    await mailer.sent()
    assert len(mail_server.letters) == 1
    assert clock.slept == list(RETRIES[:2])


async def test_what_the_server_refuses_is_not_sent_again(
    mailer: Mailer, mail_server: MailServer, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    mail_server.answers += ["550 no such person"]
    mailer.send(LETTER)
    await mailer.sent()
    assert (mail_server.letters, clock.slept) == ([], [])
    assert "refuses" in caplog.text


async def test_49_what_is_given_up_is_logged_without_address_and_code(
    mailer: Mailer, mail_server: MailServer, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    mail_server.answers += ["451 asha@example.org: try later"] * 4
    mailer.send(LETTER)
    mailer.send(Letter("nobody\r\n@example.org", "login_code", "en", LETTER.values))
    await mailer.sent()
    assert clock.slept == list(RETRIES)
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("batiyoun"))
    assert "given up" in ours
    assert "could not be written" in ours
    for secret in ("asha@", "nobody", "012345"):
        assert secret not in ours
    assert caplog.text.count("Traceback") == 0


async def test_closing_sends_what_waits(mail_server: MailServer, clock: Clock) -> None:
    transport = SmtpTransport(parse_server(mail_server.url()), ca=mail_server.ca)
    mailer = Mailer(transport, sender=SENDER, runtime=clock.runtime(), sleep=clock.sleep)
    for _ in range(6):
        mailer.send(LETTER)
    await mailer.close()
    assert len(mail_server.letters) == 6


async def test_a_flood_is_refused_before_it_fills_the_memory(mail_server: MailServer, clock: Clock) -> None:
    mailer = Mailer(SmtpTransport(parse_server("smtp://localhost:1")), sender=SENDER, runtime=clock.runtime())
    for _ in range(MAX_WAITING):
        mailer.send(LETTER)
    with pytest.raises(Unavailable):
        mailer.send(LETTER)


async def test_without_a_mail_server_letters_are_printed(tmp_path: Path) -> None:
    lines: list[str] = []
    console = Console(lines.append)
    console.send(LETTER)
    await console.close()
    (shown,) = lines
    assert "Mail to asha@example.org: 012345 is your code" in shown
    assert "\n      012345\n" in shown
    assert Mailer.reaches_people is not console.reaches_people
