"""People who use the app without a browser: their session, their chats, their live connection."""

from __future__ import annotations

import asyncio
import itertools
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import socketio

from tests.harness.clients import new_client

#: Tests speak plain HTTP on loopback; loading the system's certificates for every person takes longer than the test.
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
PASSWORD = "mango-lassi-at-the-ghat"
Predicate = Callable[[list[Any]], bool]


class Live:
    """One Socket.IO connection that remembers every event in order of arrival."""

    def __init__(self, client: socketio.AsyncClient) -> None:
        self.client = client
        self.events: list[tuple[str, list[Any]]] = []
        self._news = asyncio.Condition()
        client.on("*", self._heard)

    async def _heard(self, event: str, *arguments: Any) -> None:
        async with self._news:
            self.events.append((event, list(arguments)))
            self._news.notify_all()

    def heard(self, event: str) -> list[list[Any]]:
        """The arguments of every such event so far."""
        return [arguments for name, arguments in self.events if name == event]

    async def wait_for(self, event: str, matching: Predicate = lambda _: True, within: float = 10) -> list[Any]:
        """The arguments of the first such event, which may have come already."""

        def find() -> list[Any] | None:
            return next((arguments for arguments in self.heard(event) if matching(arguments)), None)

        try:
            async with asyncio.timeout(within), self._news:
                await self._news.wait_for(lambda: find() is not None)
        except TimeoutError:
            raise AssertionError(f"no such {event} within {within} s; heard {self.events}") from None
        found = find()
        assert found is not None
        return found

    async def call(self, event: str, payload: Any = None, within: float = 10) -> Any:
        """Emit and return the acknowledgement."""
        return await self.client.call(event, payload, timeout=within)

    async def send(self, chat_id: str, text: str, client_id: str, within: float = 10) -> Any:
        """Send a plain message and return its acknowledgement."""
        message = {"chatId": chat_id, "clientId": client_id, "content": text, "encrypted": False, "type": "text"}
        return await self.call("send_message", message, within)


@dataclass
class Person:
    """Somebody with an account and a session."""

    http: httpx.AsyncClient
    user: dict[str, Any]
    password: str
    _ids: itertools.count[int] = field(default_factory=itertools.count)

    @property
    def id(self) -> str:
        """The user id."""
        return str(self.user["id"])

    @property
    def username(self) -> str:
        """The name to search for and to log in with."""
        return str(self.user["username"])

    @property
    def cookie(self) -> str:
        """The Cookie header of the session."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.http.cookies.jar)

    async def create_chat(self, *others: Person, name: str | None = None) -> str:
        """A plain chat with those people, a group when it has a name; returns its id."""
        wish: dict[str, Any] = {
            "type": "direct" if name is None else "group",
            "participants": [other.id for other in others],
            "encryption": "none",
        }
        if name is not None:
            wish["name"] = name
        answer = await self.http.post("/api/chats", json=wish)
        assert answer.is_success, answer.text
        return str(answer.json()["id"])

    async def put(self, chat_id: str, text: str, client_id: str | None = None) -> httpx.Response:
        """Send a plain message over HTTP."""
        client_id = client_id or f"{self.username}-{next(self._ids)}"
        body = {"content": text, "encrypted": False, "type": "text"}
        return await self.http.put(f"/api/chats/{chat_id}/messages/{client_id}", json=body)

    async def history(self, chat_id: str) -> list[dict[str, Any]]:
        """The whole log of the chat, page by page."""
        messages: list[dict[str, Any]] = []
        more = True
        while more:
            after = messages[-1]["seq"] if messages else 0
            answer = await self.http.get(f"/api/chats/{chat_id}/messages", params={"after": after, "limit": 500})
            assert answer.is_success, answer.text
            page = answer.json()
            messages += page["messages"]
            more = page["hasMore"]
        return messages

    @asynccontextmanager
    async def online(self, token: str | None = None) -> AsyncIterator[Live]:
        """A live connection over WebSocket, by the session's cookie, or by the token alone when one is given."""
        async with new_client() as client:
            live = Live(client)
            await client.connect(
                str(self.http.base_url),
                headers={"Cookie": self.cookie} if token is None else {},
                auth=None if token is None else {"token": token},
                transports=["websocket"],
            )
            yield live


class Town:
    """Where people come from: makes accounts on one server and closes their sessions at the end."""

    def __init__(self, url: str, suffix: str = "", trust: ssl.SSLContext = NO_CERTIFICATES) -> None:
        """`suffix` is put behind every username, so that several tests can share one server."""
        self.url = url
        self.suffix = suffix
        self.trust = trust
        self.people: list[Person] = []

    def visitor(self) -> httpx.AsyncClient:
        """An HTTP client of our own origin without a session."""
        return httpx.AsyncClient(
            base_url=self.url, headers={"Origin": self.url}, timeout=20, trust_env=False, verify=self.trust
        )

    async def sign_up(self, username: str, display_name: str | None = None) -> Person:
        """Make an account and stay signed in."""
        http = self.visitor()
        username += self.suffix
        wish = {"email": f"{username}@example.org", "username": username, "password": PASSWORD}
        if display_name is not None:
            wish["displayName"] = display_name
        answer = await http.post("/api/auth/signup", json=wish)
        if not answer.is_success:
            await http.aclose()
            raise AssertionError(answer.text)
        person = Person(http, answer.json()["user"], PASSWORD)
        self.people.append(person)
        return person

    async def close(self) -> None:
        """Close every session's connections."""
        for person in self.people:
            await person.http.aclose()
