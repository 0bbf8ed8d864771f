"""Rules of leaving: what is wiped when somebody deletes their account, and what stays behind."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Literal, get_args

from batiyoun.account.store import Departure, DepartureStore
from batiyoun.audit.service import Audit
from batiyoun.errors import InvalidInput, UserNotFound
from batiyoun.runtime import Runtime
from batiyoun.users.model import fold
from batiyoun.users.service import UserService

log = logging.getLogger(__name__)

Wiped = Literal[
    "address", "username", "displayName", "bio", "avatar", "password", "sessions", "apiTokens", "passkeys",
    "secondFactor", "identities", "invitations",
]  # fmt: skip
Kept = Literal["messages", "directChats", "securityLog"]
#: what is gone; docs/explanation/accounts.md says it in sentences
WIPED: tuple[Wiped, ...] = get_args(Wiped)
#: what stays, without a name on it
KEPT: tuple[Kept, ...] = get_args(Kept)


class Leaving:
    """Deletes accounts.

    The accounts' database decides, in one transaction: from then on nobody can sign in, and the name is gone. What lies
    outside of it (sockets, groups, files) is seen to at once, and again later if something was in the way.
    """

    def __init__(
        self,
        *,
        store: DepartureStore,
        users: UserService,
        audit: Audit,
        runtime: Runtime,
        end_sessions: Callable[[str], Awaitable[object]],
        leave_groups: Callable[[str], Awaitable[None]],
        forget_avatar: Callable[[str | None], Awaitable[None]],
    ) -> None:
        """The callables do, for a person's id (or picture), what their names say; they may be called again."""
        self._store = store
        self._users = users
        self._audit = audit
        self._runtime = runtime
        self._end_sessions = end_sessions
        self._leave_groups = leave_groups
        self._forget_avatar = forget_avatar

    async def leave(self, user_id: str, username: str, *, session_id: str, user_agent: str) -> None:
        """Delete one's own account; `username` is typed again, so that it is no slip.

        On return the sockets are closed. Raises `InvalidInput` (another name), `UserNotFound`, `Unavailable`.
        """
        user = await self._users.get(user_id)
        if fold(username.strip().removeprefix("@")) != fold(user.username):
            sentence = "This is not your username. Type it to delete your account."
            raise InvalidInput(sentence, fields={"username": sentence})
        await self._see_off(await self.wipe(user_id, session_id=session_id, user_agent=user_agent, by="self"))

    async def wipe(
        self, user_id: str, *, by: Literal["self", "operator"], session_id: str | None = None, user_agent: str = ""
    ) -> Departure:
        """Make the account a tombstone; sockets, groups and files are still to be seen to, by this server or the next.

        Raises `UserNotFound`, `Unavailable`.
        """
        departure = await self._store.wipe(user_id, self._runtime.utcnow())
        if departure is None:
            raise UserNotFound
        await self._audit.record(
            "account_deleted", user_id, session_id=session_id, user_agent=user_agent, details={"by": by}
        )
        return departure

    async def resume(self) -> None:
        """See to what is left of those who left, here or by command. Raises `Unavailable`."""
        for departure in await self._store.unfinished():
            await self._see_off(departure)

    async def _see_off(self, departure: Departure) -> None:
        try:
            await self._end_sessions(departure.user_id)
            await self._leave_groups(departure.user_id)
            await self._forget_avatar(departure.avatar)
            await self._store.finished(departure.user_id)
        except Exception:
            log.exception("an account is deleted, and what hangs on it will be seen to later")
