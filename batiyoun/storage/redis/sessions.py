"""`SessionStore` in Redis: `session:{id}`, where the id is the hash of the cookie, for as long as the session may live.

A session is a Redis hash: `v` (the version of the rest), `session` (JSON), and in milliseconds the times that move,
`seen` and `proved`, and the one that does not, `ends`. Beside it lie `session:id:{uuid}` (where the session with that
public id is) and `user:{userId}:sessions` (where a person's sessions are). `device` is there when the session was bound
to one (empty: to none any more). `session:ended:{id}` says that it was ended from elsewhere.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import msgspec

from batiyoun.auth.model import ABSOLUTE_LIFETIME, IDLE_LIFETIME, Session
from batiyoun.runtime import Runtime, from_millis, to_millis
from batiyoun.storage.redis.link import RedisLink, Script

logger = logging.getLogger(__name__)

#: of these people, those who are disabled
Disabled = Callable[[Collection[str]], Awaitable[Collection[str]]]

_VERSION: Final = b"1"
_IDLE_MS: Final = int(IDLE_LIFETIME.total_seconds() * 1000)
_decode = msgspec.json.Decoder(Session).decode
_encode = msgspec.json.encode

_CREATE: Final = Script("""
redis.call('HSET', KEYS[1], 'v', ARGV[1], 'session', ARGV[2], 'seen', ARGV[3], 'proved', ARGV[4], 'ends', ARGV[5])
redis.call('PEXPIRE', KEYS[1], ARGV[6])
redis.call('SET', KEYS[2], ARGV[7], 'PX', ARGV[8])
redis.call('SADD', KEYS[3], ARGV[7])
if redis.call('PTTL', KEYS[3]) < tonumber(ARGV[8]) then redis.call('PEXPIRE', KEYS[3], ARGV[8]) end
""")

#: A time only moves forward; being seen also renews the session's life, up to its end.
_MOVE: Final = Script("""
local known = tonumber(redis.call('HGET', KEYS[1], ARGV[1]))
local at = tonumber(ARGV[2])
if known and known < at then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
  if ARGV[1] == 'seen' then
    local left = tonumber(redis.call('HGET', KEYS[1], 'ends')) - at
    redis.call('PEXPIRE', KEYS[1], math.min(tonumber(ARGV[3]), left))
  end
