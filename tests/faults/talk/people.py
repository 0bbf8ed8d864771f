"""Members who send and listen through any fault, as a good client does: retry by clientId, heal gaps by `seq`."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
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


class NotHealed(AssertionError):
    """The servers are said to be well, and a member still cannot read."""


@dataclass
class Talker:
    """One person in one chat, connected to one of `nodes` at a time."""

    person: Person
    chat_id: str
    nodes: Sequence[str]
    history: History
    chance: random.Random
    #: seq → what stands there
    seen: dict[int, Entry] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def talk(self, pause: float = 0.01) -> None:
        """Send one message after the other until `stop`; the last one until its fate is known."""
        while not self._stop.is_set():
            try:
                await self._connected(pause)
            except (socketio.exceptions.SocketIOError, aiohttp.ClientError, httpx.HTTPError, OSError, TimeoutError):
                await asyncio.sleep(self.chance.uniform(0.05, 0.3))

    def stop(self) -> None:
        """Finish what is under way."""
        self._stop.set()

    async def _connected(self, pause: float) -> None:
        """One connection's life."""
        async with aiohttp.ClientSession() as session:
            client = socketio.AsyncClient(reconnection=False, http_session=session, request_timeout=PATIENCE)
            live = Live(client)
            client.on("new_message", self._heard)
            try:
                url = self.chance.choice(list(self.nodes))
                await asyncio.wait_for(
                    client.connect(url, headers={"Cookie": self.person.cookie}, wait_timeout=PATIENCE), 2 * PATIENCE
                )
                while not self._stop.is_set() and client.connected:
                    await self._say(live)
                    await asyncio.sleep(pause)
            finally:
                with suppress(Exception):
                    await asyncio.wait_for(client.disconnect(), PATIENCE)

    async def _say(self, live: Live) -> None:
        """One message, until it is acknowledged or refused for good. Raises when the connection is lost meanwhile."""
        client_id = self._pending or f"{self.person.username}-{next(self._numbers)}"
        self._pending = client_id
        sent_at = time.monotonic()
        try:
            ack = await live.send(self.chat_id, f"words of {client_id}", client_id)
        except BaseException:
            self.history.attempts.append(Attempt(self.chat_id, self.person.id, client_id, sent_at))
            raise
        answered_at = time.monotonic()
        known: dict[str, Any] = {}
        if ack["ok"]:
            known = {"id": ack["id"], "seq": ack["seq"]}
        elif not ack["error"]["retryable"] and ack["error"]["code"] not in RETRY_CODES:
            known = {"refused": ack["error"]["code"]}
        self.history.attempts.append(Attempt(self.chat_id, self.person.id, client_id, sent_at, answered_at, **known))
        if known:
            self._pending = None
        else:
            await asyncio.sleep(self.chance.uniform(0.05, 0.2))

    _pending: str | None = None

    def _heard(self, envelope: dict[str, Any]) -> None:
        if envelope["chatId"] == self.chat_id:
            self.history.deliveries.append(Delivery(self.chat_id, self.person.id, envelope["seq"], time.monotonic()))
            self._note(envelope)

    def _note(self, envelope: dict[str, Any]) -> None:
        entry = entry_of(envelope)
        earlier = self.seen.setdefault(entry.seq, entry)
        if earlier != entry:
            raise NotHealed(f"{entry.seq} was {earlier} and is {entry}")

    async def heal(self, url: str, within: float = 20) -> None:
        """Fetch what is missing, as a client does after a reconnect, then record the timeline."""
        deadline = time.monotonic() + within
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


def entry_of(envelope: dict[str, Any]) -> Entry:
    """The place that an envelope has in its log."""
    return Entry(envelope["seq"], envelope["id"], envelope["senderId"], envelope["clientId"])


async def record_log(history: History, reader: Person, chat_id: str) -> None:
    """What the store has in the end, by the eyes of a member."""
    history.logs[chat_id] = [entry_of(envelope) for envelope in await reader.history(chat_id)]
