"""This node among others: what must be told to them, and what is done about what they tell."""

from __future__ import annotations

import asyncio

from batiyoun.auth.connections import Connections
from batiyoun.auth.elsewhere import BOUND, ENDED, SessionsElsewhere
from batiyoun.auth.model import Principal
from batiyoun.auth.service import AuthService
from batiyoun.blocks.standing import BLOCKS, Standing
from batiyoun.chats.fanout import FanOut
from batiyoun.chats.nodes import ROSTER, Crossroads
from batiyoun.chats.residence import Residence
from batiyoun.chats.store import ChatStore, LogStore
from batiyoun.presence.service import PresenceService
from batiyoun.realtime import Hub


class Cluster:
    """Joins the parts of this process to those of the others over the hub's bus.

    `crossroads` is asked instead of the fan-out; `join` when the other parts are there.
    """

    def __init__(
        self, hub: Hub, auth: AuthService, connections: Connections, stores: tuple[LogStore, ChatStore], fan_out: FanOut
    ) -> None:
        self._hub = hub
        self._auth = auth
        self.crossroads = Crossroads(hub, *stores, fan_out)
        self.sessions = SessionsElsewhere(auth, connections, hub)

    def join(self, residence: Residence, presence: PresenceService, standing: Standing) -> None:
        """Hear what other nodes say."""
        self.crossroads.settle_with(residence)
        self._hub.on_closed = self.crossroads.closed
        self._hub.listen(
            stamped=self.crossroads.stamped,
            told={
                ROSTER: self.crossroads.roster,
                ENDED: self.sessions.heard,
                BOUND: self.sessions.bound,
                BLOCKS: standing.heard,
            },
        )
        for restored in (self.sessions.restored, self.crossroads.restored, presence.restored):
            self._hub.listen(restored=restored)

    async def still_lives(self, principal: Principal) -> bool:
        """Whether a session lives that was looked at before this node listened to its person's channel."""
        return principal.session_id in await self._auth.living([principal.session_id])

    async def close(self) -> None:
        """Follow nobody any more."""
        await asyncio.gather(self.crossroads.close(), self.sessions.close())
