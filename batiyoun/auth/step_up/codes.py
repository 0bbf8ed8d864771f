"""Proving again who one is with a code by mail."""

from __future__ import annotations

from batiyoun.auth.challenges import Challenges
from batiyoun.auth.codes import Requested
from batiyoun.auth.model import CODE_LIFETIME, Principal
from batiyoun.auth.service import AuthService
from batiyoun.errors import Unauthenticated
from batiyoun.mail.model import Language, Letter
from batiyoun.mail.service import Post
from batiyoun.users.model import User


class StepUpCodes:
    """Sends codes to people who are signed in, and accepts them in the browser and session that asked."""

    def __init__(self, *, auth: AuthService, challenges: Challenges, post: Post, place: str) -> None:
        """`place` is the address of this server, which the letters name."""
        self._auth = auth
        self._challenges = challenges
        self._post = post
        self._place = place
        self.secure = auth.secure
        self.cookie_name = "__Host-batiyoun-step-up" if auth.secure else "batiyoun-step-up"

    @property
    def reaches_people(self) -> bool:
        """Whether letters go to mailboxes, not to the server's console."""
        return self._post.reaches_people

    async def request(self, principal: Principal, *, language: Language, address: str, before: str | None) -> Requested:
        """Write a code to the person's own mailbox; `before` is the secret of this browser's code until now: void.

        Raises `RateLimited`, `Unavailable`.
        """
        me = await self._me(principal)
        resend_after = self._auth.throttle.check_mail(me.email, address)
        issued = await self._challenges.issue("step_up", me.email, bound_to=principal.session_id, before=before)
        minutes = str(int(CODE_LIFETIME.total_seconds() // 60))
        values = {"code": issued.code, "minutes": minutes, "place": self._place}
        self._post.send(Letter(me.email, "step_up_code", language, values))
        return Requested(issued.secret, issued.expires_at, resend_after)

    async def accept(self, principal: Principal, secret: str | None, code: str) -> None:
        """Use up the code. Raises `InvalidCode`, the same for everything that can be wrong, and `Unavailable`."""
        me = await self._me(principal)
        await self._challenges.accept(secret, {"step_up"}, me.email, code, bound_to=principal.session_id)

    async def _me(self, principal: Principal) -> User:
        me = await self._auth.person(principal.user_id)
        if me is None:
            raise Unauthenticated
        return me
