"""Sessions that end on one node end on all of them (security.md 9)."""

from __future__ import annotations

import asyncio
import logging
from typing import Literal

import msgspec

from batiyoun.auth.connections import Connections
from batiyoun.auth.service import AuthService
from batiyoun.errors import Unavailable
from batiyoun.live import Nodes, user_room

logger = logging.getLogger(__name__)

#: what nodes tell each other about a person
ENDED = "session_ended"
BOUND = "session_bound"
#: seconds between attempts to ask for the open sessions after the bus was away
AGAIN = 1.0


class SessionWord(msgspec.Struct, array_like=True, frozen=True):
    """That session is over."""

    session_id: str
    reason: Literal["revoked", "expired"]


class BoundWord(msgspec.Struct, array_like=True, frozen=True):
    """That session speaks for that device."""

    session_id: str
    device_id: str | None


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(SessionWord).decode
_decode_bound = msgspec.msgpack.Decoder(BoundWord).decode


class SessionsElsewhere:
    """Tells other nodes of sessions that ended here, and follows what they tell.

    What was told while the bus was away is found by asking for all sessions that have open sockets.
    """

    def __init__(self, auth: AuthService, connections: Connections, nodes: Nodes) -> None:
        self._auth = auth
        self._connections = connections
        self._nodes = nodes
        self._looking: asyncio.Task[None] | None = None
        self._look_wanted = False
        auth.share_sessions()
        connections.on_bound.append(self._tell_bound)
        for credentials in (auth, auth.api_tokens):
            credentials.on_revoked.append(lambda session_id, user_id: self._tell(session_id, user_id, "revoked"))
            credentials.on_expired.append(lambda session_id, user_id: self._tell(session_id, user_id, "expired"))

    def heard(self, room: str, data: bytes) -> None:
        """Another node ended a session of somebody with sockets here."""
        word = _decode(data)
        self._auth.forget(word.session_id)
        self._connections.ended(word.session_id, word.reason)

    def bound(self, room: str, data: bytes) -> None:
        """Another node bound a session of somebody with sockets here to a device."""
        word = _decode_bound(data)
        self._connections.bound_here(word.session_id, word.device_id)

    def restored(self) -> None:
        """The bus was away."""
        self._look_wanted = True
        if self._looking is None or self._looking.done():
            self._looking = asyncio.get_running_loop().create_task(self._look(), name="sessions look again")

    async def close(self) -> None:
        """Stop looking."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    def _tell(self, session_id: str, user_id: str, reason: Literal["revoked", "expired"]) -> None:
        self._nodes.tell(user_room(user_id), ENDED, _encode(SessionWord(session_id, reason)))

    def _tell_bound(self, user_id: str, session_id: str, device_id: str | None) -> None:
        self._nodes.tell(user_room(user_id), BOUND, _encode(BoundWord(session_id, device_id)))

    async def _look(self) -> None:
        while self._look_wanted:
            self._look_wanted = False
            try:
                await self._connections.look_again()
            except Unavailable:
                self._look_wanted = True
                await asyncio.sleep(AGAIN)
            except Exception:
                logger.exception("the sessions of open sockets could not be looked at")
