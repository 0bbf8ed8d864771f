"""Accounts and signing in, put together."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import click

from batiyoun.audit.service import Audit
from batiyoun.auth.address.service import AddressChange
from batiyoun.auth.admission import Admissions
from batiyoun.auth.api_tokens.service import ApiTokens
from batiyoun.auth.challenges import Challenges, new_code_key
from batiyoun.auth.codes import EmailCodes
from batiyoun.auth.devices import describe_many
from batiyoun.auth.password.change import PasswordChange
from batiyoun.auth.password.reset import PasswordReset
from batiyoun.auth.passwords import PasswordHasher
from batiyoun.auth.refusals import Refusals
from batiyoun.auth.sealing import new_sealing_key
from batiyoun.auth.service import AuthService
from batiyoun.auth.throttle import Throttle
from batiyoun.auth.tickets import SignupTickets
from batiyoun.auth.tokens import TokenSigner
from batiyoun.key_files import open_keys
from batiyoun.mail.server import parse_server
from batiyoun.mail.service import Console, Mailer
from batiyoun.mail.smtp import SmtpTransport
from batiyoun.parts.ways_in import WaysIn
from batiyoun.runtime import Runtime
from batiyoun.settings import Settings
from batiyoun.shared_limits import SharedLimits
from batiyoun.startup import load_or_create_secret
from batiyoun.storage.redis.parts import RedisParts
from batiyoun.storage.sql.api_tokens import SqlApiTokenStore
from batiyoun.storage.sql.audit import SqlAuditStore
from batiyoun.storage.sql.codes import SqlCodeStore, SqlTokenStore
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.sessions import SqlSessionStore
from batiyoun.storage.sql.users import SqlAccountStore, SqlUserStore
from batiyoun.users.service import UserService


class Accounts:
    """Who people are: profiles, sessions, passwords, codes by mail. The parts are attributes."""

    def __init__(self, settings: Settings, database: Database, runtime: Runtime, redis: RedisParts | None) -> None:
        self.settings, self.database, self.redis, self.runtime = settings, database, redis, runtime
        self.keys = open_keys(settings, runtime)
        self.users = UserService(SqlUserStore(self.database, runtime))
        self.post = _build_post(settings, runtime)
        accounts = SqlAccountStore(self.database, runtime)
        hasher, one_time = PasswordHasher(settings.password_cost), SqlTokenStore(self.database)
        tickets = SignupTickets(
            one_time,
            runtime,
            required=settings.proves_addresses,
            proves=self.post.reaches_people,
        )
        self.audit = Audit(SqlAuditStore(self.database), runtime, describe=describe_many)
        throttle = Throttle(
            runtime,
            enabled=settings.rate_limits,
            shared=SharedLimits(self.redis.counts, runtime.monotonic) if self.redis else None,
        )
        sealing_key = load_or_create_secret(
            settings.data_dir.absolute() / "sealing-key", lambda: new_sealing_key(runtime)
        )
        self.ways_in = WaysIn(
            settings, self.database, runtime, sealing_key=sealing_key, throttle=throttle, audit=self.audit
        )
        sessions = self.redis.sessions(runtime, self._disabled) if self.redis else SqlSessionStore(self.database)
        self.auth = AuthService(
            accounts=accounts,
            sessions=sessions,
            passwords=hasher,
            tokens=TokenSigner(self.keys, issuer=settings.base_url(), runtime=runtime),
            throttle=throttle,
            tickets=tickets,
            admissions=Admissions(accounts, settings.signup),
            audit=self.audit,
            pending=self.ways_in.pending,
            api_tokens=ApiTokens(SqlApiTokenStore(self.database), runtime, self.audit),
            runtime=runtime,
            secure=settings.secure,
        )
        self.refusals = Refusals(sessions, self.auth.cookie_name)
        code_key = load_or_create_secret(settings.data_dir.absolute() / "code-key", lambda: new_code_key(runtime))
        challenges = Challenges(self.redis.codes if self.redis else SqlCodeStore(self.database), code_key, runtime)
        self.address_change = AddressChange(
            auth=self.auth, accounts=accounts, challenges=challenges, post=self.post, place=settings.base_url()
        )
        self.codes = EmailCodes(
            auth=self.auth,
            accounts=accounts,
            challenges=challenges,
            tickets=tickets,
            post=self.post,
            place=settings.base_url(),
            runtime=runtime,
        )
        self.ways_in.join(
            self.auth, accounts=accounts, tokens=one_time, tickets=tickets, challenges=challenges, post=self.post
        )
        self.password_change = PasswordChange(
            auth=self.auth,
            accounts=accounts,
            hasher=hasher,
            audit=self.audit,
            post=self.post,
            place=settings.base_url(),
        )
        self.password_reset = PasswordReset(
            auth=self.auth,
            accounts=accounts,
            tokens=one_time,
            hasher=hasher,
            audit=self.audit,
            post=self.post,
            place=settings.base_url(),
            runtime=runtime,
        )

    def state(self) -> dict[str, Any]:
        """What the routes find in `request.app.state`."""
        return {
            "audit": self.audit,
            "auth": self.auth,
            "keys": self.keys,
            "password_change": self.password_change,
            "password_reset": self.password_reset,
            "refusals": self.refusals,
            "api_tokens": self.auth.api_tokens,
            "codes": self.codes,
            "address_change": self.address_change,
            "users": self.users,
        }

    async def _disabled(self, user_ids: Collection[str]) -> set[str]:
        return set(user_ids).difference(await self.users.get_many(user_ids))


def _build_post(settings: Settings, runtime: Runtime) -> Mailer | Console:
    if settings.smtp_url is None or settings.mail_from is None:
        return Console(click.echo)
    transport = SmtpTransport(parse_server(settings.smtp_url), ca=settings.smtp_ca)
    return Mailer(transport, sender=settings.mail_from, runtime=runtime)
