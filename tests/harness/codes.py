"""Codes by mail, as a browser and a mailbox see them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from batiyoun.mail.service import Mailer
from tests.harness.accounts import ASHA, Accounts, open_accounts
from tests.harness.mail import MailServer

ADDRESS = ASHA["email"]


@pytest.fixture
async def mailing(tmp_path: Path, mail_server: MailServer) -> AsyncIterator[Accounts]:
    """The application with a mail server and without limits."""
    async with open_accounts(tmp_path / "app", rate_limits=False, **mail_server.settings()) as opened:
        yield opened


async def ask(
    browser: httpx.AsyncClient, purpose: str = "login", email: str = ADDRESS, **headers: str
) -> httpx.Response:
    """Ask for a letter."""
    return await browser.post("/api/auth/request-otp", json={"email": email, "purpose": purpose}, headers=headers)


async def show(browser: httpx.AsyncClient, code: str, email: str = ADDRESS) -> httpx.Response:
    """Show a code."""
    return await browser.post("/api/auth/verify-otp", json={"email": email, "code": code})


async def code_for(app: Accounts, server: MailServer, browser: httpx.AsyncClient, purpose: str = "login") -> str:
    """The code that arrives in the mailbox."""
    assert (await ask(browser, purpose)).status_code == 202
    await sent(app)
    return server.code()


async def sent(app: Accounts) -> None:
    """Wait until every letter has left."""
    assert isinstance(app.post, Mailer)
    await app.post.sent()


async def with_account(app: Accounts, server: MailServer, **more: Any) -> httpx.AsyncClient:
    """A browser in which Asha has just signed up, with a proved address."""
    browser = app.client()
    code = await code_for(app, server, browser, "signup")
    ticket = (await show(browser, code)).json()["ticket"]
    answer = await browser.post("/api/auth/signup", json=ASHA | {"ticket": ticket} | more)
    assert answer.status_code == 201, answer.text
    return browser
