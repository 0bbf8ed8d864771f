"""How long forms may be: what strangers send is small before anybody looks at it."""

from __future__ import annotations

import pytest

from batiyoun.app import contract
from batiyoun.http import FORM_LIMIT, FORMS, struct_schemas
from tests.harness.accounts import Accounts, accounts, problem_of

__all__ = ["accounts"]


@pytest.mark.parametrize("path", ["/api/auth/login", "/api/users/me", "/api/invites", "/api/auth/passkeys/login"])
async def test_35_no_stranger_makes_the_server_read_a_long_form(accounts: Accounts, path: str) -> None:
    """Bodies become objects before anybody asks who sends them."""
    headers = {"content-type": "application/json"}
    long = b'{"identifier":"a","password":"b","x":[' + b"[]," * 11_000 + b"[]]}"
    async with accounts.client() as browser:
        refused = await browser.post(path, content=long, headers=headers)
        assert problem_of(refused) == (413, "payload_too_large")
        answer = await browser.post(path, content=long[: FORM_LIMIT - 3] + b"]]}", headers=headers)
        assert answer.status_code in {400, 401, 405}


def test_35_every_body_that_becomes_objects_is_a_form() -> None:
    """Structs are decoded in one pass that skips what they do not name; pydantic's models are not."""
    structs = struct_schemas()
    for path, methods in contract()["openapi"]["paths"].items():
        for described in methods.values():
            content = described.get("requestBody", {}).get("content", {}).get("application/json")
            if content is not None and content["schema"].get("$ref", "").rpartition("/")[2] not in structs:
                assert path.startswith(FORMS), f"name {path} in batiyoun.http.FORMS, or read it with struct_body"
