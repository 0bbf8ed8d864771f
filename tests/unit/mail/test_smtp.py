"""Handing letters to a real SMTP server."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest

from batiyoun.mail.compose import compose
from batiyoun.mail.model import Letter
from batiyoun.mail.server import SmtpServer, parse_server
from batiyoun.mail.service import MailLost, MailRefused
from batiyoun.mail.smtp import SmtpTransport
from batiyoun.runtime import Runtime
from tests.harness.mail import SENDER, USER, MailServer, mail_server, open_mail_server, text_of

__all__ = ["mail_server"]


def message(to: str = "asha@example.org") -> EmailMessage:
    letter = Letter(to, "login_code", "hi", {"code": "012345", "minutes": "10", "place": "https://chat.example.org"})
    return compose(letter, sender=SENDER, runtime=Runtime())


async def test_a_letter_goes_over_starttls_with_a_login(mail_server: MailServer) -> None:
    await SmtpTransport(parse_server(mail_server.url()), ca=mail_server.ca).send(message())
    (letter,) = mail_server.letters
    assert mail_server.recipients == ["asha@example.org"]
    assert mail_server.logins == [USER.encode()]
    assert letter["From"] == SENDER
    assert letter["Subject"].startswith("012345 ")
    assert "बतियौं" in letter["Subject"]
    assert letter["Message-ID"].endswith("@example.org>")
    assert "उसी ब्राउज़र" in text_of(letter)


async def test_a_letter_goes_over_tls_from_the_first_byte(tmp_path: Path) -> None:
    async with open_mail_server(tmp_path, tls="implicit") as server:
        await SmtpTransport(parse_server(server.url(scheme="smtps")), ca=server.ca).send(message())
        assert server.recipients == ["asha@example.org"]


async def test_an_unknown_authority_gets_neither_letter_nor_password(mail_server: MailServer) -> None:
    with pytest.raises(MailRefused, match="certificate"):
        await SmtpTransport(parse_server(mail_server.url())).send(message())
    assert (mail_server.letters, mail_server.logins) == ([], [])


async def test_a_server_elsewhere_without_starttls_gets_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # loopback is all there is here, so the rule is asked to think otherwise
    monkeypatch.setattr(SmtpServer, "local", False)
    async with open_mail_server(tmp_path, tls="none") as server:
        with pytest.raises(MailRefused):
            await SmtpTransport(SmtpServer("localhost", server.port, False, None, None)).send(message())
        assert server.letters == []


async def test_a_server_on_this_machine_may_do_without_tls(tmp_path: Path) -> None:
    async with open_mail_server(tmp_path, tls="none") as server:
        await SmtpTransport(SmtpServer("localhost", server.port, False, None, None)).send(message())
        assert len(server.letters) == 1


async def test_a_wrong_password_is_refused_for_good(mail_server: MailServer) -> None:
    with pytest.raises(MailRefused, match="535"):
        await SmtpTransport(parse_server(mail_server.url(password="wrong")), ca=mail_server.ca).send(message())


@pytest.mark.parametrize(
    ("answer", "error"), [("451 later", MailLost), ("421 busy", MailLost), ("550 no", MailRefused)]
)
async def test_the_server_decides_whether_trying_again_helps(
    mail_server: MailServer, answer: str, error: type[Exception]
) -> None:
    mail_server.answers.append(answer)
    with pytest.raises(error):
        await SmtpTransport(parse_server(mail_server.url()), ca=mail_server.ca).send(message())


async def test_a_server_that_is_away_may_come_back(tmp_path: Path) -> None:
    async with open_mail_server(tmp_path) as server:
        pass
    with pytest.raises(MailLost):
        await SmtpTransport(parse_server(server.url()), ca=server.ca).send(message())


async def test_an_address_beyond_ascii_goes_where_the_server_can_do_that(tmp_path: Path) -> None:
    async with open_mail_server(tmp_path) as server:
        await SmtpTransport(parse_server(server.url()), ca=server.ca).send(message("आशा@example.org"))
        assert server.recipients == ["आशा@example.org"]
    async with open_mail_server(tmp_path, smtputf8=False) as old:
        with pytest.raises(MailRefused):
            await SmtpTransport(parse_server(old.url()), ca=old.ca).send(message("आशा@example.org"))


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.org", SmtpServer("mail.example.org", 587, False, None, None)),
        ("smtps://a%40b:c%2Fd@mail.example.org", SmtpServer("mail.example.org", 465, True, "a@b", "c/d")),
        ("smtp://127.0.0.1:2525", SmtpServer("127.0.0.1", 2525, False, None, None)),
    ],
)
def test_the_url_says_where_and_how(url: str, server: SmtpServer) -> None:
    assert parse_server(url) == server


@pytest.mark.parametrize("url", ["mail.example.org", "http://x", "smtp://", "smtp://a@b", "smtp://x/y", "smtp://x:y"])
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 the sentence is the settings' affair
        parse_server(url)


@pytest.mark.parametrize(
    ("host", "local"), [("localhost", True), ("127.0.0.9", True), ("::1", True), ("10.0.0.1", False), ("mx", False)]
)
def test_only_this_machine_is_local(host: str, local: bool) -> None:
    assert SmtpServer(host, 25, False, None, None).local is local
