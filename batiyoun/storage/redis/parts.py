"""Everything that lives in one Redis or Valkey, over one pool."""

from __future__ import annotations

from batiyoun.runtime import Runtime
from batiyoun.storage.redis.bus import RedisBus
from batiyoun.storage.redis.codes import RedisCodeStore
from batiyoun.storage.redis.limits import RedisCounts
from batiyoun.storage.redis.link import RedisLink
from batiyoun.storage.redis.presence import RedisPresence
from batiyoun.storage.redis.sessions import Disabled, RedisSessionStore


class RedisParts:
    """The adapters of one server. `timeout` in seconds, `ca` a PEM file for `rediss://`."""

    def __init__(self, url: str, *, connections: int, timeout: float, ca: str | None = None) -> None:
        """Nothing connects before it is used or started."""
        self.link = RedisLink(url, connections=connections, timeout=timeout, ca=ca)
        self.bus = RedisBus(url, timeout=timeout, ca=ca)
        self.presence = RedisPresence(self.link)
        self.codes = RedisCodeStore(self.link)
        self.counts = RedisCounts(self.link)

    def sessions(self, runtime: Runtime, disabled: Disabled) -> RedisSessionStore:
        """The sessions; `disabled` says who of some people may not have any."""
        return RedisSessionStore(self.link, runtime, disabled)

    def start(self) -> None:
        """Join the other nodes, and stay joined."""
        self.bus.start()

    async def ready(self) -> bool:
        """Whether the server answers and the bus is connected."""
        return await self.link.ready() and self.bus.up

    async def close(self) -> None:
        """Leave the other nodes, and disconnect."""
        await self.bus.close()
        await self.link.close()
