"""Two things about one account in the same moment, over HTTP, with real stores."""

from __future__ import annotations

from pathlib import Path

import pytest

from batiyoun.auth.model import SignedIn
from batiyoun.users.model import User
from tests.harness.accounts import open_accounts, problem_of
from tests.harness.passkey import SoftAuthenticator, add, login_with

ORIGIN = "https://chat.example.org"


async def test_13_a_passkey_that_is_taken_away_while_it_signs_in_opens_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the owner of an address comes in the very moment in which somebody else signs in with theirs."""
    device = SoftAuthenticator(ORIGIN)
    async with open_accounts(tmp_path, public_url=ORIGIN, rate_limits=False) as here:
        home = await here.signed_up("asha")
        await add(home, device)
        begin = here.auth._begin

        async def overtaken(user: User, user_agent: str) -> SignedIn:
            assert await here.stores.accounts.prove_address(user.id)
            await here.auth.revoke_all(user.id)
            return await begin(user, user_agent)

        monkeypatch.setattr(here.auth, "_begin", overtaken)
        phone = here.client()
        assert problem_of(await login_with(phone, device)) == (401, "invalid_login")
        (asha,) = await here.stores.users.search("asha", 1)
        assert await here.auth.sessions_of(asha.id) == []
