"""An authenticator app, as somebody's phone runs it."""

from __future__ import annotations

from dataclasses import dataclass

import httpx
import pyotp

from tests.harness.accounts import Accounts, Clock


@dataclass
class App:
    """Shows codes of one secret by the test's clock."""

    secret: str
    clock: Clock

    def code(self, steps: int = 0) -> str:
        """The code that is shown now, or that many steps of 30 seconds later."""
        return pyotp.TOTP(self.secret).at(int(self.clock.now), counter_offset=steps)

    def next(self) -> str:
        """The code after the one that was used: time goes on until it is shown."""
        self.clock.now += 30
        return self.code()

    def wrong(self) -> str:
        """Six digits that are no code around now."""
        near = {self.code(steps) for steps in (-2, -1, 0, 1, 2)}
        return next(digits for digits in (f"{number:06d}" for number in range(10)) if digits not in near)


async def turn_on(accounts: Accounts, browser: httpx.AsyncClient) -> tuple[App, list[str]]:
    """Set up an app for whoever is signed in in that browser; returns it with the recovery codes."""
    setup = await browser.post("/api/auth/totp/setup")
    assert setup.status_code == 200, setup.text
    app = App(setup.json()["secret"], accounts.clock)
    confirmed = await browser.post("/api/auth/totp/confirm", json={"code": app.code()})
    assert confirmed.status_code == 200, confirmed.text
    return app, confirmed.json()["recoveryCodes"]
