"""`CodeStore` in Redis: `otp:{email}` holds the codes that were sent to that address, hashed, until the last is over.

A field of it is one browser's request: `{expiry in milliseconds}:{challenge as JSON}`; the field with a `#` behind its
name counts the tries. `otp:request:{hash}` says to which address a request belongs.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from batiyoun.auth.model import Challenge
from batiyoun.runtime import to_millis
from batiyoun.storage.redis.link import RedisLink, Script
from batiyoun.users.model import fold

_decode = msgspec.json.Decoder(Challenge).decode
_encode = msgspec.json.encode

_PUT: Final = Script("""
local fields = redis.call('HGETALL', KEYS[1])
for index = 1, #fields, 2 do
  local expires = tonumber(string.match(fields[index + 1], '^(%d+):'))
  if expires and expires <= tonumber(ARGV[3]) then redis.call('HDEL', KEYS[1], fields[index], fields[index] .. '#') end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2], ARGV[1] .. '#', 0)
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[4]) then redis.call('PEXPIRE', KEYS[1], ARGV[4]) end
redis.call('SET', KEYS[2], ARGV[5], 'PX', ARGV[4])
""")

_ATTEMPT: Final = Script("""
local kept = redis.call('HGET', KEYS[1], ARGV[1])
if not kept or tonumber(string.match(kept, '^(%d+):')) <= tonumber(ARGV[2]) then return false end
if redis.call('HINCRBY', KEYS[1], ARGV[1] .. '#', 1) > tonumber(ARGV[3]) then return false end
return kept
""")

_CONSUME: Final = Script("""
redis.call('DEL', KEYS[2])
redis.call('HDEL', KEYS[1], ARGV[1] .. '#')
return redis.call('HDEL', KEYS[1], ARGV[1])
""")


class RedisCodeStore:
    """Codes sent by mail, shared by all nodes."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link

    async def put(self, challenge: Challenge, *, replaces: bytes | None, now: datetime) -> None:
        """See `CodeStore`. As durable as the Redis is set up to be."""
        if replaces is not None:
            await self.consume(replaces)
        expires = to_millis(challenge.expires_at)
        where = challenge.request_hash.hex()
        address = fold(challenge.email)
        await self._link.script(
            _PUT,
            (_codes(address), _request(where)),
            where,
            b"%d:%b" % (expires, _encode(challenge)),
            to_millis(now),
            max(1, expires - to_millis(now)),
            address,
        )

    async def attempt(self, request_hash: bytes, now: datetime, max_tries: int) -> Challenge | None:
        """See `CodeStore`."""
        where = request_hash.hex()
        address = await self._address(where)
        if address is None:
            return None
        kept = await self._link.script(_ATTEMPT, (_codes(address),), where, to_millis(now), max_tries)
        return None if kept is None else _decode(kept.partition(b":")[2])

    async def consume(self, request_hash: bytes) -> bool:
        """See `CodeStore`."""
        where = request_hash.hex()
        address = await self._address(where)
        if address is None:
            return False
        return bool(await self._link.script(_CONSUME, (_codes(address), _request(where)), where))

    async def _address(self, where: str) -> str | None:
        found = await self._link.run("GET", _request(where))
        return None if found is None else found.decode()


def _codes(address: str) -> str:
    return f"otp:{address}"


def _request(where: str) -> str:
    return f"otp:request:{where}"
