"""python-socketio on uvicorn as a peer: the same protocol and the same envelope as `socketio.mjs`, nothing stored.

python -m benchmarks.peers.python_socketio PORT
"""

from __future__ import annotations

import sys
import uuid
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import socketio
import uvicorn

server = socketio.AsyncServer(async_mode="asgi")
heads: Counter[str] = Counter()
users: dict[str, str] = {}


async def connect(sid: str, _environ: dict[str, Any], auth: dict[str, Any] | None) -> None:
    """Join the rooms that the client names."""
    users[sid] = str(uuid.uuid4())
    for room in (auth or {}).get("rooms", []):
        await server.enter_room(sid, room)


async def disconnect(sid: str, _reason: str) -> None:
    """Forget the connection."""
    users.pop(sid, None)


async def send_message(sid: str, message: dict[str, Any]) -> dict[str, Any]:
    """Send the envelope to the whole room and acknowledge it."""
    chat_id = message["chatId"]
    heads[chat_id] += 1
    made: dict[str, Any] = {
        "chatId": chat_id,
        "seq": heads[chat_id],
        "id": str(uuid.uuid4()),
        "senderId": users[sid],
        "senderDeviceId": None,
        "clientId": message["clientId"],
        "kind": "message",
        "type": message.get("type", "text"),
        "content": message["content"],
        "iv": message.get("iv"),
        "encrypted": message["encrypted"],
        "mls": None,
        "metadata": message.get("metadata", {}),
        "notify": True,
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
    }
    await server.emit("new_message", made, room=chat_id)
    return {"id": made["id"], "seq": made["seq"], "timestamp": made["timestamp"], "ok": True}


if __name__ == "__main__":
    server.on("connect", connect)
    server.on("disconnect", disconnect)
    server.on("send_message", send_message)
    uvicorn.run(
        socketio.ASGIApp(server),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        log_level="warning",
        loop="uvloop",
        ws="websockets",
        backlog=4096,
    )
