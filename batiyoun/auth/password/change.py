"""Rules of choosing a new password while signed in."""

from __future__ import annotations

from batiyoun.audit.service import Audit
from batiyoun.auth.model import Principal
from batiyoun.auth.passwords import PasswordHasher
from batiyoun.auth.policy import refuse_own_name
from batiyoun.auth.service import AuthService
from batiyoun.auth.store import AccountStore
from batiyoun.errors import Conflict, Unauthenticated
from batiyoun.mail.model import Language, Letter
from batiyoun.mail.service import Post
from batiyoun.users.model import User


class PasswordChange:
    """Sets and changes passwords. Every other sign-in of the person ends; their API tokens, which they made, stay."""

    def __init__(
        self,
        *,
        auth: AuthService,
        accounts: AccountStore,
        hasher: PasswordHasher,
        audit: Audit,
        post: Post,
        place: str,
    ) -> None:
        """`place` is the address of this server, which the letters name."""
        self._auth = auth
        self._accounts = accounts
        self._hasher = hasher
        self._audit = audit
        self._post = post
        self._place = place

    async def change(self, principal: Principal, password: str, *, user_agent: str, language: Language) -> None:
        """Take the password. The caller has proved who they are, by the password until now or in another way.

        Raises `InvalidInput` (field `newPassword`), `Conflict` when somebody else was changing it too, `Unavailable`.
        """
        account = await self._accounts.by_id(principal.user_id)
        if account is None or account.user.disabled:
            raise Unauthenticated
        refuse_own_name(password, account.user.username, account.user.email, field="newPassword")
        new = await self._hasher.hash(password)
        keep = [principal.session_id]
        if not await self._accounts.swap_password_hash(account.user.id, account.password_hash, new, keep=keep):
            raise Conflict
        await self._auth.revoke_all(account.user.id, keep=keep)
        await self._audit.record(
            "password_set" if account.password_hash is None else "password_changed",
            account.user.id,
            session_id=principal.session_id,
            user_agent=user_agent,
        )
        tell(self._post, account.user, language, self._place)


def tell(post: Post, user: User, language: Language, place: str) -> None:
    """Write to the person that their password is another one now, so that a thief cannot change it unnoticed."""
    if post.reaches_people:
        post.send(Letter(user.email, "password_changed", language, {"place": place}))
