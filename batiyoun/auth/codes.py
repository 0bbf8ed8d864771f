"""Rules of codes by mail: six digits that prove, once and in the browser that asked, that a mailbox is one's own."""

from __future__ import annotations

import hashlib
import hmac
import logging
from dataclasses import dataclass, replace
from datetime import datetime

from batiyoun.auth.model import (
    CODE_DIGITS,
    CODE_LIFETIME,
    MAX_TRIES,
    TICKET_LIFETIME,
    Account,
    Challenge,
    CodePurpose,
    Principal,
    SignedIn,
)
from batiyoun.auth.secrets import SECRET_LENGTH, hash_token, new_secret
from batiyoun.auth.service import AuthService
from batiyoun.auth.store import AccountStore, CodeStore
from batiyoun.auth.tickets import SignupTickets
from batiyoun.errors import EmailTaken, InvalidCode
from batiyoun.mail.model import Kind, Language, Letter
from batiyoun.mail.service import Post
from batiyoun.runtime import Runtime
from batiyoun.users.model import fold

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Requested:
    """A code is on its way. `secret` is for the cookie of the browser that asked; `resend_after` is in seconds."""

    secret: str
    expires_at: datetime
    resend_after: float


@dataclass(frozen=True, slots=True)
class Ticket:
    """What sign-up needs until `expires_at`."""

    ticket: str
    expires_at: datetime


def new_code_key(runtime: Runtime) -> bytes:
    """A fresh key for the hashes of codes."""
    return runtime.random_bytes(32)


def new_code(runtime: Runtime) -> str:
    """Six digits, every number as likely as any other."""
    # 64 bits are so many more than the digits need that the remainder favours none
    return f"{int.from_bytes(runtime.random_bytes(8)) % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


class EmailCodes:
    """Sends codes and accepts them.

    A code belongs to the browser that asked for it (by a cookie): nobody else can use it up or void it. Six digits
    could be tried out if they were stolen, so they are kept as a hash with a key that is not in the database.
    """

    def __init__(
        self,
        *,
        auth: AuthService,
        accounts: AccountStore,
        codes: CodeStore,
        tickets: SignupTickets,
        post: Post,
        key: bytes,
        place: str,
        runtime: Runtime,
    ) -> None:
        """`place` is the address of this server, which the letters name."""
        self._auth = auth
        self._accounts = accounts
        self._codes = codes
        self._tickets = tickets
        self._post = post
        self._key = key
        self._place = place
        self._runtime = runtime
        self.cookie_name = "__Host-batiyoun-code" if auth.secure else "batiyoun-code"

    @property
    def reaches_people(self) -> bool:
        """Whether letters go to mailboxes, not to the server's console."""
        return self._post.reaches_people

    @property
    def required(self) -> bool:
        """Whether nobody signs up without a proved address."""
        return self._tickets.required

    async def request(
        self, email: str, purpose: CodePurpose, *, language: Language, address: str, before: str | None
    ) -> Requested:
        """Write a letter to that mailbox; `before` is the secret of this browser's request until now, which is void.

        The answer and its time are the same whether there is an account or not: only the letter tells (security
        check 1). Without a mail server there is no secret to keep from the operator, and the page may say it.

        Raises `RateLimited`, `Unavailable`, and `EmailTaken` without a mail server.
        """
        resend_after = self._auth.throttle.check_mail(email, address)
        account = await self._accounts.by_identifier(email)
        if purpose == "signup" and account is not None and not self._post.reaches_people:
            raise EmailTaken
        secret, code = new_secret(self._runtime), new_code(self._runtime)
        now = self._runtime.utcnow()
        kind, to = _letter(purpose, account, email)
        request_hash = hash_token(secret)
        challenge = Challenge(
            request_hash=request_hash,
            purpose=purpose,
            email=to,
            # a letter without a code leaves a hash that no code has
            code_hash=self._hash(request_hash, code if kind in {"signup_code", "login_code"} else ""),
            expires_at=now + CODE_LIFETIME,
        )
        await self._codes.put(challenge, replaces=hash_token(before) if before else None, now=now)
        minutes = str(int(CODE_LIFETIME.total_seconds() // 60))
        self._post.send(Letter(to, kind, language, {"code": code, "minutes": minutes, "place": self._place}))
        return Requested(secret, challenge.expires_at, resend_after)

    async def verify(
        self, secret: str | None, email: str, code: str, *, user_agent: str, replaces: Principal | None = None
    ) -> Ticket | SignedIn:
        """What the code opens: a ticket to sign up with, or a session (then `replaces` ends).

        `secret` is the cookie of this browser. Raises `InvalidCode`, the same for everything that can be wrong, and
        `Unavailable`.
        """
        if secret is None or len(secret) != SECRET_LENGTH:
            raise InvalidCode
        request_hash = hash_token(secret)
        challenge = await self._codes.attempt(request_hash, self._runtime.utcnow(), MAX_TRIES)
        if challenge is None or not hmac.compare_digest(self._hash(request_hash, code), challenge.code_hash):
            raise InvalidCode
        if fold(email) != fold(challenge.email) or not await self._codes.consume(request_hash):
            raise InvalidCode
        if challenge.purpose == "signup":
            ticket = await self._tickets.issue(challenge.email)
            return Ticket(ticket, self._runtime.utcnow() + TICKET_LIFETIME)
        return await self._login(challenge.email, user_agent, replaces)

    async def _login(self, email: str, user_agent: str, replaces: Principal | None) -> SignedIn:
        account = await self._accounts.by_identifier(email)
        if account is None or account.user.disabled:  # since the letter was written
            raise InvalidCode
        user = account.user
        # whoever signed up with an address that was not theirs must not stay when its owner comes (security check 13)
        if self._post.reaches_people and not user.verified:
            if await self._accounts.prove_address(user.id):
                await self._auth.revoke_all(user.id)
                log.info("an address was proved: its older password and sessions are void")
            user = replace(user, verified=True)
        return await self._auth.sign_in(user, user_agent, proof="code", replaces=replaces)

    def _hash(self, request_hash: bytes, code: str) -> bytes:
        return hmac.new(self._key, request_hash + code.encode(), hashlib.sha256).digest()


def _letter(purpose: CodePurpose, account: Account | None, email: str) -> tuple[Kind, str]:
    """Which letter to write, and to which address.

    A login code goes to the address that is kept, never to the one that was typed: two spellings that look the same to
    us may be two mailboxes elsewhere.
    """
    if purpose == "signup":
        return ("signup_code", email) if account is None else ("signup_known", account.user.email)
    if account is None or account.user.disabled:
        return "login_unknown", email
    return "login_code", account.user.email
