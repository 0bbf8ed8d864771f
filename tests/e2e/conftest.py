"""People in front of a real browser and a real server. What a page complains about fails its test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser

from scripts import client
from tests.e2e.messenger import Messenger
from tests.harness.browser import launched
from tests.harness.fixtures import server
from tests.harness.mail import SENDER, MailServer, mail_server
from tests.harness.proxy import Wire, wire_to
from tests.harness.server import Server

__all__ = ["mail_server", "server"]

#: Makes somebody who has just signed up: `await newcomer("asha", "Asha")`.
Newcomer = Callable[[str, str], Awaitable[Messenger]]


@pytest.fixture(scope="session", autouse=True)
def built_client() -> None:
    """The browser sees the client as it is in the source tree."""
    client.ensure_built()


@pytest.fixture
async def mailing(tmp_path: Path, mail_server: MailServer) -> AsyncIterator[Server]:
    """A server whose letters go to a real mail server, and so to people."""
    settings = {"SMTP_URL": mail_server.url(), "SMTP_CA": str(mail_server.ca), "MAIL_FROM": SENDER}
    async with _running(tmp_path, **settings) as running:
        yield running


@pytest.fixture
async def console(tmp_path: Path) -> AsyncIterator[Server]:
    """A server that wants addresses to be proved and has only its console for the codes."""
    async with _running(tmp_path, VERIFY_EMAIL="on") as running:
        yield running


@pytest.fixture
async def inviting(tmp_path: Path) -> AsyncIterator[Server]:
    """A server that lets in who was invited."""
    async with _running(tmp_path, SIGNUP="invitation") as running:
        yield running


@pytest.fixture
async def encrypting(tmp_path: Path) -> AsyncIterator[Server]:
    """A server on which people's chats are encrypted."""
    async with _running(tmp_path, ENCRYPTION="on") as running:
        yield running


@asynccontextmanager
async def _running(folder: Path, **settings: str) -> AsyncIterator[Server]:
    """Started beside the loop, because the mail server lives in it."""
    running = Server(folder, **settings)
    await asyncio.to_thread(running.start)
    try:
        yield running
    finally:
        await asyncio.to_thread(running.kill)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A browser of its own for the test."""
    async with launched() as running:
        yield running


@pytest.fixture
async def wire(server: Server) -> AsyncIterator[Wire]:
    """What stands between the browser and the server."""
    async with wire_to(server.port) as own:
        yield own


@pytest.fixture
async def newcomer(browser: Browser, wire: Wire) -> AsyncIterator[Newcomer]:
    """Signs people up, each in a window of their own; at the end nobody's console may have complained."""
    people: list[Messenger] = []

    async def sign_up(username: str, name: str) -> Messenger:
        people.append(await Messenger.newcomer(browser, wire.url, username, name))
        return people[-1]

    yield sign_up
    for person in people:
        person.window.check()
