"""With an account elsewhere: a real OpenID provider, and the browser that goes there and comes back."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.e2e import axe
from tests.e2e.messenger import SOON
from tests.e2e.newcomers import Visitor
from tests.e2e.words import say
from tests.harness.oidc import ASHA_ELSEWHERE, CLIENT_ID, CLIENT_SECRET, ProviderServer, running_provider
from tests.harness.server import Server, free_port

NAME = "Family ID"


@dataclass
class Place:
    """Our server, and the provider that it trusts."""

    server: Server
    provider: ProviderServer

    async def visitor(self, browser: Browser, account: dict[str, Any] | None = ASHA_ELSEWHERE, **more: Any) -> Visitor:
        """Somebody who is signed in at the provider as that account; None: they say no there."""
        person = await Visitor.at(browser, self.server.url, **more)
        # with every request: those that follow a redirect cannot be changed one by one
        await person.page.set_extra_http_headers({"x-account": "no" if account is None else json.dumps(account)})
        return person


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """Both, each on a port of its own."""
    async with AsyncExitStack() as stack:
        # ours is held until the provider, which must know it, has another one
        with socket.socket() as held:
            port = free_port()
            held.bind(("127.0.0.1", port))
            url = f"http://127.0.0.1:{port}"
            callback = f"{url}/api/auth/google/callback"
            provider = await stack.enter_async_context(running_provider(callback=callback))
        server = Server(
            tmp_path,
            PORT=str(port),
            PUBLIC_URL=url,
            OIDC_ISSUER=provider.issuer,
            OIDC_CLIENT_ID=CLIENT_ID,
            OIDC_CLIENT_SECRET=CLIENT_SECRET,
            OIDC_NAME=NAME,
        )
        stack.push_async_callback(asyncio.to_thread, server.kill)
        await asyncio.to_thread(server.start)
        yield Place(server, provider)


async def _continue(person: Visitor) -> None:
    await person.page.get_by_role("link", name=say("auth.withProvider", name=NAME)).click()


async def test_a_newcomer_signs_up_with_an_account_elsewhere_and_comes_back_in(browser: Browser, place: Place) -> None:
    asha = await place.visitor(browser)
    await asha.page.goto("/signup")
    await _continue(asha)
    await asha.says("auth.elsewhereText", email="asha@example.org")
    await expect(asha.field("forms.username")).to_have_value("asha.k")
    await expect(asha.page.get_by_text(say("forms.usernameFree", username="asha.k"))).to_be_visible(timeout=SOON)
    await axe.check(asha.page, "signing up with an account elsewhere")
    await asha.button("auth.signUp").click()
    await asha.is_in()

    again = await place.visitor(browser)
    await again.page.goto("/login?next=/settings/security")
    await _continue(again)
    await again.is_in()
    for person in (asha, again):
        person.window.check()


async def test_an_invitation_is_kept_over_the_journey(browser: Browser, place: Place) -> None:
    bala = await Visitor.at(browser, place.server.url, "bala", "Bala Kumar")
    await bala.sign_up()
    await bala.open_settings("invitations")
    await bala.button("invites.make").click()
    await bala.button("invites.makeNow").click()
    link = await bala.page.locator("[data-secret]").inner_text()
    asha = await place.visitor(browser)
    await asha.page.goto(link)
    await asha.page.get_by_role("link", name=say("auth.signUp")).click()
    await _continue(asha)
    await asha.says("auth.invitedBy", name="Bala Kumar")
    await asha.button("auth.signUp").click()
    await asha.is_with("Bala Kumar")
    asha.window.check()


async def test_who_says_no_elsewhere_is_told_so_here(browser: Browser, place: Place) -> None:
    asha = await place.visitor(browser, None)
    await asha.page.goto("/login")
    await _continue(asha)
    await asha.says("problems.provider_refused")
    await expect(asha.field("auth.identifier")).to_be_visible()
    await axe.check(asha.page, "refused elsewhere")
    asha.window.check()


async def test_an_account_elsewhere_is_linked_and_unlinked(browser: Browser, place: Place) -> None:
    asha = await place.visitor(browser)
    await asha.sign_up()
    await asha.open_settings("security")
    await asha.button_named(say("security.link", name=NAME)).click()
    await asha.notices("security.linkedNow")
    await expect(asha.page.get_by_role("list", name=say("security.linked"))).to_contain_text(NAME, timeout=SOON)
    exported = await (await asha.page.request.get("/api/users/me/export")).json()
    assert [identity["email"] for identity in exported["identities"]] == ["asha@example.org"]
    await asha.button_named(say("security.unlink")).click()
    question = asha.page.get_by_role("alertdialog")
    await question.get_by_role("button", name=say("security.unlink"), exact=True).click()
    await asha.notices("security.unlinked")
    asha.window.check()
