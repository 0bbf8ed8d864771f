"""A polling client, request by request, and the server it polls."""

from __future__ import annotations

from typing import Any

import httpx
import msgspec

from batiyoun.realtime import EngineIO, EngineSettings, Session
from tests.unit.realtime.serving import NO_LIMITS

SETTINGS = EngineSettings(
    ping_interval_ms=400, ping_timeout_ms=300, upgrade_timeout_ms=300, close_timeout_ms=300, max_payload=10_000,
    allowed_origins=("https://app.example",), limits=NO_LIMITS,
)  # fmt: skip


class Recorder:
    """Echoes what it gets; `ended` holds the reasons of closing."""

    ended: list[str]

    def __init__(self, session: Session) -> None:
        self.session = session

    def on_text(self, message: bytes, start: int) -> None:
        self.session.send_text(message[start:])

    def on_binary(self, message: bytes) -> None:
        self.session.send_binary(message)

    def on_flow(self, *, fast: bool) -> None: ...
    def on_caught_up(self) -> None: ...
    def on_close(self, reason: str) -> None:
        self.ended.append(reason)


class Poller:
    """A polling client, request by request."""

    def __init__(self, http: httpx.AsyncClient, engine: EngineIO, ended: list[str]) -> None:
        self.http = http
        self.engine = engine
        self.ended = ended
        self.sid = ""

    async def open(self) -> dict[str, Any]:
        """Handshake: the data of the OPEN packet."""
        answer = await self.get()
        assert answer.status_code == 200
        assert answer.text[0] == "0"
        data: dict[str, Any] = msgspec.json.decode(answer.text[1:])
        self.sid = data["sid"]
        return data

    def query(self, **changes: str) -> dict[str, str]:
        """The query of a request of this session."""
        query = {"EIO": "4", "transport": "polling", **({"sid": self.sid} if self.sid else {}), **changes}
        return {name: value for name, value in query.items() if value}

    @property
    def port(self) -> int:
        """The server's."""
        return self.http.base_url.port or 0

    @property
    def upgrade_path(self) -> str:
        """Where a WebSocket takes over this session."""
        return f"/socket.io/?EIO=4&transport=websocket&sid={self.sid}"

    async def get(self, **changes: str) -> httpx.Response:
        return await self.http.get("/socket.io/", params=self.query(**changes))

    async def post(self, body: bytes | str, **headers: str) -> httpx.Response:
        content = body.encode() if isinstance(body, str) else body
        return await self.http.post("/socket.io/", params=self.query(), content=content, headers=headers)
