"""What an administrator decides about accounts, by command."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol

from batiyoun.account.service import Leaving
from batiyoun.admin.store import AdminStore
from batiyoun.audit.model import AuditKind
from batiyoun.audit.service import Audit
from batiyoun.errors import Conflict, Forbidden, UserNotFound
from batiyoun.runtime import Runtime
from batiyoun.users.model import User

PAGE = 200
#: without letters and digits that are mistaken for each other
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


class Accounts(Protocol):
    """What commands need of signing in."""

    async def register(self, user: User, password: str, *, as_admin: bool) -> User:
        """Make an account, whatever the sign-up policy says. Raises `UsernameTaken`, `EmailTaken`."""
        ...

    async def set_password(self, user_id: str, password: str) -> None:
        """Replace the password."""
        ...


class Admin:
    """Looks at and changes accounts. Every change is in the person's security log, and reaches a running server.

    `end_sessions` ends all sign-ins of a person; `notify` tells running servers to look at them again.
    """

    def __init__(
        self,
        *,
        store: AdminStore,
        accounts: Accounts,
        leaving: Leaving,
        audit: Audit,
        runtime: Runtime,
        end_sessions: Callable[[str], Awaitable[object]],
        notify: Callable[[str], Awaitable[None]],
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._leaving = leaving
        self._audit = audit
        self._runtime = runtime
        self._end_sessions = end_sessions
        self._notify = notify

    async def people(self) -> AsyncIterator[User]:
        """Everybody, in the order of their coming."""
        after: str | None = None
        while page := await self._store.people(after=after, limit=PAGE):
            for user in page:
                yield user
            after = page[-1].id

    async def find(self, identifier: str) -> User:
        """Who has that username, address or id. Raises `UserNotFound`."""
        user = await self._store.find(identifier.strip().removeprefix("@"))
        if user is None:
            raise UserNotFound
        return user

    async def create(self, *, username: str, email: str, display_name: str | None, password: str, admin: bool) -> User:
        """Make an account, whatever the sign-up policy says; the first one is the owner's.

        The values have been checked by the models. Raises `UsernameTaken`, `EmailTaken`.
        """
        user = User(
            id=self._runtime.new_id(),
            username=username,
            display_name=display_name or username,
            email=email,
            avatar=None,
            bio="",
            provider="email",
            verified=False,
            disabled=False,
            created_at=self._runtime.utcnow(),
        )
        made = await self._accounts.register(user, password, as_admin=admin)
        await self._log("signed_up", made)
        if made.role == "admin":
            await self._log("admin_granted", made)
        return made

    async def disable(self, identifier: str) -> User:
        """End every sign-in of somebody and let them in no more. Raises `UserNotFound`, `Conflict` (so already)."""
        user = await self._living(identifier)
        if not await self._store.set_disabled(user.id, True):
            raise Conflict(f"{user.username} is disabled already.")
        await self._log("account_disabled", user)
        await self._out(user.id)
        return user

    async def enable(self, identifier: str) -> User:
        """Let somebody in again. Raises `UserNotFound`, `Conflict` (so already)."""
        user = await self._living(identifier)
        if not await self._store.set_disabled(user.id, False):
            raise Conflict(f"{user.username} is not disabled.")
        await self._log("account_enabled", user)
        return user

    async def reset_password(self, identifier: str, password: str) -> User:
        """Give somebody another password; every sign-in ends. Raises `UserNotFound`."""
        user = await self._living(identifier)
        await self._accounts.set_password(user.id, password)
        await self._log("password_reset", user)
        await self._out(user.id)
        return user

    async def set_admin(self, identifier: str, admin: bool) -> User:
        """Make somebody an admin, or no longer.

        Raises `UserNotFound`, `Conflict` (so already), `Forbidden` (the owner).
        """
        user = await self._living(identifier)
        if user.role == "owner":
            raise Forbidden(f"{user.username} owns the server, which is more than an admin.")
        if not await self._store.set_role(user.id, "admin" if admin else "member"):
            raise Conflict(f"{user.username} is {'an' if admin else 'no'} admin already.")
        await self._log("admin_granted" if admin else "admin_revoked", user)
        return user

    async def delete(self, identifier: str) -> User:
        """Delete somebody's account, for ever; a running server sees to their groups. Raises `UserNotFound`."""
        user = await self._living(identifier)
        await self._leaving.wipe(user.id, by="operator")
        await self._end_sessions(user.id)
        return user

    def new_password(self) -> str:
        """Four groups of five letters and digits: about 99 bits of chance."""
        # every one of 256 values is as likely; those beyond a whole number of alphabets are passed over
        usable = 256 - 256 % len(_ALPHABET)
        chosen: list[str] = []
        while len(chosen) < 20:
            chosen += [_ALPHABET[byte % len(_ALPHABET)] for byte in self._runtime.random_bytes(32) if byte < usable]
        return "-".join("".join(chosen[start : start + 5]) for start in range(0, 20, 5))

    async def _living(self, identifier: str) -> User:
        user = await self.find(identifier)
        if user.deleted:
            raise UserNotFound
        return user

    async def _out(self, user_id: str) -> None:
        await self._end_sessions(user_id)
        await self._notify(user_id)

    async def _log(self, kind: AuditKind, user: User) -> None:
        await self._audit.record(kind, user.id, details={"by": "operator"})
