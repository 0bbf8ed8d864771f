"""Rules of codes by mail: six digits that prove, once and in the browser that asked, that a mailbox is one's own."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime

from batiyoun.auth.challenges import Challenges
from batiyoun.auth.model import CODE_LIFETIME, TICKET_LIFETIME, Account, CodePurpose, Principal, SignedIn
from batiyoun.auth.service import AuthService
from batiyoun.auth.store import AccountStore
from batiyoun.auth.tickets import SignupTickets
from batiyoun.errors import EmailTaken, InvalidCode
from batiyoun.mail.model import Kind, Language, Letter
from batiyoun.mail.service import Post
from batiyoun.runtime import Runtime

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


class EmailCodes:
    """Sends codes for signing up and in, and accepts them."""

    def __init__(
        self,
        *,
        auth: AuthService,
        accounts: AccountStore,
        challenges: Challenges,
        tickets: SignupTickets,
        post: Post,
        place: str,
        runtime: Runtime,
    ) -> None:
        """`place` is the address of this server, which the letters name."""
        self._auth = auth
        self._accounts = accounts
        self._challenges = challenges
        self._tickets = tickets
        self._post = post
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
        kind, to = _letter(purpose, account, email)
        # a letter without a code leaves a challenge that no code meets
        works = kind in {"signup_code", "login_code"}
        issued = await self._challenges.issue(purpose, to, works=works, before=before)
        minutes = str(int(CODE_LIFETIME.total_seconds() // 60))
        self._post.send(Letter(to, kind, language, {"code": issued.code, "minutes": minutes, "place": self._place}))
        return Requested(issued.secret, issued.expires_at, resend_after)

    async def verify(
        self, secret: str | None, email: str, code: str, *, user_agent: str, replaces: Principal | None = None
    ) -> Ticket | SignedIn:
        """What the code opens: a ticket to sign up with, or a session (then `replaces` ends).

        `secret` is the cookie of this browser. Raises `InvalidCode`, the same for everything that can be wrong, and
        `Unavailable`.
        """
        challenge = await self._challenges.accept(secret, {"signup", "login"}, email, code)
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
            # before it is proved, too: a failure between the two would leave whoever was here before for good
            await self._auth.revoke_all(user.id)
            if await self._accounts.prove_address(user.id):
                await self._auth.revoke_all(user.id)
                log.info("an address was proved: its older password and sessions are void")
            user = replace(user, verified=True)
        return await self._auth.sign_in(user, user_agent, proof="code", replaces=replaces)


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
