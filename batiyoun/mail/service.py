"""The way out for mail: a short queue, so that no answer waits for a mail server or tells by its time what was sent."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from typing import Protocol

from batiyoun.errors import Unavailable
from batiyoun.mail.compose import compose, write
from batiyoun.mail.model import Letter
from batiyoun.runtime import Runtime

log = logging.getLogger(__name__)

#: seconds before the second, third and last try; a code is good for ten minutes, so there is no point in hours
RETRIES = (1.0, 5.0, 25.0)
SENDERS = 4
MAX_WAITING = 1_000
#: how long a stopping server tries to send what waits
CLOSE_SECONDS = 5.0


class MailLost(Exception):
    """The mail server did not take it; trying again may help."""


class MailRefused(Exception):
    """The mail server will not take it, however often it is tried."""


class Transport(Protocol):
    """A way to hand over one message. Raises `MailLost` or `MailRefused`."""

    async def send(self, message: EmailMessage) -> None:
        """Hand it over; on return somebody else is responsible for it."""
        ...


class Post(Protocol):
    """What features know of mail."""

    @property
    def reaches_people(self) -> bool:
        """Whether letters go to their mailbox; False when the operator has to read them out."""
        ...

    def send(self, letter: Letter) -> None:
        """Take the letter; it leaves in the background. Raises `Unavailable` when too many wait."""
        ...


class Mailer:
    """Sends letters through a `Transport`, a few at a time, each tried up to four times."""

    reaches_people = True

    def __init__(
        self,
        transport: Transport,
        *,
        sender: str,
        runtime: Runtime,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`sender` is the From header: `Batiyoun <chat@example.org>` or an address alone."""
        self._transport = transport
        self._sender = sender
        self._runtime = runtime
        self._sleep = sleep
        self._waiting: asyncio.Queue[Letter] = asyncio.Queue(MAX_WAITING)
        self._tasks: list[asyncio.Task[None]] = []

    def send(self, letter: Letter) -> None:
        """See `Post`."""
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._run(), name=f"mail-{number}") for number in range(SENDERS)]
        try:
            self._waiting.put_nowait(letter)
        except asyncio.QueueFull:
            raise Unavailable("Too much mail is waiting. Try again in a moment.", retry_after=30) from None

    async def sent(self) -> None:
        """Wait until nothing waits any more."""
        await self._waiting.join()

    async def close(self) -> None:
        """Send what waits, for a few seconds, and stop."""
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self.sent()
        except TimeoutError:
            log.warning("%d letters were not sent before the end", self._waiting.qsize())
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            letter = await self._waiting.get()
            try:
                await self._deliver(letter)
            except Exception as exc:
                # not the error's own words: they may quote the address, or the code
                log.error("a letter (%s) could not be written: %s", letter.kind, type(exc).__name__)  # noqa: TRY400
            finally:
                self._waiting.task_done()

    async def _deliver(self, letter: Letter) -> None:
        message = compose(letter, sender=self._sender, runtime=self._runtime)
        for pause in (*RETRIES, None):
            try:
                await self._transport.send(message)
            except MailRefused as exc:
                log.error("the mail server refuses a letter (%s): %s", letter.kind, exc)  # noqa: TRY400 says enough
                return
            except MailLost as exc:
                log.warning("the mail server did not take a letter (%s): %s", letter.kind, exc)
                if pause is not None:
                    await self._sleep(pause)
            else:
                return
        log.error("a letter (%s) was given up", letter.kind)


class Console:
    """The default without a mail server: letters are printed, and the operator passes them on."""

    reaches_people = False

    def __init__(self, echo: Callable[[str], None]) -> None:
        self._echo = echo

    def send(self, letter: Letter) -> None:
        """See `Post`."""
        written = write(letter)
        body = "".join(f"  {line}\n" if line else "\n" for line in written.text.splitlines())
        self._echo(f"Mail to {letter.to}: {written.subject}\n{body}")

    async def close(self) -> None:
        """Nothing waits here."""
