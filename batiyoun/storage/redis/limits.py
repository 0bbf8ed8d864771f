"""`SharedCounts` in Redis: `limit:{name}:{key}` and `failures:{name}:{key}`, by the server's clock."""

from __future__ import annotations

from typing import Final

from batiyoun.limiting import Backoff, Rate
from batiyoun.storage.redis.link import RedisLink, Script

#: What is kept is when the quota is full again, in microseconds: one number per key, as in `limiting.Limiter`.
_HIT: Final = Script("""
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local due = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
due = math.min(due + ARGV[1], now + ARGV[1] * ARGV[2])
redis.call('SET', KEYS[1], string.format('%.0f', due), 'PX', math.ceil((due - now) / 1000))
return due - now
""")

_FAILED: Final = Script("""
local count = redis.call('INCR', KEYS[1])
local over = count - ARGV[1]
local wait = 0
if over >= 0 then wait = math.min(tonumber(ARGV[3]), ARGV[2] * 2 ^ math.min(over, 60)) end
redis.call('PEXPIRE', KEYS[1], math.ceil((wait + ARGV[3]) * 1000))
return count
""")


class RedisCounts:
    """Counts shared by all nodes."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link

    async def hit(self, rate: Rate, key: str) -> float:
        """See `SharedCounts`."""
        ahead = await self._link.script(_HIT, (f"limit:{rate.name}:{key}",), int(rate.period * 1e6), rate.burst)
        return int(ahead) / 1e6

    async def failed(self, name: str, key: str, backoff: Backoff) -> int:
        """See `SharedCounts`."""
        keys = (f"failures:{name}:{key}",)
        return int(await self._link.script(_FAILED, keys, backoff.free, backoff.first, backoff.longest))

    async def succeeded(self, name: str, key: str) -> None:
        """See `SharedCounts`."""
        await self._link.run("DEL", f"failures:{name}:{key}")
