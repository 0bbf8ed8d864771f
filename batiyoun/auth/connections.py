"""Open connections live no longer than the session they were opened with (security.md 9 and 10)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Literal

import msgspec

from batiyoun.auth.model import Principal
from batiyoun.auth.service import AuthService
from batiyoun.live import Rooms, session_room
from batiyoun.runtime import Runtime

_log = logging.getLogger(__name__)

#: seconds between two looks at all open connections
SWEEP = 30.0


class SessionRevoked(msgspec.Struct, frozen=True, rename="camel"):
    """`session_revoked`: this sign-in is over.

    "revoked": somebody ended it, so the browser wipes what it keeps. "expired": time did; what is there stays readable
    until the person signs in again.
    """

    reason: Literal["revoked", "expired"]


class Connections:
    """Closes the sockets of sessions that end, and counts an open socket as use of its session."""

    def __init__(self, auth: AuthService, rooms: Rooms, runtime: Runtime) -> None:
        self._auth = auth
        self._rooms = rooms
        self._runtime = runtime
        self._open: dict[Any, Principal] = {}
        self._task: asyncio.Task[None] | None = None
        #: called with what `bound` was called with
        self.on_bound: list[Callable[[str, str, str | None], None]] = []
        for credentials in (auth, auth.api_tokens):
            credentials.on_revoked.append(lambda session_id, _: self.ended(session_id, "revoked"))
            credentials.on_expired.append(lambda session_id, _: self.ended(session_id, "expired"))

    def opened(self, socket: Any, principal: Principal) -> None:
        """A socket speaks for this principal now."""
        self._open[socket] = principal
        self._rooms.join(socket, session_room(principal.session_id))
        self._auth.seen(principal)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(), name="session-sweep")

    def closed(self, socket: Any) -> None:
        """The socket is gone."""
        self._open.pop(socket, None)

    def bound(self, user_id: str, session_id: str, device_id: str | None) -> None:
        """The session of that person speaks for that device from now on, and so do its sockets, wherever they are."""
        self.bound_here(session_id, device_id)
        for tell in self.on_bound:
            tell(user_id, session_id, device_id)

    def bound_here(self, session_id: str, device_id: str | None) -> None:
        """The same for the sockets of this process."""
        for socket in self._rooms.members(session_room(session_id)):
            socket.data.device_id = device_id

    def ended(self, session_id: str, reason: Literal["revoked", "expired"]) -> None:
        """A session is over, wherever that was decided: tell its sockets and close them."""
        room = session_room(session_id)
        self._rooms.publish(room, "session_revoked", SessionRevoked(reason))
        for socket in tuple(self._rooms.members(room)):
            socket.disconnect(close=True)

    async def look_at(self, user_id: str) -> None:
        """Somebody decided about this person elsewhere: close the sockets of what is over. Raises `Unavailable`."""
        open_now = {principal.session_id for principal in self._open.values() if principal.user_id == user_id}
        self._auth.doubt(user_id)
        for session_id in open_now - await self._auth.living(open_now):
            self._auth.forget(session_id)
            self.ended(session_id, "revoked")

    async def look_again(self) -> None:
        """Close the sockets of sessions that ended while nobody could tell us. Raises `Unavailable`.

        Whether somebody ended them or a store lost them is not known: the browser keeps what it has.
        """
        open_now = {principal.session_id for principal in self._open.values()}
        for session_id in open_now - await self._auth.living(open_now):
            self._auth.forget(session_id)
            self.ended(session_id, "expired")

    async def close(self) -> None:
        """Stop looking."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(SWEEP)
            try:
                self._sweep()
            except Exception:
                _log.exception("open connections could not be looked at")

    def _sweep(self) -> None:
        now = self._runtime.now()
        over = {principal.session_id for principal in self._open.values() if principal.ends_at <= now}
        for session_id in over:
            self.ended(session_id, "expired")
        for principal in self._open.values():
            if principal.session_id not in over:
                self._auth.seen(principal)
