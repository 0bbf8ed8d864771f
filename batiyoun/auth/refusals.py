"""Why a request is nobody's: who was signed out from elsewhere is told so, and the browser wipes what it keeps."""

from __future__ import annotations

from batiyoun.auth.cookies import read_cookie
from batiyoun.auth.secrets import SECRET_LENGTH, hash_token
from batiyoun.auth.store import SessionStore
from batiyoun.errors import SignInEnded, Unauthenticated


class Refusals:
    """Finds the words for a browser that was not let in. Only who has the session's secret learns that it was ended.

    For the edge, where somebody is required: signing in with the cookie of an ended session goes on.
    """

    def __init__(self, sessions: SessionStore, cookie_name: str) -> None:
        self._sessions = sessions
        self._cookie_name = cookie_name

    async def of(self, cookie_header: str) -> Unauthenticated:
        """What to answer to that Cookie header, which speaks for nobody. Raises `Unavailable`."""
        token = read_cookie(cookie_header, self._cookie_name)
        if token is None or len(token) != SECRET_LENGTH or not await self._sessions.was_revoked(hash_token(token)):
            return Unauthenticated()
        return SignInEnded()
