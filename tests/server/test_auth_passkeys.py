"""Passkeys over HTTP, with real stores and an authenticator in software."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from batiyoun.auth.model import ATTEMPT_LIFETIME
from batiyoun.auth.passkeys.model import MAX_PASSKEYS
from batiyoun.auth.passkeys.relying_party import RelyingParty
from batiyoun.storage.sql.tables import users
from tests.harness.accounts import ASHA, PASSWORD, Accounts, login, open_accounts, problem_of
from tests.harness.authenticator import turn_on
from tests.harness.codes import code_for, mailing, show, with_account
from tests.harness.mail import MailServer, mail_server
from tests.harness.passkey import SoftAuthenticator, add, decode, encode, login_with, options_of

__all__ = ["mail_server", "mailing"]

REFUSED = (400, "invalid_passkey")
ORIGIN = "https://chat.example.org"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Accounts]:
    async with open_accounts(tmp_path, public_url=ORIGIN, rate_limits=False) as opened:
        yield opened


@pytest.fixture
def device() -> SoftAuthenticator:
    return SoftAuthenticator(ORIGIN)


# ── one's own ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_passkey_is_made_named_listed_and_removed(here: Accounts, device: SoftAuthenticator) -> None:
    browser = await here.signed_up("asha")
    options = await options_of(browser, "passkeys/options")
    assert options["rp"] == {"id": "chat.example.org", "name": "Batiyoun"}
    assert (options["user"]["name"], options["user"]["displayName"]) == ("asha", "asha")
    selection = options["authenticatorSelection"]
    assert (selection["residentKey"], selection["userVerification"]) == ("required", "required")
    assert options["attestation"] == "none"
    made = await add(browser, device)
    assert (made["name"], made["lastUsedAt"]) == ("Telephone", None)
    renamed = await browser.patch(f"/api/auth/passkeys/{made['id']}", json={"name": " Key  ring "})
    assert renamed.json()["passkey"] == made | {"name": "Key ring"}
    assert (await browser.get("/api/auth/passkeys")).json()["passkeys"] == [made | {"name": "Key ring"}]
    assert (await browser.delete(f"/api/auth/passkeys/{made['id']}")).status_code == 204
    assert (await browser.get("/api/auth/passkeys")).json()["passkeys"] == []
    assert problem_of(await browser.delete(f"/api/auth/passkeys/{made['id']}")) == (404, "not_found")


async def test_an_authenticator_is_told_what_it_holds_already(here: Accounts, device: SoftAuthenticator) -> None:
    browser = await here.signed_up("asha")
    await add(browser, device)
    known = (await options_of(browser, "passkeys/options"))["excludeCredentials"]
    assert [each["id"] for each in known] == [encode(device.held[0].id)]


async def test_24_nobody_touches_the_passkeys_of_others(here: Accounts, device: SoftAuthenticator) -> None:
    asha, ravi = await here.signed_up("asha"), await here.signed_up("ravi")
    made = await add(asha, device)
    assert problem_of(await ravi.patch(f"/api/auth/passkeys/{made['id']}", json={"name": "x"})) == (404, "not_found")
    assert problem_of(await ravi.delete(f"/api/auth/passkeys/{made['id']}")) == (404, "not_found")
    assert problem_of(await ravi.delete("/api/auth/passkeys/nonsense")) == (404, "not_found")
    assert len((await asha.get("/api/auth/passkeys")).json()["passkeys"]) == 1


async def test_making_and_removing_needs_a_fresh_proof(here: Accounts, device: SoftAuthenticator) -> None:
    browser = await here.signed_up("asha")
    made = await add(browser, device)
    here.clock.now += 600
    refused = await browser.post("/api/auth/passkeys/options")
    assert problem_of(refused) == (403, "step_up_required")
    assert refused.json()["methods"] == ["password", "passkey", "code"]
    assert problem_of(await browser.delete(f"/api/auth/passkeys/{made['id']}")) == (403, "step_up_required")


async def test_a_passkey_is_a_fresh_proof(here: Accounts, device: SoftAuthenticator) -> None:
    browser = await here.signed_up("asha")
    made = await add(browser, device)
    here.clock.now += 600
    options = await options_of(browser, "step-up/passkey-options")
    assert [each["id"] for each in options["allowCredentials"]] == [encode(device.held[0].id)]
    credential = device.get(options)
    assert (await browser.post("/api/auth/step-up", json={"credential": credential})).status_code == 204
    again = await browser.post("/api/auth/step-up", json={"credential": credential})
    assert (problem_of(again), set(again.json()["fields"])) == (REFUSED, {"credential"})
    assert (await browser.delete(f"/api/auth/passkeys/{made['id']}")).status_code == 204
    none_left = await browser.post("/api/auth/step-up/passkey-options")
    assert problem_of(none_left) == (409, "conflict")


async def test_a_passkey_of_others_is_no_proof(here: Accounts, device: SoftAuthenticator) -> None:
    asha, ravi = await here.signed_up("asha"), await here.signed_up("ravi")
    theirs = SoftAuthenticator(ORIGIN)
    await add(asha, device)
    await add(ravi, theirs)
    options = await options_of(asha, "step-up/passkey-options")
    assert problem_of(await asha.post("/api/auth/step-up", json={"credential": theirs.get(options)})) == REFUSED


async def test_there_is_a_number_that_is_enough(here: Accounts, device: SoftAuthenticator) -> None:
    browser = await here.signed_up("asha")
    for _ in range(MAX_PASSKEYS):
        await add(browser, device)
    assert problem_of(await browser.post("/api/auth/passkeys/options")) == (409, "conflict")


@pytest.mark.parametrize("name", ["", " ", "x" * 65, "a\x00b", 7, None])
async def test_31_names_are_checked(here: Accounts, device: SoftAuthenticator, name: Any) -> None:
    browser = await here.signed_up("asha")
    credential = device.create(await options_of(browser, "passkeys/options"))
    refused = await browser.post("/api/auth/passkeys", json={"credential": credential, "name": name})
    assert (problem_of(refused), set(refused.json()["fields"])) == ((400, "invalid_input"), {"name"})


# ── signing in ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_passkey_signs_in_and_says_who_it_is(here: Accounts, device: SoftAuthenticator) -> None:
    home = await here.signed_up("asha")
    await add(home, device)
    phone = here.client()
    assert (await phone.get("/api/auth/options")).json()["passkeys"] is True
    options = await options_of(phone, "passkeys/login-options")
    assert (options["rpId"], options["userVerification"], options["allowCredentials"]) == (
        "chat.example.org", "required", [],
    )  # fmt: skip
    answer = await phone.post("/api/auth/passkeys/login", json={"credential": device.get(options)})
    assert (answer.status_code, answer.json()["user"]["username"]) == (200, "asha")
    assert (await phone.get("/api/users/me")).status_code == 200
    (listed,) = (await home.get("/api/auth/passkeys")).json()["passkeys"]
    assert listed["lastUsedAt"] is not None


async def test_it_is_two_factors_by_itself(here: Accounts, device: SoftAuthenticator) -> None:
    home = await here.signed_up("asha")
    await add(home, device)
    await turn_on(here, home)
    phone = here.client()
    assert problem_of(await login(phone)) == (401, "second_factor_required")
    assert (await login_with(phone, device)).status_code == 200


async def test_08_the_session_before_ends(here: Accounts, device: SoftAuthenticator) -> None:
    browser = await here.signed_up("asha")
    await add(browser, device)
    old = browser.cookies["__Host-batiyoun"]
    assert (await login_with(browser, device)).status_code == 200
    assert browser.cookies["__Host-batiyoun"] != old
    assert await here.auth.authenticate_cookie(f"__Host-batiyoun={old}") is None


async def test_a_sign_in_page_in_another_tab_keeps_its_own(here: Accounts, device: SoftAuthenticator) -> None:
    await add(await here.signed_up("asha"), device)
    phone = here.client()
    first = await options_of(phone, "passkeys/login-options")
    await options_of(phone, "passkeys/login-options")
    assert (await phone.post("/api/auth/passkeys/login", json={"credential": device.get(first)})).status_code == 200


async def test_an_answer_is_good_once_in_its_browser_for_ten_minutes(here: Accounts, device: SoftAuthenticator) -> None:
    await add(await here.signed_up("asha"), device)
    phone, thief = here.client(), here.client()
    credential = device.get(await options_of(phone, "passkeys/login-options"))
    await options_of(thief, "passkeys/login-options")
    assert problem_of(await thief.post("/api/auth/passkeys/login", json={"credential": credential})) == REFUSED
    credential = device.get(await options_of(phone, "passkeys/login-options"))
    assert (await phone.post("/api/auth/passkeys/login", json={"credential": credential})).status_code == 200
    assert problem_of(await phone.post("/api/auth/passkeys/login", json={"credential": credential})) == REFUSED
    credential = device.get(await options_of(phone, "passkeys/login-options"))
    here.clock.now += ATTEMPT_LIFETIME.total_seconds()
    assert problem_of(await phone.post("/api/auth/passkeys/login", json={"credential": credential})) == REFUSED


@pytest.mark.parametrize(
    "signed_over",
    [
        {"origin": "https://chat.example.org.evil.example"},
        {"origin": "http://chat.example.org"},
        {"origin": "https://chat.example.org:8443"},
        {"type": "webauthn.create"},
        {"challenge": encode(b"x" * 32)},
        {"challenge": 7},
        {"crossOrigin": True},
    ],
    ids=str,
)
async def test_what_was_signed_for_something_else_is_refused(
    here: Accounts, device: SoftAuthenticator, signed_over: dict[str, Any]
) -> None:
    await add(await here.signed_up("asha"), device)
    assert problem_of(await login_with(here.client(), device, **signed_over)) == REFUSED


async def test_the_answer_must_be_of_this_server_and_of_a_person_who_was_there(here: Accounts) -> None:
    browser = await here.signed_up("asha")
    device = SoftAuthenticator(ORIGIN)
    await add(browser, device)
    device.held[0].rp_id = "example.org"
    assert problem_of(await login_with(here.client(), device)) == REFUSED
    device.held[0].rp_id = "chat.example.org"
    device.verifies = False
    assert problem_of(await login_with(here.client(), device)) == REFUSED
    credential = device.create(await options_of(browser, "passkeys/options"))
    refused = await browser.post("/api/auth/passkeys", json={"credential": credential, "name": "Unverified"})
    assert problem_of(refused) == REFUSED


async def test_the_signature_counts(here: Accounts, device: SoftAuthenticator) -> None:
    await add(await here.signed_up("asha"), device)
    phone = here.client()
    for part in ("signature", "authenticatorData", "userHandle"):
        credential = device.get(await options_of(phone, "passkeys/login-options"))
        changed = bytearray(decode(credential["response"][part]))
        changed[-1] ^= 1
        credential["response"][part] = encode(bytes(changed))
        assert problem_of(await phone.post("/api/auth/passkeys/login", json={"credential": credential})) == REFUSED
    credential = device.get(await options_of(phone, "passkeys/login-options"))
    del credential["response"]["userHandle"]
    assert problem_of(await phone.post("/api/auth/passkeys/login", json={"credential": credential})) == REFUSED


async def test_an_authenticator_that_was_copied_is_refused(here: Accounts) -> None:
    device = SoftAuthenticator(ORIGIN, counts=True)
    home = await here.signed_up("asha")
    await add(home, device)
    assert (await login_with(here.client(), device)).status_code == 200
    device.held[0].count -= 1
    assert problem_of(await login_with(here.client(), device)) == REFUSED
    await here.auth.audit.settled()
    newest = (await home.get("/api/users/me/audit")).json()["events"][0]
    assert (newest["kind"], newest["details"]) == ("sign_in_failed", {"by": "passkey"})


async def test_an_unknown_passkey_is_answered_like_a_wrong_one(here: Accounts, device: SoftAuthenticator) -> None:
    browser = await here.signed_up("asha")
    made = await add(browser, device)
    assert (await browser.delete(f"/api/auth/passkeys/{made['id']}")).status_code == 204
    assert problem_of(await login_with(here.client(), device)) == REFUSED


async def test_a_disabled_person_does_not_get_in(here: Accounts, device: SoftAuthenticator) -> None:
    await add(await here.signed_up("asha"), device)
    async with here.stores.database.writing() as connection:
        await connection.execute(update(users).values(disabled=True))
    assert problem_of(await login_with(here.client(), device)) == REFUSED


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"response": {}},
        {"rawId": 7, "response": {"clientDataJSON": "e30"}},
        {"response": {"clientDataJSON": "ÿ"}},
    ],
)
async def test_31_nonsense_is_refused(here: Accounts, credential: dict[str, Any]) -> None:
    browser = here.client()
    await options_of(browser, "passkeys/login-options")
    answer = await browser.post("/api/auth/passkeys/login", json={"credential": credential})
    assert problem_of(answer) == REFUSED
    others: tuple[Any, ...] = (None, [], "x")
    for wrong in others:
        answer = await browser.post("/api/auth/passkeys/login", json={"credential": wrong})
        assert problem_of(answer) == (400, "invalid_input")


# ── signing up ────────────────────────────────────────────────────────────────────────────────────────────────────────

RAVI = {"email": "ravi@example.org", "username": "ravi", "displayName": "Ravi"}


async def test_signing_up_without_a_password(here: Accounts, device: SoftAuthenticator) -> None:
    browser = here.client()
    options = await options_of(browser, "passkeys/signup-options", **RAVI)
    assert (options["user"]["name"], options["user"]["displayName"]) == ("ravi", "Ravi")
    body = RAVI | {"credential": device.create(options)}
    answer = await browser.post("/api/auth/signup", json=body)
    assert (answer.status_code, answer.json()["user"]["username"]) == (201, "ravi")
    assert (await browser.get("/api/users/me")).status_code == 200
    assert problem_of(await login(browser, "ravi")) == (401, "invalid_login")
    phone = here.client()
    assert (await login_with(phone, device)).json()["user"]["username"] == "ravi"
    (made,) = (await phone.get("/api/auth/passkeys")).json()["passkeys"]
    assert problem_of(await phone.delete(f"/api/auth/passkeys/{made['id']}")) == (409, "last_way_in")
    assert problem_of(await browser.post("/api/auth/signup", json=body | {"username": "ravi2"})) == REFUSED


async def test_a_name_that_is_taken_costs_a_new_passkey_only(here: Accounts, device: SoftAuthenticator) -> None:
    await here.signed_up("ravi")
    browser = here.client()
    credential = device.create(await options_of(browser, "passkeys/signup-options", **RAVI))
    taken = await browser.post("/api/auth/signup", json=RAVI | {"email": "r@example.org", "credential": credential})
    assert problem_of(taken) == (409, "username_taken")
    other = RAVI | {"email": "r@example.org", "username": "ravi2"}
    credential = device.create(await options_of(browser, "passkeys/signup-options", **other))
    assert (await browser.post("/api/auth/signup", json=other | {"credential": credential})).status_code == 201


@pytest.mark.parametrize("more", [{}, {"password": PASSWORD, "credential": {}}, {"password": None}])
async def test_31_one_way_in_is_chosen(here: Accounts, more: dict[str, Any]) -> None:
    body = {name: value for name, value in ASHA.items() if name != "password"} | more
    assert problem_of(await here.client().post("/api/auth/signup", json=body)) == (400, "invalid_input")


async def test_an_answer_to_another_question_is_refused(here: Accounts, device: SoftAuthenticator) -> None:
    browser = await here.signed_up("asha")
    own = device.create(await options_of(browser, "passkeys/options"))
    assert problem_of(await browser.post("/api/auth/signup", json=RAVI | {"credential": own})) == REFUSED
    new = device.create(await options_of(browser, "passkeys/signup-options", **RAVI))
    refused = await browser.post("/api/auth/passkeys", json={"credential": new, "name": "x"})
    assert problem_of(refused) == REFUSED
    # nor in another session of the same browser
    mine = device.create(await options_of(browser, "passkeys/options"))
    assert (await login(browser)).status_code == 200
    refused = await browser.post("/api/auth/passkeys", json={"credential": mine, "name": "x"})
    assert problem_of(refused) == REFUSED


async def test_13_a_passkey_of_who_signed_up_with_a_foreign_address_ends_when_its_owner_comes(
    tmp_path: Path, mail_server: MailServer
) -> None:
    settings = mail_server.settings() | {"verify_email": False, "rate_limits": False, "public_url": ORIGIN}
    async with open_accounts(tmp_path / "app", **settings) as app:
        squatter, device = await app.signed_up("asha"), SoftAuthenticator(ORIGIN)
        await add(squatter, device)
        await turn_on(app, squatter)
        owner = app.client()
        answer = await show(owner, await code_for(app, mail_server, owner))
        assert answer.status_code == 200, "the squatter's second factor does not keep the owner out"
        assert problem_of(await login_with(squatter, device)) == REFUSED


async def test_with_mail_the_last_passkey_may_go(mailing: Accounts, mail_server: MailServer) -> None:
    device = SoftAuthenticator("http://localhost")
    browser = await with_account(mailing, mail_server)
    browser.base_url = httpx.URL("http://localhost")
    browser.cookies = httpx.Cookies({cookie.name: str(cookie.value) for cookie in browser.cookies.jar})
    made = await add(browser, device)
    assert (await browser.delete(f"/api/auth/passkeys/{made['id']}")).status_code == 204


# ── where they work ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("public_url", "base_url", "loopback", "expected"),
    [
        ("https://chat.example.org", "https://chat.example.org", False, ("chat.example.org", "https://chat.example.org")),
        ("https://chat.example.org:8443", "https://chat.example.org:8443", True,
         ("chat.example.org", "https://chat.example.org:8443")),
        (None, "http://127.0.0.1:8000", True, ("localhost", None)),
        (None, "https://0.0.0.0:8000", False, None),
        ("https://192.0.2.1", "https://192.0.2.1", False, None),
    ],
)  # fmt: skip
def test_a_server_is_known_by_its_domain(
    public_url: str | None, base_url: str, loopback: bool, expected: tuple[str, str | None] | None
) -> None:
    party = RelyingParty.at(public_url, base_url, loopback=loopback)
    assert (party and (party.id, party.origin)) == expected


async def test_on_ones_own_machine_they_work_at_localhost(tmp_path: Path) -> None:
    async with open_accounts(tmp_path) as accounts:
        by_number = accounts.client()
        assert (await by_number.get("/api/auth/options")).json()["passkeys"] is False
        assert problem_of(await by_number.post("/api/auth/passkeys/login-options")) == (409, "conflict")
        transport = httpx.ASGITransport(accounts.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as browser:
            assert (await browser.get("/api/auth/options")).json()["passkeys"] is True
            device = SoftAuthenticator("http://localhost:8000")
            credential = device.create(await options_of(browser, "passkeys/signup-options", **RAVI))
            assert (await browser.post("/api/auth/signup", json=RAVI | {"credential": credential})).status_code == 201
            assert (await login_with(browser, device)).status_code == 200
            elsewhere = {"origin": "http://localhost:9000"}
            assert problem_of(await login_with(browser, device, **elsewhere)) == REFUSED
