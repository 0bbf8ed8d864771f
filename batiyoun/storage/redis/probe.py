"""What a Redis or Valkey says of itself, for `doctor`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

from batiyoun.storage.redis.link import connection_options
from batiyoun.storage.shared.probe import Probe, clock_ahead, round_trip

#: Valkey's `redis_version` is the one that it is compatible with
_OLDEST = (7,)
#: what it raises when there is nothing to look at
ERRORS = (RedisError, OSError)


async def probe(url: str, now: Callable[[], datetime], *, seconds: float, ca: str | None) -> Probe:
    """Look at the server. Raises `ERRORS`."""
    # the library has types for its own commands only
    redis: Any = Redis.from_url(url, retry=Retry(NoBackoff(), 0), **connection_options(url, seconds, ca))
    try:
        milliseconds = await round_trip(lambda: redis.execute_command("PING"))

        async def there() -> datetime:
            second, micros = await redis.execute_command("TIME")
            return datetime.fromtimestamp(int(second) + int(micros) / 1e6, UTC)

        ahead = await clock_ahead(now, there)
        about: dict[str, Any] = await redis.info()
        snapshots = await _snapshots(redis)
    finally:
        await redis.aclose()
    name = "Valkey" if "valkey_version" in about else "Redis"
    version = str(about.get("valkey_version", about.get("redis_version", "0")))
    return Probe(f"{name} {version}", milliseconds, ahead, _faults(about), _hints(about, snapshots))


async def _snapshots(redis: Any) -> bool:
    """Whether it saves itself now and then; taken for granted where CONFIG is not ours to use (managed servers)."""
    try:
        answer = await redis.execute_command("CONFIG", "GET", "save")
    except ResponseError:
        return True
    values = list(answer.values()) if isinstance(answer, dict) else list(answer)[1::2]
    return any(values)


def _faults(about: dict[str, Any]) -> tuple[str, ...]:
    faults = []
    if tuple(int(part) for part in str(about.get("redis_version", "0")).split(".")[:1]) < _OLDEST:
        faults.append("Redis 7 or Valkey is needed: update the server.")
    if about.get("role") in {"slave", "replica"}:
        faults.append("It is a replica, which takes no writes: name the primary.")
    if about.get("cluster_enabled"):
        faults.append("It is a Redis Cluster, which is not supported: use one server, with replicas if you like.")
    return tuple(faults)


def _hints(about: dict[str, Any], snapshots: bool) -> tuple[str, ...]:
    hints = []
    policy = about.get("maxmemory_policy", "noeviction")
    if about.get("maxmemory") and policy != "noeviction":
        hints.append(f"When its memory is full it throws sessions away (maxmemory-policy {policy}): set noeviction.")
    if not about.get("aof_enabled") and not snapshots:
        hints.append("It keeps nothing on disk, so everybody must sign in again after its restart: set appendonly yes.")
    if about.get("rdb_last_bgsave_status", "ok") != "ok" or about.get("aof_last_write_status", "ok") != "ok":
        hints.append("It could not write to its disk the last time: look at its log.")
    return tuple(hints)
