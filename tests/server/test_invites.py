"""Who may sign up, and invitations, over HTTP with real stores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from batiyoun.runtime import uuid7
from tests.harness.accounts import ASHA, Accounts, open_accounts, problem_of


@pytest.fixture
def policy() -> str:
    return "invitation"


@pytest.fixture
async def accounts(tmp_path: Path, policy: str) -> Any:
    async with open_accounts(tmp_path, signup=policy) as opened:
        yield opened


def contents(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("accounts.db*"))


def body(name: str, **more: Any) -> dict[str, Any]:
    return ASHA | {"email": f"{name}@example.org", "username": name} | more


async def invited(browser: httpx.AsyncClient, **wish: Any) -> dict[str, Any]:
    answer = await browser.post("/api/invites", json=wish)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()["invite"]
    return made


async def signup(accounts: Accounts, name: str, **more: Any) -> httpx.Response:
    async with accounts.client() as browser:
        return await browser.post("/api/auth/signup", json=body(name, **more))


async def options(accounts: Accounts) -> dict[str, Any]:
    async with accounts.client() as browser:
        answer: dict[str, Any] = (await browser.get("/api/auth/options")).json()
        return answer


# ── who may sign up ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("policy", ["open", "invitation"])
async def test_the_first_account_owns_the_server(accounts: Accounts, policy: str) -> None:
    assert {"signup": policy, "firstUser": True}.items() <= (await options(accounts)).items()
    asha = await accounts.signed_up("asha")
    assert (await asha.get("/api/users/me")).json()["role"] == "owner"
    assert (await options(accounts))["firstUser"] is False


@pytest.mark.parametrize("policy", ["open"])
async def test_everybody_after_the_first_is_a_member(accounts: Accounts) -> None:
    await accounts.signed_up("asha")
    ravi = await accounts.signed_up("ravi")
    assert (await ravi.get("/api/users/me")).json()["role"] == "member"


@pytest.mark.parametrize("policy", ["closed"])
async def test_where_sign_up_is_closed_nobody_gets_in(accounts: Accounts) -> None:
    assert problem_of(await signup(accounts, "eve")) == (403, "signup_closed")
    assert problem_of(await signup(accounts, "eve", invite="x" * 43)) == (403, "signup_closed")
    async with accounts.client() as browser:
        wish = {"email": "eve@example.org", "purpose": "signup"}
        assert problem_of(await browser.post("/api/auth/request-otp", json=wish)) == (403, "signup_closed")
    assert accounts.console == [], "nobody gets a letter about what they cannot do"
    assert (await options(accounts))["signup"] == "closed"


async def test_without_an_invitation_nobody_follows_the_first(accounts: Accounts) -> None:
    await accounts.signed_up("asha")
    assert problem_of(await signup(accounts, "eve")) == (403, "invite_required")
    for wrong in ("x" * 43, "", "x", "\0" * 43):
        assert problem_of(await signup(accounts, "eve", invite=wrong)) == (404, "invite_invalid")


# ── invitations ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_an_invitation_lets_one_person_in(accounts: Accounts) -> None:
    asha = await accounts.signed_up("asha")
    made = await invited(asha, note=" for  Ravi ")
    assert made["url"] == f"{accounts.base_url}/invite/{made['code']}"
    assert (made["uses"], made["maxUses"], made["note"]) == (0, 1, "for Ravi")
    async with accounts.client() as browser:
        shown = (await browser.get(f"/api/invites/{made['code']}")).json()
        me = (await asha.get("/api/users/me")).json()
        assert shown == {"inviter": (await asha.get(f"/api/users/{me['id']}")).json(), "expiresAt": made["expiresAt"]}
    assert (await signup(accounts, "ravi", invite=made["code"])).status_code == 201
    assert problem_of(await signup(accounts, "eve", invite=made["code"])) == (404, "invite_invalid")
    (listed,) = (await asha.get("/api/invites")).json()["invites"]
    assert listed == made | {"uses": 1, "code": None, "url": None}


async def test_signing_up_opens_the_chat_with_the_inviter(accounts: Accounts) -> None:
    asha = await accounts.signed_up("asha")
    made = await invited(asha)
    answer = await signup(accounts, "ravi", invite=made["code"])
    assert accounts.met == [(answer.json()["user"]["id"], (await asha.get("/api/users/me")).json()["id"])]


async def test_an_account_stands_also_when_the_chat_cannot_be_opened(accounts: Accounts) -> None:
    asha = await accounts.signed_up("asha")
    made = await invited(asha)
    accounts.met_fails = True
    assert (await signup(accounts, "ravi", invite=made["code"])).status_code == 201


async def test_who_has_an_account_follows_the_link_again_and_again(accounts: Accounts) -> None:
    asha = await accounts.signed_up("asha")
    ravi = await accounts.signed_up("ravi", invite=(await invited(asha))["code"])
    made = await invited(asha)
    for _ in range(2):
        answer = await ravi.post(f"/api/invites/{made['code']}/accept")
        assert (answer.status_code, set(answer.json())) == (200, {"chatId"})
    assert problem_of(await asha.post(f"/api/invites/{made['code']}/accept"))[1] in {"conflict", "invite_invalid"}
    assert problem_of(await ravi.post("/api/invites/x/accept")) == (404, "invite_invalid")
    log = (await asha.get("/api/users/me/audit")).json()["events"]
    assert [event["kind"] for event in log].count("invite_used") == 2


async def test_one_s_own_invitation_is_for_somebody_else(accounts: Accounts) -> None:
    asha = await accounts.signed_up("asha")
    made = await invited(asha)
    assert problem_of(await asha.post(f"/api/invites/{made['code']}/accept")) == (409, "conflict")


async def test_a_withdrawn_invitation_is_nothing(accounts: Accounts) -> None:
    asha = await accounts.signed_up("asha")
    made = await invited(asha)
    assert (await asha.delete(f"/api/invites/{made['id']}")).status_code == 204
    assert problem_of(await asha.delete(f"/api/invites/{made['id']}")) == (404, "not_found")
    assert problem_of(await asha.get(f"/api/invites/{made['code']}")) == (404, "invite_invalid")
    assert problem_of(await signup(accounts, "eve", invite=made["code"])) == (404, "invite_invalid")


async def test_24_nobody_sees_or_withdraws_the_invitations_of_others(accounts: Accounts) -> None:
    asha = await accounts.signed_up("asha")
    ravi = await accounts.signed_up("ravi", invite=(await invited(asha))["code"])
    made = await invited(asha)
    assert (await ravi.get("/api/invites")).json() == {"invites": []}
    for which in (made["id"], made["code"], uuid7(), "x", "' or 1=1"):
        assert problem_of(await ravi.delete(f"/api/invites/{which}")) == (404, "not_found")
    assert (await asha.get(f"/api/invites/{made['code']}")).status_code == 200


async def test_49_the_code_of_an_invitation_is_not_kept(accounts: Accounts, tmp_path: Path) -> None:
    asha = await accounts.signed_up("asha")
    made = await invited(asha)
    assert made["code"].encode() not in contents(tmp_path)


@pytest.mark.parametrize(
    "wish",
    [
        {"maxUses": 0},
        {"maxUses": 1001},
        {"maxUses": "5"},
        {"expiresInDays": 0},
        {"expiresInDays": 91},
        {"note": "x" * 121},
        {"note": "\u202e"},
    ],
)
async def test_31_a_wish_must_make_sense(accounts: Accounts, wish: dict[str, Any]) -> None:
    asha = await accounts.signed_up("asha")
    assert problem_of(await asha.post("/api/invites", json=wish)) == (400, "invalid_input")
