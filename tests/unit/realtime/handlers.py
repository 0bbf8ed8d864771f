"""Handlers of every kind for the tests of the gateway."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import msgspec

from batiyoun.errors import ChatNotFound, RateLimited
from batiyoun.realtime import Gateway, Handler, Namespace, Reply, Socket


class Note(msgspec.Struct, frozen=True, rename="camel"):
    """A payload."""

    chat_id: Annotated[str, msgspec.Meta(max_length=5)]
    lines: list[str] = []


class Done(msgspec.Struct):
    """A reply."""

    value: str
    ok: bool = True


class Handlers:
    """One of each kind."""

    def __init__(self) -> None:
        self.got: list[Any] = []
        self.kept: list[Reply] = []
        self.gate = asyncio.Event()

    def note(self, socket: Socket, payload: Note, reply: Reply) -> None:
        self.got.append(payload)
        reply(Done(payload.chat_id))

    def bare(self, socket: Socket, payload: None, reply: Reply) -> None:
        self.got.append(payload)
        reply({"ok": True})

    def later(self, socket: Socket, payload: None, reply: Reply) -> None:
        self.kept.append(reply)

    def refuse(self, socket: Socket, payload: None, reply: Reply) -> None:
        raise ChatNotFound

    def refuse_by_reply(self, socket: Socket, payload: None, reply: Reply) -> None:
        reply(RateLimited(retry_after=2))

    def crash(self, socket: Socket, payload: None, reply: Reply) -> None:
        raise RuntimeError(f"what {'ann'} wrote")

    def crash_late(self, socket: Socket, payload: None, reply: Reply) -> None:
        reply({"ok": True})
        raise RuntimeError

    def twice(self, socket: Socket, payload: None, reply: Reply) -> None:
        reply({"ok": True, "n": 1})
        reply({"ok": True, "n": 2})

    def unsendable(self, socket: Socket, payload: None, reply: Reply) -> None:
        reply(object())

    async def slow(self, socket: Socket, payload: Note) -> Done:
        await self.gate.wait()
        return Done(payload.chat_id)

    async def slow_refusal(self, socket: Socket, payload: None) -> Done:
        raise ChatNotFound

    def namespace(self) -> Namespace:
        async def connect(socket: Socket, auth: Any) -> None:
            socket.identity = (auth or {}).get("user")
            if auth and "events" in auth:
                socket.allowed = frozenset(auth["events"])

        return Namespace(
            Gateway(
                {
                    "note": Handler(self.note, Note),
                    "bare": Handler(self.bare),
                    "later": Handler(self.later),
                    "refuse": Handler(self.refuse),
                    "refuse_by_reply": Handler(self.refuse_by_reply),
                    "crash": Handler(self.crash),
                    "crash_late": Handler(self.crash_late),
                    "twice": Handler(self.twice),
                    "unsendable": Handler(self.unsendable),
                    "slow": Handler(self.slow, Note),
                    "slow_refusal": Handler(self.slow_refusal),
                    "join": Handler(self.bare, limit="joins"),
                }
            ),
            connect,
        )


def error(ack: Any) -> dict[str, Any]:
    """The error of a refusal, its form checked."""
    assert set(ack) == {"ok", "error"}
    assert ack["ok"] is False
    assert set(ack["error"]) >= {"code", "message", "retryable"}
    result: dict[str, Any] = ack["error"]
    return result
