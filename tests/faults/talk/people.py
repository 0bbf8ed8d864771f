"""Members who send and listen through any fault, as a good client does: retry by clientId, heal gaps by `seq`."""

from __future__ import annotations

import asyncio
import itertools
import random
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import aiohttp
import httpx
import socketio
import socketio.exceptions

from tests.faults.talk.history import Attempt, Delivery, Entry, History
from tests.harness.people import Live, Person

#: how long somebody waits for an ack before they try again elsewhere
PATIENCE = 2.0
#: codes after which the same clientId is sent again even if `retryable` is not said
RETRY_CODES = {"unauthenticated"}
#: takes a text and a clientId, returns the acknowledgement
Send = Callable[[str, str], Awaitable[dict[str, Any]]]


class NotHealed(AssertionError):
    """The servers are said to be well, and a member still cannot read."""


@dataclass(frozen=True)
class Door:
    """How somebody comes to the servers: by which transports, from which address of loopback, believing whom."""

    transports: tuple[str, ...] | None = None
    address: str | None = None
    trust: ssl.SSLContext | None = None

    def session(self) -> aiohttp.ClientSession:
        """What an official Python client connects by."""
        given: dict[str, object] = {}
        if self.address is not None:
            given = {"family": socket.AF_INET, "local_addr": (self.address, 0)}
        if self.trust is not None:
            given["ssl"] = self.trust
        return aiohttp.ClientSession(connector=aiohttp.TCPConnector(**given))  # type: ignore[arg-type]


@dataclass
class Talker:
    """One person in one chat, connected to one of `nodes` at a time."""

    person: Person
    chat_id: str
    nodes: Sequence[str]
    history: History
    chance: random.Random
    door: Door = Door()
    #: when the newest attempt began that was acknowledged
    heard_at: float = 0.0
    #: seq → what stands there
    seen: dict[int, Entry] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def talk(self, pause: float = 0.01) -> None:
        """Send one message after the other until `stop`."""
        while not self._stop.is_set():
            try:
                await self._connected(pause)
            except (socketio.exceptions.SocketIOError, aiohttp.ClientError, httpx.HTTPError, OSError, TimeoutError):
                with suppress(httpx.HTTPError, TimeoutError):
                    await asyncio.wait_for(self._sign_in_again(), PATIENCE)
                await asyncio.sleep(self.chance.uniform(0.05, 0.3))

    def stop(self) -> None:
        """Finish what is under way."""
        self._stop.set()

    def hop(self) -> None:
        """Lose the connection and make another one."""
        self._hop = True

    async def _sign_in_again(self) -> None:
        """If the servers forgot who this is."""
        http = self.person.http
        if (await http.get("/api/auth/verify-me")).status_code == httpx.codes.UNAUTHORIZED:
            http.cookies.clear()
            await http.post(
                "/api/auth/login", json={"identifier": self.person.username, "password": self.person.password}
            )

    async def _connected(self, pause: float) -> None:
        """One connection's life."""
        async with self._connection(self.chance.choice(list(self.nodes))) as live:
            self._hop = False
            while not self._stop.is_set() and not self._hop and live.client.connected:
                await self._say(partial(live.send, self.chat_id, within=PATIENCE))
                await asyncio.sleep(pause)

    @asynccontextmanager
    async def _connection(self, url: str) -> AsyncIterator[Live]:
        async with self.door.session() as session:
            client = socketio.AsyncClient(reconnection=False, http_session=session, request_timeout=PATIENCE)
            live = Live(client)
            client.on("new_message", self._heard)
            transports = None if self.door.transports is None else list(self.door.transports)
            connecting = client.connect(
                url, headers={"Cookie": self.person.cookie}, transports=transports, wait_timeout=PATIENCE
            )
            try:
                await asyncio.wait_for(connecting, 2 * PATIENCE)
                yield live
            finally:
                with suppress(Exception):
                    await asyncio.wait_for(client.disconnect(), PATIENCE)

    async def _say(self, *ways: Send) -> None:
        """One message by every way at once; it is done with when one of them says so. Raises when one is lost."""
        client_id = self._pending or f"{self.person.username}-{next(self._numbers)}"
        self._pending = client_id
        ended = await asyncio.gather(*(self._try(way, client_id) for way in ways), return_exceptions=True)
        if any(settled is True for settled in ended):
            self._pending = None
        for error in ended:
            if isinstance(error, BaseException):
                raise error
        if self._pending is not None:
            await asyncio.sleep(self.chance.uniform(0.05, 0.2))

    async def _try(self, way: Send, client_id: str) -> bool:
        """One attempt; whether it was settled."""
        sent_at = time.monotonic()
        try:
            ack = await way(f"words of {client_id}", client_id)
        except BaseException:
            self.record_silence(client_id, sent_at)
            raise
        return self.record(client_id, sent_at, time.monotonic(), ack)

    def record_silence(self, client_id: str, sent_at: float) -> None:
        """An attempt whose fate nobody knows."""
        self.history.attempts.append(Attempt(self.chat_id, self.person.id, client_id, sent_at))

    def record(self, client_id: str, sent_at: float, answered_at: float, ack: dict[str, Any]) -> bool:
        """An attempt that was answered; whether the answer is the last word."""
        known: dict[str, Any] = {}
        if ack["ok"]:
            known = {"id": ack["id"], "seq": ack["seq"]}
            self.heard_at = max(self.heard_at, sent_at)
        elif not ack["error"]["retryable"] and ack["error"]["code"] not in RETRY_CODES:
            known = {"refused": ack["error"]["code"]}
        self.history.attempts.append(Attempt(self.chat_id, self.person.id, client_id, sent_at, answered_at, **known))
        return bool(known)

    _pending: str | None = None
    _hop: bool = False

    def _heard(self, envelope: dict[str, Any]) -> None:
        self.hear(envelope, time.monotonic())

    def hear(self, envelope: dict[str, Any], at: float) -> None:
        """Something reached a connection of theirs."""
        if envelope["chatId"] == self.chat_id:
            self.history.deliveries.append(Delivery(self.chat_id, self.person.id, envelope["seq"], at))
            self._note(envelope)

    def _note(self, envelope: dict[str, Any]) -> None:
        entry = entry_of(envelope)
        earlier = self.seen.setdefault(entry.seq, entry)
        if earlier != entry:
            raise NotHealed(f"{entry.seq} was {earlier} and is {entry}")

    async def heal(self, url: str, within: float = 20) -> None:
        """Fetch what is missing, as a client does after a reconnect, then record the timeline."""
        deadline = time.monotonic() + within
        await self._sign_in_again()
        async with httpx.AsyncClient(
            base_url=url,
            headers={"Cookie": self.person.cookie, "Origin": url},
            timeout=5,
            trust_env=False,
            verify=False,  # noqa: S501
        ) as http:
            while True:
                try:
                    await self._fill(http)
                    break
                except (httpx.HTTPError, NotHealed):
                    if time.monotonic() > deadline:
                        raise
                    await asyncio.sleep(0.2)
        self.history.timelines[self.chat_id, self.person.id] = [self.seen[seq] for seq in sorted(self.seen)]

    async def _fill(self, http: httpx.AsyncClient) -> None:
        after = 0
        while after in self.seen or after == 0:
            if after + 1 in self.seen:
                after += 1
                continue
            answer = await http.get(f"/api/chats/{self.chat_id}/messages", params={"after": after, "limit": 500})
            if not answer.is_success:
                raise NotHealed(answer.text)
            page = answer.json()
            for envelope in page["messages"]:
                self._note(envelope)
            if not page["messages"]:
                return
            after = page["messages"][-1]["seq"]


