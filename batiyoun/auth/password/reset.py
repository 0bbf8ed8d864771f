"""Rules of a forgotten password: a link by mail that lets its reader choose a new one, once."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from batiyoun.audit.service import Audit
from batiyoun.auth.model import RESET_LIFETIME, Account, OneTimeToken
from batiyoun.auth.password.change import tell
from batiyoun.auth.passwords import PasswordHasher
from batiyoun.auth.policy import refuse_own_name
from batiyoun.auth.secrets import SECRET_LENGTH, hash_token, new_secret
from batiyoun.auth.service import AuthService
from batiyoun.auth.store import AccountStore, TokenStore
from batiyoun.errors import InvalidLink
from batiyoun.mail.model import Language, Letter
from batiyoun.mail.service import Post
from batiyoun.runtime import Runtime
from batiyoun.users.model import fold

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ResetRequested:
    """A letter is on its way. `resend_after` is in seconds."""

    expires_at: datetime
    resend_after: float


class PasswordReset:
    """Sends links and accepts them.

    The token is in the fragment of the link, which browsers send to nobody: it is in no log and in no Referer header.
    """

    def __init__(
        self,
        *,
        auth: AuthService,
        accounts: AccountStore,
        tokens: TokenStore,
        hasher: PasswordHasher,
        audit: Audit,
        post: Post,
        place: str,
        runtime: Runtime,
    ) -> None:
        """`place` is the address of this server, where the link leads."""
        self._auth = auth
        self._accounts = accounts
        self._tokens = tokens
        self._hasher = hasher
        self._audit = audit
        self._post = post
        self._place = place
        self._runtime = runtime

    @property
    def reaches_people(self) -> bool:
        """Whether letters go to mailboxes, not to the server's console."""
        return self._post.reaches_people

    async def request(self, email: str, *, language: Language, address: str) -> ResetRequested:
        """Write to that mailbox; the link of the letter before is void.

        The answer and its time are the same whether there is an account or not: only the letter tells (security
        check 1). Raises `RateLimited`, `Unavailable`.
        """
        resend_after = self._auth.throttle.check_mail(email, address)
        account = await self._accounts.by_identifier(email)
        known = account is not None and not account.user.disabled
        # to the address that is kept, never to the one that was typed: see `codes`
        to = account.user.email if account is not None and known else email
        secret, now = new_secret(self._runtime), self._runtime.utcnow()
        expires_at = now + RESET_LIFETIME
        # without an account a token is kept, too, that nobody ever gets: both ways write the same
        await self._tokens.put(OneTimeToken(hash_token(secret), "reset", fold(to), expires_at), now)
        values = {"place": self._place}
        if known:
            values |= {"link": f"{self._place}/reset-password#{secret}", "minutes": _minutes()}
        self._post.send(Letter(to, "password_reset" if known else "reset_unknown", language, values))
        return ResetRequested(expires_at, resend_after)

    async def reset(self, token: str, password: str, *, user_agent: str, language: Language) -> None:
        """Choose a new password with the token of a link.

        Every sign-in and API token of the person ends, and nobody is signed in: whoever reads the mail may still lack
        a second factor. A password that is refused does not cost the link. Raises `InvalidLink`, `InvalidInput` (field
        `password`), `Unavailable`.
        """
        account = await self._account(token)
        refuse_own_name(password, account.user.username, account.user.email)
        new = await self._hasher.hash(password)
        user = account.user
        # before and after: a failure on the way must leave nobody signed in who was so until now
        await self._auth.revoke_all(user.id)
        if await self._tokens.consume(hash_token(token), "reset", self._runtime.utcnow()) is None:
            raise InvalidLink
        if self.reaches_people and not user.verified and await self._accounts.prove_address(user.id):
            log.info("an address was proved by the link of a reset")
        await self._accounts.set_password_hash(user.id, new)
        await self._auth.revoke_all(user.id)
        await self._audit.record("password_reset", user.id, user_agent=user_agent)
        tell(self._post, user, language, self._place)

    async def _account(self, token: str) -> Account:
        found = None
        if len(token) == SECRET_LENGTH:
            found = await self._tokens.find(hash_token(token), "reset", self._runtime.utcnow())
        # by the address the letter went to: after a change of address an older link opens nothing
        account = await self._accounts.by_identifier(found.subject) if found is not None else None
        if account is None or account.user.disabled:
            raise InvalidLink
        return account


def _minutes() -> str:
    return str(int(RESET_LIFETIME.total_seconds() // 60))
