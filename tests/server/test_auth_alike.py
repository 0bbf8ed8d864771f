"""Security check 1 for signing up: with a mail server nobody learns from it who has an account."""

from __future__ import annotations

from functools import partial
from typing import Any

import httpx
import pytest

from tests.harness.accounts import ASHA, Accounts, problem_of
from tests.harness.codes import code_for, mailing, show, with_account
from tests.harness.mail import MailServer, mail_server
from tests.harness.timing import ALIKE, difference, seconds

__all__ = ["mail_server", "mailing"]

KNOWN, UNKNOWN = ASHA["email"], "nobody@example.org"


async def sign_up(browser: httpx.AsyncClient, email: str, **more: Any) -> httpx.Response:
    body = {"email": email, "username": "somebody", "password": "correct horse battery"} | more
    return await browser.post("/api/auth/signup", json=body)


@pytest.mark.parametrize("ticket", [None, "x" * 43])
async def test_01_signing_up_answers_alike_for_known_and_unknown_addresses(
    mailing: Accounts, mail_server: MailServer, ticket: str | None
) -> None:
    await with_account(mailing, mail_server)
    async with mailing.client() as browser:
        known, unknown = [await sign_up(browser, email, ticket=ticket) for email in (KNOWN, UNKNOWN)]
    assert problem_of(known) == (403, "address_unverified")
    assert known.content == unknown.content
    assert set(known.headers) == set(unknown.headers)


async def test_01_a_ticket_for_another_address_tells_nothing(mailing: Accounts, mail_server: MailServer) -> None:
    await with_account(mailing, mail_server)
    async with mailing.client() as browser:
        asked = await browser.post("/api/auth/request-otp", json={"email": "third@example.org", "purpose": "signup"})
        assert asked.status_code == 202
        await mailing.post.sent()  # type: ignore[union-attr]  # there is a mail server
        ticket = (await show(browser, mail_server.code(), "third@example.org")).json()["ticket"]
        known, unknown = [await sign_up(browser, email, ticket=ticket) for email in (KNOWN, UNKNOWN)]
    assert problem_of(known) == (403, "address_unverified")
    assert known.content == unknown.content


async def test_01_signing_up_takes_the_same_time_for_known_and_unknown_addresses(
    mailing: Accounts, mail_server: MailServer
) -> None:
    await with_account(mailing, mail_server)
    async with mailing.client() as browser:

        async def answer(email: str) -> float:
            async def wait() -> None:
                assert (await sign_up(browser, email, ticket="x" * 43)).status_code == 403

            return await seconds(wait())

        apart = await difference(partial(answer, KNOWN), partial(answer, UNKNOWN))
    assert abs(apart) < ALIKE


async def test_01_whoever_has_the_mailbox_may_know(mailing: Accounts, mail_server: MailServer) -> None:
    """A code for signing up is never sent to an address that has an account, so no ticket for one exists."""
    await with_account(mailing, mail_server)
    async with mailing.client() as browser:
        with pytest.raises(AssertionError):
            await code_for(mailing, mail_server, browser, "signup")
