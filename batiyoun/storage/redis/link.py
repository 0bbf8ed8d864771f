"""The way to Redis or Valkey: a bounded pool, one pipeline per loop tick, a deadline for everything.

Commands that are asked for within one tick travel together, so a thousand handshakes cost a few round trips. A server
that does not answer is `Unavailable` within the timeout, and after a few of those at once (`storage/breaker.py`).
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as LinkLost
from redis.exceptions import NoScriptError, RedisError, ResponseError
from redis.exceptions import TimeoutError as LinkSlow

from batiyoun.errors import Unavailable
from batiyoun.storage.breaker import Breaker
from batiyoun.storage.reasons import why

logger = logging.getLogger(__name__)

#: commands in one pipeline
MAX_BATCH: Final = 1_000

Argument = str | bytes | int | float
_Waiting = tuple[tuple[Argument, ...], "asyncio.Future[Any]"]


class Script:
    """A Lua script: what must be looked at and changed in one step."""

    __slots__ = ("digest", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        # Redis names scripts by this; nothing is kept secret by it
        self.digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def connection_options(url: str, timeout: float, ca: str | None = None) -> dict[str, Any]:
    """What every connection to that address is made with. `timeout` in seconds, `ca` a PEM file for `rediss://`."""
    options: dict[str, Any] = {
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        "client_name": "batiyoun",
        # what every server and every hosted service speaks
        "protocol": 2,
    }
    if ca is not None and url.startswith("rediss:"):
        options["ssl_ca_certs"] = ca
    return options


class RedisLink:
    """Runs commands. Nothing connects before the first one. `timeout` in seconds bounds each answer."""

    def __init__(
        self,
        url: str,
        *,
        connections: int = 16,
        timeout: float = 1.0,
        ca: str | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._timeout = timeout
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=connections,
            timeout=timeout,
            # one that the server closed meanwhile is opened anew, once
            retry=Retry(NoBackoff(), 1, supported_errors=(LinkLost,)),
            health_check_interval=15,
            **connection_options(url, timeout, ca),
        )
        self._redis = Redis.from_pool(pool)
        self._breaker = Breaker("Redis", now)
        self._waiting: list[_Waiting] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def ask(self, *command: Argument) -> asyncio.Future[Any]:
        """Have the command sent at the end of this tick; the future is its answer, see `run`."""
        self._breaker.check()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._flush)
        self._waiting.append((command, future))
        return future

    async def run(self, *command: Argument) -> Any:
        """The server's answer, as bytes, integers, None and lists of them.

        Raises `Unavailable`, and `ResponseError` for a command that is wrong.
        """
        return await self.ask(*command)

    async def script(self, script: Script, keys: Sequence[str], *arguments: Argument) -> Any:
        """What the script returns; it is loaded when the server does not know it."""
        rest = (len(keys), *keys, *arguments)
        try:
            return await self.run("EVALSHA", script.digest, *rest)
        except NoScriptError:
            return await self.run("EVAL", script.text, *rest)

    async def all(self, commands: Iterable[Sequence[Argument]]) -> list[Any]:
        """The answers to several commands of one pipeline, in their order."""
        return list(await asyncio.gather(*[self.ask(*command) for command in commands]))

    async def ready(self) -> bool:
        """Whether the server answers within the timeout; asked also while the circuit is open."""
        try:
            async with asyncio.timeout(self._timeout):
                await self._redis.ping()
        except (RedisError, OSError, TimeoutError):
            return False
        self._breaker.succeeded()
        return True

    async def close(self) -> None:
        """Close all connections; what was asked for before is still answered."""
        if self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._redis.aclose()

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        for start in range(0, len(waiting), MAX_BATCH):
            task = asyncio.get_running_loop().create_task(self._send(waiting[start : start + MAX_BATCH]), name="redis")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _send(self, batch: list[_Waiting]) -> None:
        try:
            answers = await self._answers([command for command, _ in batch])
        except (LinkLost, LinkSlow, OSError, TimeoutError) as error:
            if not self._breaker.is_open:
                logger.warning("Redis: %s", why(error))
            self._breaker.failed()
            self._fail(batch, error)
        except Exception as error:
            # it belongs to those who asked
            self._fail(batch, error)
        else:
            self._breaker.succeeded()
            for (_, future), answer in zip(batch, answers, strict=True):
                if future.done():
                    continue
                if isinstance(answer, Exception):
                    _refuse(future, answer)
                else:
                    future.set_result(answer)

    async def _answers(self, commands: list[tuple[Argument, ...]]) -> list[Any]:
        # The library's timeouts are per read; this one is for the whole.
        async with asyncio.timeout(self._timeout):
            async with self._redis.pipeline(transaction=False) as pipeline:
                for command in commands:
                    pipeline.execute_command(*command)
                return list(await pipeline.execute(raise_on_error=False))

    @staticmethod
    def _fail(batch: list[_Waiting], error: Exception) -> None:
        for _, future in batch:
            if not future.done():
                _refuse(future, error)


def _refuse(future: asyncio.Future[Any], error: Exception) -> None:
    future.set_exception(_translated(error))
    future.exception()  # a caller that went away leaves nobody to look at it


def _translated(error: Exception) -> Exception:
    """Ours, unless the command itself was wrong. A server that is loading, full or read-only is not available."""
    if isinstance(error, NoScriptError) or (type(error) is ResponseError and not _is_passing(str(error))):
        return error
    ours = Unavailable()
    ours.__cause__ = error
    return ours


def _is_passing(message: str) -> bool:
    """Whether trying again later may help. The library has classes of their own for the others of this kind."""
    return message.startswith(("MISCONF", "LOADING", "OOM", "READONLY"))
