"""A sign-in that waits for the second factor opens no connection, whichever way it is shown."""

from __future__ import annotations

import time

import httpx
import pytest
import socketio.exceptions

from tests.harness.accounts import Clock
from tests.harness.authenticator import App
from tests.harness.people import Person, Town


async def refused(person: Person, token: str | None = None) -> None:
    with pytest.raises(socketio.exceptions.ConnectionError):
        async with person.online(token):
            pass


async def test_without_the_second_factor_there_is_no_connection(town: Town) -> None:
    asha = await town.sign_up("asha")
    secret = (await asha.http.post("/api/auth/totp/setup")).json()["secret"]
    app = App(secret, Clock(now=time.time()))
    assert (await asha.http.post("/api/auth/totp/confirm", json={"code": app.code()})).is_success
    async with town.visitor() as browser:
        half = Person(browser, asha.user, asha.password)
        body = {"identifier": asha.username, "password": asha.password}
        assert (await browser.post("/api/auth/login", json=body)).json()["code"] == "second_factor_required"
        waiting = browser.cookies["batiyoun-pending"]
        await refused(half)
        await refused(half, waiting)
        browser.cookies.set("batiyoun", waiting)
        await refused(half)
        del browser.cookies["batiyoun"]
        assert (await browser.get("/api/auth/verify-me")).status_code == 401
        assert (await show(browser, app.code(1))).is_success, "a step ahead: this one was used to confirm"
        async with half.online():
            token = (await browser.get("/api/auth/verify-me")).json()["token"]
        async with half.online(token):
            pass


async def show(browser: httpx.AsyncClient, code: str) -> httpx.Response:
    return await browser.post("/api/auth/second-factor", json={"code": code})
