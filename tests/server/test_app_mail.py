"""Mail of the real server: through a mail server, or on its console."""

from __future__ import annotations

import asyncio
import re
import stat
from pathlib import Path

import httpx

from tests.harness.accounts import ASHA
from tests.harness.mail import SENDER, MailServer, mail_server
from tests.harness.people import NO_CERTIFICATES
from tests.harness.server import Server

__all__ = ["mail_server"]

REQUEST = {"email": ASHA["email"], "purpose": "signup"}


async def test_somebody_signs_up_with_a_code_by_mail(tmp_path: Path, mail_server: MailServer) -> None:
    settings = {"SMTP_URL": mail_server.url(), "SMTP_CA": str(mail_server.ca), "MAIL_FROM": SENDER}
    server = Server(tmp_path, **settings)
    await asyncio.to_thread(server.start)
    try:
        async with httpx.AsyncClient(base_url=server.url, verify=NO_CERTIFICATES) as browser:
            assert (await browser.post("/api/auth/request-otp", json=REQUEST)).status_code == 202
            await mail_server.wait_for(1)
            shown = {"email": ASHA["email"], "code": mail_server.code()}
            ticket = (await browser.post("/api/auth/verify-otp", json=shown)).json()["ticket"]
            signed = await browser.post("/api/auth/signup", json=ASHA | {"ticket": ticket})
            assert (signed.status_code, signed.json()["user"]["verified"]) == (201, True)
        assert server.url in str(mail_server.letters[0])
        assert mail_server.code() not in server.output
        assert stat.S_IMODE((server.data_dir / "code-key").stat().st_mode) == 0o600
    finally:
        server.kill()


async def test_without_a_mail_server_the_console_shows_the_code(tmp_path: Path) -> None:
    server = Server(tmp_path)
    await asyncio.to_thread(server.start)
    try:
        async with httpx.AsyncClient(base_url=server.url, verify=NO_CERTIFICATES) as browser:
            answer = await browser.post("/api/auth/request-otp", json=REQUEST)
            assert answer.json()["delivery"] == "console"
            code = re.search(r"^ +(\d{6})$", server.output, re.MULTILINE)
            assert code, server.output
            shown = await browser.post("/api/auth/verify-otp", json={"email": ASHA["email"], "code": code[1]})
            assert shown.json()["ticket"]
    finally:
        server.kill()
