"""Accounts over real stores, in process: for contract suites and for tests of the HTTP edge."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from batiyoun.audit import routes as audit_routes
from batiyoun.audit.service import Audit
from batiyoun.auth import code_routes, key_routes, session_routes
from batiyoun.auth import routes as auth_routes
from batiyoun.auth.address import routes as address_routes
from batiyoun.auth.address.service import AddressChange
from batiyoun.auth.admission import Admissions
from batiyoun.auth.api_tokens import routes as api_token_routes
from batiyoun.auth.api_tokens.service import ApiTokens
from batiyoun.auth.challenges import Challenges
from batiyoun.auth.codes import EmailCodes
from batiyoun.auth.keyring import KeyRing
from batiyoun.auth.keys import new_signing_key
from batiyoun.auth.model import Session
from batiyoun.auth.oidc import routes as oidc_routes
from batiyoun.auth.passkeys import routes as passkey_routes
from batiyoun.auth.password import routes as password_routes
from batiyoun.auth.password.change import PasswordChange
from batiyoun.auth.password.reset import PasswordReset
from batiyoun.auth.passwords import PasswordHasher
from batiyoun.auth.refusals import Refusals
from batiyoun.auth.second_factor import routes as second_factor_routes
from batiyoun.auth.secrets import hash_token
from batiyoun.auth.service import AuthService
from batiyoun.auth.step_up import routes as step_up_routes
from batiyoun.auth.store import CodeStore, SessionStore
from batiyoun.auth.throttle import Throttle
from batiyoun.auth.tickets import SignupTickets
from batiyoun.auth.tokens import TokenSigner
from batiyoun.errors import Unavailable
from batiyoun.files import routes as file_routes
from batiyoun.files.service import Avatars
from batiyoun.invites import routes as invite_routes
from batiyoun.invites.service import InviteService
from batiyoun.mail.server import parse_server
from batiyoun.mail.service import Console, Mailer
from batiyoun.mail.smtp import SmtpTransport
from batiyoun.parts.ways_in import WaysIn
from batiyoun.runtime import Runtime, uuid7
from batiyoun.settings import load_settings
from batiyoun.startup import prepare_data_dir
from batiyoun.storage.blobs.disk import DiskBlobs
from batiyoun.storage.sql.api_tokens import SqlApiTokenStore
from batiyoun.storage.sql.audit import SqlAuditStore
from batiyoun.storage.sql.codes import SqlCodeStore, SqlTokenStore
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.invites import SqlInviteStore
from batiyoun.storage.sql.migrate import migrate
from batiyoun.storage.sql.sessions import SqlSessionStore
from batiyoun.storage.sql.users import SqlAccountStore, SqlUserStore
from batiyoun.users import routes as user_routes
from batiyoun.users.model import User
from batiyoun.users.service import UserService
from batiyoun.web.app import create_web
from tests.harness.keys import MemoryKeys

#: made once: generating is not what the tests are about
SIGNING_KEY = new_signing_key()
CODE_KEY = b"k" * 32
SEALING_KEY = b"s" * 32
PASSWORD = "correct horse battery"
#: what somebody writes to sign up
ASHA = {"email": "asha@example.org", "username": "asha", "password": PASSWORD}


@dataclass
class Clock:
    """A clock that stands still until a test moves it; wall time and durations move together."""

    now: float = 1_790_000_000.0
    slept: list[float] = field(default_factory=list)

    def runtime(self) -> Runtime:
        """The clock as the code sees it; ids and randomness are real."""
        return Runtime(now=lambda: self.now, monotonic=lambda: self.now)

    async def sleep(self, seconds: float) -> None:
        """Moves the clock instead of waiting."""
        self.slept.append(seconds)
        self.now += seconds


def person(username: str, **changes: Any) -> User:
    """A person as a store keeps them."""
    return replace(
        User(
            id=uuid7(),
            username=username,
            display_name=username.title(),
            email=f"{username}@example.org",
            avatar=None,
            bio="",
            provider="email",
            verified=False,
            disabled=False,
            created_at=Clock().runtime().utcnow(),
        ),
        **changes,
    )


def sign_in(user_id: str, token: str, clock: Clock) -> Session:
    """A session as a store keeps it."""
    now = clock.runtime().utcnow()
    return Session(uuid7(), hash_token(token), user_id, None, now, now, "a browser", now)


@dataclass
class Stores:
    """The stores over one database; a suite may put others in their place."""

    database: Database
    users: SqlUserStore
    accounts: SqlAccountStore
    sessions: SessionStore
    codes: CodeStore
    tokens: SqlTokenStore
    audit: SqlAuditStore
    invites: SqlInviteStore
    api_tokens: SqlApiTokenStore


@asynccontextmanager
async def open_stores(url: str, runtime: Runtime | None = None) -> AsyncIterator[Stores]:
    """The stores over a migrated database."""
    database = Database(url)
    runtime = runtime or Runtime()
    try:
        await migrate(database)
        yield Stores(
            database,
            SqlUserStore(database, runtime),
            SqlAccountStore(database, runtime),
            SqlSessionStore(database),
            SqlCodeStore(database),
            SqlTokenStore(database),
            SqlAuditStore(database),
            SqlInviteStore(database),
            SqlApiTokenStore(database),
        )
    finally:
        await database.close()


@dataclass
class Accounts:
    """An HTTP application with accounts, over real stores."""

    app: FastAPI
    auth: AuthService
    stores: Stores
    clock: Clock
    base_url: str
    post: Mailer | Console
    #: what the server's console shows
    console: list[str]
    #: (who asked, the other one) of every direct chat that was to be opened
    met: list[tuple[str, str]] = field(default_factory=list)
    #: chats cannot be opened
    met_fails: bool = False

    async def meet(self, user_id: str, other_id: str) -> str:
        """Stands for the chats, which accounts know nothing of."""
        if self.met_fails:
            raise Unavailable
        self.met.append((user_id, other_id))
        return f"{user_id}:{other_id}"

    def client(self, address: str = "203.0.113.7", **headers: str) -> httpx.AsyncClient:
        """A browser of its own, with its own cookies, calling from that address."""
        transport = httpx.ASGITransport(self.app, client=(address, 50_000), raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=self.base_url, headers=headers)

    async def signed_up(self, username: str, **more: Any) -> httpx.AsyncClient:
        """A browser in which somebody has just signed up."""
        browser = self.client()
        body = {"email": f"{username}@example.org", "username": username, "password": PASSWORD} | more
        answer = await browser.post("/api/auth/signup", json=body)
        assert answer.status_code == 201, answer.text
        return browser


@asynccontextmanager
async def open_accounts(
    folder: Path, *, routers: tuple[APIRouter, ...] = (), client_dir: Path | None = None, **settings: Any
) -> AsyncIterator[Accounts]:
    """The HTTP application over SQLite in `folder`; `settings` are fields of `Settings`."""
    chosen = load_settings(**{"data_dir": folder, "password_cost": 4, **settings})
    prepare_data_dir(chosen.data_dir)
    clock = Clock()
    runtime = clock.runtime()
    console: list[str] = []
    post: Mailer | Console = Console(console.append)
    if chosen.smtp_url is not None and chosen.mail_from is not None:
        transport = SmtpTransport(parse_server(chosen.smtp_url), ca=chosen.smtp_ca, timeout=5)
        post = Mailer(transport, sender=chosen.mail_from, runtime=runtime, sleep=clock.sleep)
    async with open_stores(chosen.accounts_url, runtime) as stores:
        audit = Audit(stores.audit, runtime)
        hasher = PasswordHasher(chosen.password_cost)
        keys = KeyRing(MemoryKeys(SIGNING_KEY), runtime, age=None)
        tickets = SignupTickets(stores.tokens, runtime, required=chosen.proves_addresses, proves=post.reaches_people)
        throttle = Throttle(runtime, enabled=chosen.rate_limits, sleep=clock.sleep)
        ways_in = WaysIn(chosen, stores.database, runtime, sealing_key=SEALING_KEY, throttle=throttle, audit=audit)
        auth = AuthService(
            accounts=stores.accounts,
            sessions=stores.sessions,
            passwords=hasher,
            tokens=TokenSigner(keys, issuer=chosen.base_url(), runtime=runtime),
            throttle=throttle,
            tickets=tickets,
            admissions=Admissions(stores.accounts, chosen.signup),
            audit=audit,
            pending=ways_in.pending,
            api_tokens=ApiTokens(stores.api_tokens, runtime, audit),
            runtime=runtime,
            secure=chosen.secure,
        )
        challenges = Challenges(stores.codes, CODE_KEY, runtime)
        codes = EmailCodes(
            auth=auth,
            accounts=stores.accounts,
            challenges=challenges,
            tickets=tickets,
            post=post,
            place=chosen.base_url(),
            runtime=runtime,
        )
        users = UserService(stores.users)
        avatars = Avatars(DiskBlobs(chosen.data_dir / "blobs"), users, runtime)
        opened: Accounts

        async def meet(user_id: str, other_id: str) -> str:
            return await opened.meet(user_id, other_id)

        invites = InviteService(
            store=stores.invites, users=users, audit=audit, meet=meet, place=chosen.base_url(), runtime=runtime
        )
        auth.on_invited.append(invites.signed_up)
        password_change = PasswordChange(
            auth=auth, accounts=stores.accounts, hasher=hasher, audit=audit, post=post, place=chosen.base_url()
        )
        password_reset = PasswordReset(
            auth=auth,
            accounts=stores.accounts,
            tokens=stores.tokens,
            hasher=hasher,
            audit=audit,
            post=post,
            place=chosen.base_url(),
            runtime=runtime,
        )
        ways_in.join(
            auth, accounts=stores.accounts, tokens=stores.tokens, tickets=tickets, challenges=challenges, post=post
        )
        app = create_web(
            chosen,
            routers=(
                auth_routes.router,
                code_routes.router,
                step_up_routes.router,
                second_factor_routes.router,
                passkey_routes.router,
                oidc_routes.router,
                user_routes.router,
                audit_routes.router,
                invite_routes.router,
                address_routes.router,
                file_routes.router,
                password_routes.router,
                session_routes.router,
                key_routes.router,
                api_token_routes.router,
                *routers,
            ),
            state={
                "audit": audit,
                "auth": auth,
                "refusals": Refusals(stores.sessions, auth.cookie_name),
                "codes": codes,
                **ways_in.state(),
                "keys": keys,
                "password_change": password_change,
                "password_reset": password_reset,
                "api_tokens": auth.api_tokens,
                "users": users,
                "address_change": AddressChange(
                    auth=auth, accounts=stores.accounts, challenges=challenges, post=post, place=chosen.base_url()
                ),
                "invites": invites,
                "avatars": avatars,
            },
            uploads=file_routes.UPLOADS,
            client_dir=client_dir or folder / "no-client",
            runtime=runtime,
        )
        try:
            opened = Accounts(app, auth, stores, clock, chosen.base_url(), post, console)
            yield opened
        finally:
            await post.close()
            await ways_in.close()
            await auth.close()
            await audit.close()
            avatars.close()


@pytest.fixture
async def accounts(tmp_path: Path) -> AsyncIterator[Accounts]:
    """The HTTP application with nobody in it."""
    async with open_accounts(tmp_path) as opened:
        yield opened


def problem_of(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of an answer that must be an error."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    assert answer.json()["status"] == answer.status_code
    return answer.status_code, answer.json()["code"]


async def login(browser: httpx.AsyncClient, identifier: str = "asha", password: str = PASSWORD) -> httpx.Response:
    """Sign in with that browser."""
    return await browser.post("/api/auth/login", json={"identifier": identifier, "password": password})
