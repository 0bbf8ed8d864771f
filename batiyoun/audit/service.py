"""The security log: what happened to an account, written down once and shown to its person."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from batiyoun.audit.model import MAX_DETAIL, MAX_DETAILS, MAX_DEVICE, AuditEvent, AuditKind, Device
from batiyoun.audit.store import AuditStore
from batiyoun.limiting import Limiter, Rate
from batiyoun.runtime import Runtime

log = logging.getLogger(__name__)

MAX_PAGE = 200
#: events that wait to be written in the background
MAX_WAITING = 1_000
#: what others do to an account is written down this often at most: they must not be able to fill the disk
FAILURES = Rate("audit-failures", burst=20, period=180)
#: how long a stopping server tries to write what waits
CLOSE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class UnknownDevice:
    """Nobody can say which device it was."""

    browser: str | None = None
    os: str | None = None
    kind: str = "other"


async def unknown_devices(user_agents: Sequence[str]) -> Sequence[Device]:
    """The words for each, when nobody knows any."""
    return [UnknownDevice() for _ in user_agents]


class Audit:
    """Writes and reads the security log.

    Only what a User-Agent header says in words is kept of a device. `details` never hold addresses, names or secrets.
    """

    def __init__(
        self,
        store: AuditStore,
        runtime: Runtime,
        *,
        describe: Callable[[Sequence[str]], Awaitable[Sequence[Device]]] = unknown_devices,
    ) -> None:
        """`describe` puts User-Agent headers into words."""
        self._store = store
        self._runtime = runtime
        self._describe = describe
        self._failures = Limiter(FAILURES)
        self._tasks: set[asyncio.Task[None]] = set()

    async def record(
        self,
        kind: AuditKind,
        user_id: str,
        *,
        session_id: str | None = None,
        user_agent: str = "",
        details: Mapping[str, str] | None = None,
    ) -> None:
        """Write down what happened to that person's account; durable on return. Raises `Unavailable`."""
        event = self._event(kind, user_id, session_id, details or {})
        await self._store.append(await self._on(event, user_agent))

    def note(
        self, kind: AuditKind, user_id: str, *, user_agent: str = "", details: Mapping[str, str] | None = None
    ) -> None:
        """Write down what somebody else tried with that account: in the background, a few times an hour at most.

        Nobody waits, so the answer to a wrong password takes the same time with and without an account (security
        check 1), and nobody can fill the log of somebody else.
        """
        if len(self._tasks) >= MAX_WAITING or not self._failures.hit(user_id, self._runtime.monotonic()).allowed:
            return
        task = asyncio.create_task(self._write(self._event(kind, user_id, None, details or {}), user_agent))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def of_user(self, user_id: str, *, before: str | None = None, limit: int = 50) -> list[AuditEvent]:
        """The person's events, the newest first; `before` is the id of the last one of the page before."""
        return await self._store.of_user(user_id, before=before, limit=max(1, min(limit, MAX_PAGE)))

    async def settled(self) -> None:
        """Wait until nothing waits to be written."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        """Write what waits, for a few seconds."""
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self.settled()
        except TimeoutError:
            log.warning("%d events of the security log were not written before the end", len(self._tasks))

    def _event(self, kind: AuditKind, user_id: str, session_id: str | None, details: Mapping[str, str]) -> AuditEvent:
        return AuditEvent(
            id=self._runtime.new_id(),
            user_id=user_id,
            kind=kind,
            at=self._runtime.utcnow(),
            session_id=session_id,
            browser=None,
            os=None,
            device_kind="other",
            details={name: value[:MAX_DETAIL] for name, value in list(details.items())[:MAX_DETAILS]},
        )

    async def _on(self, event: AuditEvent, user_agent: str) -> AuditEvent:
        if not user_agent:
            return event
        (device,) = await self._describe([user_agent])
        browser, system = ((name or "")[:MAX_DEVICE] or None for name in (device.browser, device.os))
        return replace(event, browser=browser, os=system, device_kind=device.kind)

    async def _write(self, event: AuditEvent, user_agent: str) -> None:
        try:
            await self._store.append(await self._on(event, user_agent))
        except Exception:
            log.exception("an event (%s) could not be written to the security log", event.kind)
