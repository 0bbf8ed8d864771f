"""Changing one's e-mail address: a code proves the new mailbox, and a letter tells the old one."""

from __future__ import annotations

from batiyoun.auth.challenges import Challenges
from batiyoun.auth.codes import Requested
from batiyoun.auth.model import CODE_LIFETIME, Principal
from batiyoun.auth.service import AuthService
from batiyoun.auth.store import AccountStore
from batiyoun.errors import EmailTaken, InvalidInput, Unauthenticated
from batiyoun.mail.model import Language, Letter
from batiyoun.mail.service import Post
from batiyoun.users.model import User, fold


class AddressChange:
    """Takes a person from one address to another, or proves the one they have."""

    def __init__(
        self, *, auth: AuthService, accounts: AccountStore, challenges: Challenges, post: Post, place: str
    ) -> None:
        """`place` is the address of this server, which the letters name."""
        self._auth = auth
        self._accounts = accounts
        self._challenges = challenges
        self._post = post
        self._place = place
        self.cookie_name = "__Host-batiyoun-address" if auth.secure else "batiyoun-address"

    @property
    def reaches_people(self) -> bool:
        """Whether letters go to mailboxes, not to the server's console."""
        return self._post.reaches_people

    async def request(
        self, user_id: str, email: str, *, language: Language, address: str, before: str | None
    ) -> Requested:
        """Write a code to the new mailbox; `before` is the secret of this browser's request until now, which is void.

        With a mail server the answer is the same for an address that has another account: only the letter tells
        (security check 1). Raises `InvalidInput` (it is one's own already), `RateLimited`, `Unavailable`, and
        `EmailTaken` without a mail server.
        """
        me = await self._me(user_id)
        if me.email == email and (me.verified or not self._post.reaches_people):
            raise InvalidInput("This is your address already.", fields={"email": "This is your address already."})
        resend_after = self._auth.throttle.check_mail(email, address)
        other = await self._accounts.by_identifier(email)
        free = other is None or other.user.id == user_id
        if not free and not self._post.reaches_people:
            raise EmailTaken
        issued = await self._challenges.issue("email", email, works=free, bound_to=user_id, before=before)
        values = {
            "code": issued.code,
            "minutes": str(int(CODE_LIFETIME.total_seconds() // 60)),
            "place": self._place,
        }
        self._post.send(Letter(email, "email_code" if free else "email_known", language, values))
        return Requested(issued.secret, issued.expires_at, resend_after)

    async def confirm(
        self,
        principal: Principal,
        secret: str | None,
        email: str,
        code: str,
        *,
        user_agent: str,
        language: Language,
    ) -> User:
        """Show the code; the person as they are from now on. `secret` is the cookie of this browser.

        The old mailbox gets a letter. What was sent there before, to sign in or to reset the password, is void. Raises
        `InvalidCode`, `EmailTaken` (since the letter was written), `Unavailable`.
        """
        user_id = principal.user_id
        challenge = await self._challenges.accept(secret, {"email"}, email, code, bound_to=user_id)
        before = await self._me(user_id)
        after = await self._accounts.change_email(user_id, challenge.email, verified=self._post.reaches_people)
        if after is None:
            raise Unauthenticated
        same = fold(before.email) == fold(after.email)
        await self._auth.audit.record(
            "email_verified" if same else "email_changed",
            user_id,
            session_id=principal.session_id,
            user_agent=user_agent,
        )
        if not same:
            self._post.send(Letter(before.email, "email_changed", language, {"place": self._place}))
        return after

    async def _me(self, user_id: str) -> User:
        account = await self._accounts.by_id(user_id)
        if account is None or account.user.disabled:
            raise Unauthenticated
        return account.user