class Poster(Talker):
    """Sends over HTTP, and hears nothing until they look."""

    async def _connected(self, pause: float) -> None:
        while not self._stop.is_set():
            await self._say(self.put)
            await asyncio.sleep(pause)

    async def put(self, text: str, client_id: str) -> dict[str, Any]:
        """What the answer says, as an ack says it."""
        answer = await asyncio.wait_for(self.person.put(self.chat_id, text, client_id), PATIENCE)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            await self._sign_in_again()
        if answer.is_success:
            return {"ok": True, **answer.json()}
        if answer.headers.get("content-type", "").startswith("application/problem+json"):
            return {"ok": False, "error": answer.json()}
        return {"ok": False, "error": {"retryable": True, "code": f"{answer.status_code} of the proxy"}}


class Twins(Poster):
    """Send every message over a connection to each node and over HTTP, all at once."""

    async def _connected(self, pause: float) -> None:
        async with AsyncExitStack() as stack:
            lives = [await stack.enter_async_context(self._connection(url)) for url in self.nodes]
            while not self._stop.is_set():
                await self._say(*(partial(live.send, self.chat_id, within=PATIENCE) for live in lives), self.put)
                await asyncio.sleep(pause)


def entry_of(envelope: dict[str, Any]) -> Entry:
    """The place that an envelope has in its log."""
    return Entry(envelope["seq"], envelope["id"], envelope["senderId"], envelope["clientId"])


async def record_log(history: History, reader: Person, chat_id: str) -> None:
    """What the store has in the end, by the eyes of a member."""
    history.logs[chat_id] = [entry_of(envelope) for envelope in await reader.history(chat_id)]