end
""")

#: not for a session that has just ended: it would come to life again, without an end
_BIND: Final = Script("""
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], 'device', ARGV[1]) end
""")


class RedisSessionStore:
    """Sign-ins, shared by all nodes. They expire by themselves, so there is never anything to sweep.

    `disabled` is asked for the people of sessions that were found: an account can be disabled where no Redis is told.
    """

    def __init__(self, link: RedisLink, runtime: Runtime, disabled: Disabled) -> None:
        self._link = link
        self._runtime = runtime
        self._disabled = disabled

    async def create(self, session: Session) -> None:
        """See `SessionStore`. As durable as the Redis is set up to be."""
        now = to_millis(self._runtime.utcnow())
        ends = to_millis(session.created_at + ABSOLUTE_LIFETIME)
        lives = to_millis(session.expires_at()) - now
        if lives <= 0:
            return
        where = session.token_hash.hex()
        await self._link.script(
            _CREATE,
            (_at(where), _by_id(session.id), _of_user(session.user_id)),
            _VERSION,
            _encode(session),
            to_millis(session.last_seen_at),
            to_millis(session.proved_at),
            ends,
            lives,
            where,
            ends - now,
        )

    async def find(self, token_hashes: Collection[bytes], ids: Collection[str]) -> list[Session]:
        """See `SessionStore`."""
        places = [token_hash.hex() for token_hash in token_hashes]
        found = await self._read({*places, *(await self._places(ids)).values()})
        if not found:
            return []
        disabled = await self._disabled({session.user_id for session in found})
        return [session for session in found if session.user_id not in disabled]

    async def touch(self, seen: Mapping[str, datetime]) -> None:
        """See `SessionStore`."""
        await self._move("seen", seen)

    async def prove(self, session_id: str, at: datetime) -> None:
        """See `SessionStore`."""
        await self._move("proved", {session_id: at})

    async def bind_device(self, session_id: str, device_id: str | None) -> None:
        """See `SessionStore`."""
        for place in (await self._places([session_id])).values():
            await self._link.script(_BIND, (_at(place),), device_id or "")

    async def delete(self, ids: Collection[str]) -> list[Session]:
        """See `SessionStore`. Of several who end a session at once, one is told of it."""
        places = await self._places(ids)
        sessions = await self._read(places.values())
        ended = await self._link.all([("DEL", _at(session.token_hash.hex())) for session in sessions])
        await self._link.all(
            [
                command
                for session in sessions
                for command in (
                    ("DEL", _by_id(session.id)),
                    ("SREM", _of_user(session.user_id), session.token_hash.hex()),
                )
            ]
        )
        return [session for session, count in zip(sessions, ended, strict=True) if count]

    async def revoke(self, ids: Collection[str]) -> list[Session]:
        """See `SessionStore`. Remembered before it is ended: while it lives, nobody asks."""
        now = to_millis(self._runtime.utcnow())
        sessions = await self._read((await self._places(ids)).values())
        await self._link.all(
            [
                ("SET", _ended(session.token_hash), "", "PX", left)
                for session in sessions
                if (left := to_millis(session.ends_at()) - now) > 0
            ]
        )
        return await self.delete(ids)

    async def was_revoked(self, token_hash: bytes) -> bool:
        """See `SessionStore`."""
        return bool(await self._link.run("EXISTS", _ended(token_hash)))

    async def of_user(self, user_id: str) -> list[Session]:
        """See `SessionStore`. Forgets where sessions were that are over."""
        places = {place.decode() for place in await self._link.run("SMEMBERS", _of_user(user_id))}
        found = await self._read(places)
        over = places.difference(session.token_hash.hex() for session in found)
        if over:
            await self._link.run("SREM", _of_user(user_id), *over)
        return sorted(found, key=lambda session: (-to_millis(session.last_seen_at), session.id))

    async def delete_expired(self, now: datetime) -> list[Session]:
        """Nothing: what is over is gone already."""
        return []

    async def _move(self, what: str, times: Mapping[str, datetime]) -> None:
        places = await self._places(times)
        await asyncio.gather(
            *(
                self._link.script(_MOVE, (_at(place),), what, to_millis(times[session_id]), _IDLE_MS)
                for session_id, place in places.items()
            )
        )

    async def _places(self, ids: Iterable[str]) -> dict[str, str]:
        wanted = list(ids)
        found = await self._link.all([("GET", _by_id(session_id)) for session_id in wanted])
        return {session_id: place.decode() for session_id, place in zip(wanted, found, strict=True) if place}

    async def _read(self, places: Iterable[str]) -> list[Session]:
        wanted = list(places)
        fields = ("v", "session", "seen", "proved", "device")
        rows = await self._link.all([("HMGET", _at(place), *fields) for place in wanted])
        return [session for row in rows if (session := _session(row)) is not None]


def _session(row: list[Any]) -> Session | None:
    version, text, seen, proved, device = row
    if version is None:
        return None
    if version != _VERSION:
        logger.warning("a session was written by another version and is not read")
        return None
    found = replace(_decode(text), last_seen_at=from_millis(int(seen)), proved_at=from_millis(int(proved)))
    return found if device is None else replace(found, device_id=device.decode() or None)


def _at(place: str) -> str:
    return f"session:{place}"


def _by_id(session_id: str) -> str:
    return f"session:id:{session_id}"


def _ended(token_hash: bytes) -> str:
    return f"session:ended:{token_hash.hex()}"


def _of_user(user_id: str) -> str:
    return f"user:{user_id}:sessions"
