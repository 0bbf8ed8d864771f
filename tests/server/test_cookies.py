"""Security check 15: every cookie that this server can set, over HTTPS."""

from __future__ import annotations

import re
from http.cookies import Morsel, SimpleCookie
from pathlib import Path

import httpx
import pytest

import batiyoun
from batiyoun.auth.oidc.service import Journey, Newcomer
from tests.harness.accounts import PASSWORD, Accounts, login, open_accounts
from tests.harness.authenticator import turn_on
from tests.harness.oidc import ProviderServer, provider

__all__ = ["provider"]

PLACE = "https://chat.example.org"
#: seen by pages of other sites on the way here, because a link or a provider leads here; all others are strict
LAX = {"__Host-batiyoun", "__Host-batiyoun-oidc"}


def names_in_the_source() -> set[str]:
    sources = Path(batiyoun.__file__).parent.rglob("*.py")
    return {name for source in sources for name in re.findall(r'"(__Host-[\w-]+)"', source.read_text())}


async def give_all(app: Accounts, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The Set-Cookie headers of somebody who does everything that sets one, and takes back what can be taken back."""
    given: list[str] = []

    async def note(answer: httpx.Response) -> None:
        given.extend(answer.headers.get_list("set-cookie"))

    browser = await app.signed_up("asha")
    browser.event_hooks = {"response": [note]}
    await login(browser)
    for path, body in (
        ("/api/auth/request-otp", {"email": "asha@example.org", "purpose": "login"}),
        ("/api/auth/passkeys/login-options", None),
        ("/api/auth/step-up/request-code", None),
        ("/api/users/me/email", {"email": "new@example.org"}),
    ):
        answer = await browser.post(path, json=body) if body else await browser.post(path)
        assert answer.is_success, answer.text
    await browser.get("/api/auth/google")
    authenticator, _ = await turn_on(app, browser)
    await login(browser)
    assert (await browser.post("/api/auth/second-factor", json={"code": authenticator.next()})).is_success

    async def returned(*_: object) -> Journey:
        return Journey("login", "", "/", "nonce", "verifier")

    async def stranger(*_: object, **__: object) -> Newcomer:
        return Newcomer("sealed")

    monkeypatch.setattr(app.app.state.elsewhere, "returned", returned)
    monkeypatch.setattr(app.app.state.elsewhere, "sign_in", stranger)
    assert (await browser.get("/api/auth/google/callback")).headers["location"] == "/sign-up#oidc"
    assert (await browser.post("/api/auth/logout")).is_success
    return given


async def test_15_every_cookie_that_is_ever_set_is_for_this_host_alone(
    provider: ProviderServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = provider.settings() | {"public_url": PLACE, "rate_limits": False}
    async with open_accounts(tmp_path, **settings) as app:
        given = await give_all(app, monkeypatch)
    cookies: list[Morsel[str]] = [cookie for header in given for cookie in SimpleCookie(header).values()]
    assert {cookie.key for cookie in cookies} == names_in_the_source(), "set each cookie in `give_all`"
    assert any(cookie["max-age"] == "0" for cookie in cookies), "taking one back must look like giving it"
    for cookie in cookies:
        assert (cookie["secure"], cookie["httponly"], cookie["path"]) == (True, True, "/"), cookie.key
        assert cookie["domain"] == "", cookie.key
        assert cookie["samesite"].lower() == ("lax" if cookie.key in LAX else "strict"), cookie.key
        assert PASSWORD not in cookie.value
