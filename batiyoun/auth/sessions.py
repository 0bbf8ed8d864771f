"""Living sessions: found in batches, remembered for a moment, touched once a minute, ended everywhere at once.

API tokens live the same way.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Generic, TypeVar

from batiyoun.auth.memory import ShortMemory
from batiyoun.auth.model import TOUCH_INTERVAL, Credential, Session
from batiyoun.auth.store import CredentialStore, SessionStore
from batiyoun.errors import BatiyounError, Unavailable
from batiyoun.runtime import Runtime

log = logging.getLogger(__name__)

#: seconds a session found in the store is believed; ending one here forgets it at once, elsewhere through `forget`
CACHE_SECONDS = 10
CACHE_SIZE = 50_000
#: look-ups in one statement: below the 999 parameters that every SQLite takes
MAX_BATCH = 400
FLUSH_SECONDS = 5.0
TOUCH_SECONDS = TOUCH_INTERVAL.total_seconds()
SWEEP_SECONDS = 3600.0

Key = bytes | str
C = TypeVar("C", bound=Credential)


class Living(Generic[C]):
    """The sessions (or API tokens) that this process knows of, over their store.

    A reconnect storm asks for thousands of sessions at once: while one statement is running, further look-ups gather
    for the next, so a handshake costs a fraction of a statement.
    """

    def __init__(self, store: CredentialStore[C], runtime: Runtime) -> None:
        self._store = store
        self._runtime = runtime
        self._cache: ShortMemory[Key, C] = ShortMemory(CACHE_SIZE, CACHE_SECONDS / 2, runtime.monotonic)
        self._waiting: dict[Key, asyncio.Future[C | None]] = {}
        self._loading: asyncio.Task[None] | None = None
        #: session id → when it was seen last, not yet written
        self._seen: dict[str, datetime] = {}
        #: session id → when its last-seen was noted last
        self._noted: ShortMemory[str, float] = ShortMemory(CACHE_SIZE, TOUCH_SECONDS, runtime.monotonic)
        self._housekeeping: asyncio.Task[None] | None = None
        #: ended while a look-up was under way: its answer must not be remembered
        self._ended: ShortMemory[str, None] = ShortMemory(CACHE_SIZE, 60, runtime.monotonic)
        #: called with (session id, user id) after a session ended here: close its sockets
        self.on_revoked: list[Callable[[str, str], None]] = []
        #: the same for a session that nobody ended but time: what is in the browser stays
        self.on_expired: list[Callable[[str, str], None]] = []

    def start(self) -> None:
        """Begin writing what was seen, and sweeping what expired."""
        self._housekeeping = asyncio.create_task(self._keep_house(), name="sessions")

    async def close(self) -> None:
        """Stop, after writing what was seen."""
        for task in (self._housekeeping, self._loading):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        for future in self._waiting.values():
            future.cancel()
        self._waiting.clear()
        await self._flush()

    async def add(self, session: C) -> None:
        """Keep a new session."""
        await self._store.create(session)
        self._remember(session)

    async def find(self, key: Key) -> C | None:
        """The living session of that token hash (bytes) or id (str); notes that it was seen."""
        session = self._cache.get(key)
        if session is None:
            session = await self._look_up(key)
        if session is None or session.id in self._ended or session.expires_at() <= self._runtime.utcnow():
            return None
        self.seen(session.id)
        return session

    def seen(self, session_id: str) -> None:
        """Note that the session is in use; written at most once a minute."""
        now = self._runtime.monotonic()
        noted = self._noted.get(session_id)
        if (noted is None or now - noted >= TOUCH_SECONDS) and session_id not in self._ended:
            self._noted[session_id] = now
            self._seen[session_id] = self._runtime.utcnow()

    def believe_nothing(self) -> None:
        """Ask the store every time: other processes end sessions, too, and it is quick."""
        self._cache = ShortMemory(0, 0, self._runtime.monotonic)

    def doubt(self, user_id: str) -> None:
        """Ask the store again for what is known of this person's sessions."""
        for key in [key for key, session in self._cache.items() if session.user_id == user_id]:
            self._cache.pop(key, None)

    async def living(self, ids: Collection[str]) -> set[str]:
        """Those of these sessions that nobody has ended, by what the store says now. Raises `Unavailable`."""
        wanted, now = list(ids), self._runtime.utcnow()
        found: set[str] = set()
        for start in range(0, len(wanted), MAX_BATCH):
            sessions = await self._store.find((), wanted[start : start + MAX_BATCH])
            found.update(session.id for session in sessions if session.expires_at() > now)
        return found - self._ended.keys()

    def has_ended(self, session_id: str) -> bool:
        """The session was ended within the last minute, here or elsewhere; cheap."""
        return session_id in self._ended

    async def of_user(self, user_id: str) -> list[C]:
        """The person's sessions, the last used first."""
        await self._flush()
        return list(await self._store.of_user(user_id))

    async def end(self, ids: Collection[str]) -> int:
        """End sessions: durable, forgotten here, and announced to `on_revoked`; returns how many there were."""
        return await self._end(ids, self._store.delete)

    async def _end(self, ids: Collection[str], delete: Callable[[Collection[str]], Awaitable[list[C]]]) -> int:
        if not ids:
            return 0
        self._forget(ids)
        ended = await delete(ids)
        for session in ended:
            _announce(session, self.on_revoked)
        self._forget(ids)
        return len(ended)

    def forget(self, session_id: str) -> None:
        """Believe nothing about the session any more: it was ended by another process."""
        self._forget((session_id,))

    # ── look-ups ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _look_up(self, key: Key) -> C | None:
        future = self._waiting.get(key)
        if future is None:
            future = self._waiting[key] = asyncio.get_running_loop().create_future()
            if self._loading is None or self._loading.done():
                self._loading = asyncio.create_task(self._load(), name="session look-ups")
        # shielded: one caller that goes away must not cancel the look-up of the others
        return await asyncio.shield(future)

    async def _load(self) -> None:
        while self._waiting:
            batch = dict(list(self._waiting.items())[:MAX_BATCH])
            for key in batch:
                del self._waiting[key]
            try:
                found = await self._store.find(
                    [key for key in batch if isinstance(key, bytes)], [key for key in batch if isinstance(key, str)]
                )
            except Exception as exc:
                # it belongs to the callers; the loop must go on
                error = exc if isinstance(exc, BatiyounError) else Unavailable()
                error.__cause__ = None if error is exc else exc
                for future in batch.values():
                    if not future.done():
                        future.set_exception(error)
                        future.exception()  # a caller that went away leaves nobody to look at it
                continue
            by_key: dict[Key, C] = {}
            for session in found:
                by_key[session.id] = by_key[session.token_hash] = session
                self._remember(session)
            for key, future in batch.items():
                if not future.done():
                    future.set_result(by_key.get(key))

    def _remember(self, session: C) -> None:
        if session.id not in self._ended:
            self._cache[session.id] = self._cache[session.token_hash] = session

    def _forget(self, ids: Iterable[str]) -> None:
        for session_id in ids:
            self._ended[session_id] = None
            self._seen.pop(session_id, None)
            session = self._cache.pop(session_id, None)
            if session is not None:
                self._cache.pop(session.token_hash, None)

    # ── housekeeping ──────────────────────────────────────────────────────────────────────────────────────────────────

    async def _keep_house(self) -> None:
        swept = self._runtime.monotonic() - SWEEP_SECONDS
        while True:
            try:
                await self._flush()
                if self._runtime.monotonic() - swept >= SWEEP_SECONDS:
                    swept = self._runtime.monotonic()
                    await self.sweep()
            except Unavailable:
                log.warning("the sessions could not be written; trying again")
            await asyncio.sleep(FLUSH_SECONDS)

    async def sweep(self) -> None:
        """End what expired."""
        expired = await self._store.delete_expired(self._runtime.utcnow())
        self._forget([session.id for session in expired])
        for session in expired:
            _announce(session, self.on_expired)

    async def _flush(self) -> None:
        if not self._seen:
            return
        seen, self._seen = self._seen, {}
        try:
            await self._store.touch(seen)
        except Exception:
            self._seen = {**seen, **self._seen}
            raise


class Sessions(Living[Session]):
    """The sessions of this process."""

    def __init__(self, store: SessionStore, runtime: Runtime) -> None:
        super().__init__(store, runtime)
        self._kept = store

    async def revoke(self, ids: Collection[str]) -> int:
        """As `end`, from elsewhere: the browsers of these sessions are told so, however late they come back."""
        return await self._end(ids, self._kept.revoke)

    async def prove(self, session_id: str) -> None:
        """The person has just proved in this session who they are; durable on return."""
        now = self._runtime.utcnow()
        await self._kept.prove(session_id, now)
        session = self._cache.get(session_id)
        if session is not None:
            self._remember(replace(session, proved_at=now))

    async def bind_device(self, session_id: str, device_id: str | None) -> None:
        """The session speaks for that device from now on; durable on return."""
        await self._kept.bind_device(session_id, device_id)
        session = self._cache.get(session_id)
        if session is not None:
            self._remember(replace(session, device_id=device_id))


def _announce(session: Credential, callbacks: Iterable[Callable[[str, str], None]]) -> None:
    for callback in callbacks:
        try:
            callback(session.id, session.user_id)
        except Exception:
            log.exception("a callback of an ended session failed")
