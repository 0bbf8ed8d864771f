"""`PresenceStore` in Redis: `user:online:{userId}` (connection → expiry) and `chat:{chatId}:typing` (user → time).

Times are the server's, so that nodes whose clocks differ agree. Beside the two lie `user:seen:{userId}` (when somebody
was seen last, for 30 days) and `users:online` (user → expiry), by which departures are found that no node is left to
tell.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection
from typing import Final

from batiyoun.storage.redis.link import RedisLink, Script

ONLINE_TTL: Final = 300.0
TYPING_TTL: Final = 3.0
#: a typing notice is passed on at most this often, in seconds
TYPING_QUIET: Final = 1.0
SEEN_TTL: Final = 30 * 86_400.0
EVERYBODY: Final = "users:online"
#: people asked about in one script, which blocks the server while it runs
CHUNK: Final = 200

_NOW: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
"""

_ARRIVE: Final = Script(f"""{_NOW}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local first = redis.call('ZCARD', KEYS[1]) == 0
redis.call('ZADD', KEYS[1], now + ARGV[1], ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[2], now + ARGV[1], ARGV[2])
return first and 1 or 0
""")

_DEPART: Final = Script(f"""{_NOW}
if redis.call('ZREM', KEYS[1], ARGV[3]) == 0 then return 0 end
if redis.call('ZCOUNT', KEYS[1], now, '+inf') > 0 then return 0 end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[2])
redis.call('SET', KEYS[3], now, 'PX', ARGV[1])
return 1
""")

_REFRESH: Final = Script(f"""{_NOW}
for index = 3, #ARGV do redis.call('ZADD', KEYS[1], now + ARGV[1], ARGV[index]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[2], now + ARGV[1], ARGV[2])
""")

#: -1 for those who are here, the time of last sight for those who were, nothing for others.
_ONLINE: Final = Script(f"""{_NOW}
local found = {{}}
for index = 1, #KEYS / 2 do
  if redis.call('ZCOUNT', KEYS[index * 2 - 1], now, '+inf') > 0 then found[index] = -1
  else found[index] = tonumber(redis.call('GET', KEYS[index * 2])) or false end
end
return found
""")

_FADE: Final = Script(f"""{_NOW}
for index = 3, #ARGV do redis.call('ZADD', KEYS[1], 'XX', now + ARGV[1], ARGV[index]) end
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')[2]
if last then redis.call('ZADD', KEYS[2], last, ARGV[2]) end
""")

#: The keys of the people are made here: who they are is known only inside.
_GONE: Final = Script(f"""{_NOW}
local gone = {{}}
for _, user in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[2])) do
  local key = 'user:online:' .. user
  if redis.call('ZCOUNT', key, now, '+inf') > 0 then
    redis.call('ZADD', KEYS[1], redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')[2], user)
  else
    local seen = tonumber(redis.call('ZSCORE', KEYS[1], user))
    redis.call('ZREM', KEYS[1], user)
    redis.call('DEL', key)
    redis.call('SET', 'user:seen:' .. user, string.format('%.0f', seen), 'PX', ARGV[1])
    gone[#gone + 1] = user
    gone[#gone + 1] = string.format('%.0f', seen)
  end
end
return gone
""")

_TYPE: Final = Script(f"""{_NOW}
local known = redis.call('ZSCORE', KEYS[1], ARGV[1])
if known and now - known < tonumber(ARGV[3]) then return 0 end
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
""")

_TYPING: Final = Script(f"""{_NOW}
return redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. (now - ARGV[1]), '+inf')
""")


class RedisPresence:
    """Presence and typing of all nodes. `ttl`, `typing_ttl` and `quiet` in seconds are the contract's but in tests."""

    def __init__(
        self, link: RedisLink, *, ttl: float = ONLINE_TTL, typing_ttl: float = TYPING_TTL, quiet: float = TYPING_QUIET
    ) -> None:
        self._link = link
        self._ttl = int(ttl * 1000)
        self._typing_ttl = int(typing_ttl * 1000)
        self._quiet = int(quiet * 1000)

    async def arrive(self, user_id: str, connection_id: str) -> bool:
        """See `PresenceStore.arrive`."""
        keys = (_online(user_id), EVERYBODY)
        return bool(await self._link.script(_ARRIVE, keys, self._ttl, user_id, connection_id))

    async def depart(self, user_id: str, connection_id: str) -> bool:
        """See `PresenceStore.depart`."""
        keys = (_online(user_id), EVERYBODY, _seen(user_id))
        return bool(await self._link.script(_DEPART, keys, int(SEEN_TTL * 1000), user_id, connection_id))

    async def refresh(self, connections: Collection[tuple[str, str]]) -> None:
        """See `PresenceStore.refresh`."""
        await self._for_each(_REFRESH, connections, self._ttl)

    async def _for_each(self, script: Script, connections: Collection[tuple[str, str]], milliseconds: int) -> None:
        by_user: defaultdict[str, list[str]] = defaultdict(list)
        for user_id, connection_id in connections:
            by_user[user_id].append(connection_id)
        people = list(by_user.items())
        for start in range(0, len(people), CHUNK):
            await asyncio.gather(
                *(
                    self._link.script(script, (_online(user_id), EVERYBODY), milliseconds, user_id, *mine)
                    for user_id, mine in people[start : start + CHUNK]
                )
            )

    async def fade(self, connections: Collection[tuple[str, str]], seconds: float) -> None:
        """See `PresenceStore.fade`."""
        await self._for_each(_FADE, connections, int(seconds * 1000))

    async def gone(self, limit: int) -> dict[str, float]:
        """See `PresenceStore.gone`. Whoever's node died counts as seen until their entry expired."""
        found = await self._link.script(_GONE, (EVERYBODY,), int(SEEN_TTL * 1000), limit)
        return {user_id.decode(): int(seen) / 1000 for user_id, seen in zip(found[::2], found[1::2], strict=True)}

    async def online(self, user_ids: Collection[str]) -> dict[str, float | None]:
        """See `PresenceStore.online`."""
        asked = list(dict.fromkeys(user_ids))
        chunks = [asked[start : start + CHUNK] for start in range(0, len(asked), CHUNK)]
        answers = await asyncio.gather(
            *(
                self._link.script(_ONLINE, [key for user_id in chunk for key in (_online(user_id), _seen(user_id))])
                for chunk in chunks
            )
        )
        return {
            user_id: None if answer == -1 else answer / 1000
            for chunk, found in zip(chunks, answers, strict=True)
            for user_id, answer in zip(chunk, found, strict=True)
            if answer is not None
        }

    async def type(self, chat_id: str, user_id: str) -> bool:
        """See `PresenceStore.type`."""
        return bool(await self._link.script(_TYPE, (_typing(chat_id),), user_id, self._typing_ttl, self._quiet))

    async def typing(self, chat_id: str) -> set[str]:
        """See `PresenceStore.typing`."""
        found = await self._link.script(_TYPING, (_typing(chat_id),), self._typing_ttl)
        return {user_id.decode() for user_id in found}


def _online(user_id: str) -> str:
    return f"user:online:{user_id}"


def _seen(user_id: str) -> str:
    return f"user:seen:{user_id}"


def _typing(chat_id: str) -> str:
    return f"chat:{chat_id}:typing"
