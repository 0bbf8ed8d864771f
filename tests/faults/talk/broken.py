"""Servers that acknowledge messages before they are stored. The judge must find them out."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import asyncpg
from pymongo.write_concern import WriteConcern

from batiyoun.chats.log import Done, Log
from batiyoun.chats.model import Appended, Draft, Envelope
from batiyoun.cli import main
from batiyoun.runtime import Runtime
from batiyoun.storage.mongo import client as mongo

#: seconds between the ack and the message's way to the store
DELAY = 0.5
_append = Log.append
_promised: dict[str, int] = {}


def append(self: Log, draft: Draft, done: Done) -> None:
    """Promise the next place at once, and store later."""
    if draft.kind != "message":
        _append(self, draft, done)
        return
    seq = _promised[draft.chat_id] = _promised.get(draft.chat_id, 0) + 1
    known: dict[str, Any] = {name: getattr(draft, name, None) for name in Envelope.__struct_fields__}
    known |= {"seq": seq, "timestamp": Runtime().utcnow()}
    done(Appended(Envelope(**known)))
    asyncio.get_running_loop().call_later(DELAY, _append, self, draft, lambda _: None)


def lie() -> None:
    """`batiyoun`, with that one difference."""
    Log.append = append  # type: ignore[method-assign]
    main()


def hasty() -> None:
    """`batiyoun serve` that acknowledges what is neither on PostgreSQL's disk nor with a majority of MongoDB's set."""
    connect = asyncpg.connect

    def connect_hastily(*args: Any, **options: Any) -> Any:
        options["server_settings"] = options.get("server_settings", {}) | {"synchronous_commit": "off"}
        return connect(*args, **options)

    asyncpg.connect = connect_hastily
    mongo.DURABLE = WriteConcern(w=1)
    sys.argv.append("serve")
    main()
