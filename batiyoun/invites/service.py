"""Rules of invitations: a link lets people sign up, and opens the chat with whoever made it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from batiyoun.audit.service import Audit
from batiyoun.auth.service import SECRET_LENGTH, hash_token, new_secret
from batiyoun.errors import Conflict, InviteInvalid, NotFound
from batiyoun.invites.model import MAX_INVITES, Invite
from batiyoun.invites.store import InviteStore
from batiyoun.runtime import Runtime
from batiyoun.users.model import User
from batiyoun.users.service import UserService, is_user_id

#: Opens the direct chat of two people, (who asks, the other one), and returns its id.
Meet = Callable[[str, str], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class MadeInvite:
    """A new invitation and its code, which is shown this once."""

    invite: Invite
    code: str


class InviteService:
    """Invitations of people for people."""

    def __init__(
        self,
        *,
        store: InviteStore,
        users: UserService,
        audit: Audit,
        meet: Meet,
        place: str,
        runtime: Runtime,
    ) -> None:
        """`place` is the address of this server, which the links begin with."""
        self._store = store
        self._users = users
        self._audit = audit
        self._meet = meet
        self._place = place.rstrip("/")
        self._runtime = runtime

    async def make(self, user_id: str, *, max_uses: int, days: int, note: str) -> MadeInvite:
        """A link for `max_uses` people, good for `days`. Raises `Conflict` (too many are good already)."""
        now = self._runtime.utcnow()
        code = new_secret(self._runtime)
        invite = Invite(
            id=self._runtime.new_id(),
            inviter_id=user_id,
            max_uses=max_uses,
            uses=0,
            note=note,
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
        if not await self._store.create(invite, hash_token(code), limit=MAX_INVITES):
            raise Conflict(f"You have {MAX_INVITES} invitations that are good. Withdraw one first.")
        await self._audit.record("invite_made", user_id)
        return MadeInvite(invite, code)

    def url_of(self, code: str) -> str:
        """The link to send."""
        return f"{self._place}/invite/{code}"

    async def of_user(self, user_id: str) -> list[Invite]:
        """One's own invitations, the newest first."""
        return await self._store.of_user(user_id)

    async def withdraw(self, user_id: str, invite_id: str) -> None:
        """Void one's own invitation. Raises `NotFound`."""
        if not is_user_id(invite_id) or not await self._store.delete(invite_id, user_id):
            raise NotFound
        await self._audit.record("invite_revoked", user_id)

    async def look(self, code: str) -> tuple[Invite, User]:
        """A good invitation and who made it. Raises `InviteInvalid`: the same for every way not to be good."""
        invite = await self._store.find(_hash(code), self._runtime.utcnow())
        if invite is None:
            raise InviteInvalid
        return invite, await self._users.get(invite.inviter_id)

    async def accept(self, user_id: str, code: str) -> str:
        """Somebody who has an account follows the link: the id of their chat with the inviter.

        Following it again uses nothing. Raises `InviteInvalid`, `Conflict` (one's own invitation).
        """
        now = self._runtime.utcnow()
        found = await self._store.find(_hash(code), now)
        if found is not None and found.inviter_id == user_id:
            raise Conflict("This is your own invitation. Send its link to somebody else.")
        used = await self._store.use(_hash(code), user_id, now)
        if used is None:
            raise InviteInvalid
        invite, first = used
        if first:
            await self._audit.record("invite_used", invite.inviter_id, details={"by": "account"})
        return await self._meet(user_id, invite.inviter_id)

    async def signed_up(self, user_id: str, inviter_id: str) -> None:
        """Somebody made an account with an invitation, which is used up already: open the chat of the two."""
        await self._audit.record("invite_used", inviter_id, details={"by": "sign-up"})
        await self._meet(user_id, inviter_id)


def _hash(code: str) -> bytes:
    if len(code) != SECRET_LENGTH:
        raise InviteInvalid
    return hash_token(code)
