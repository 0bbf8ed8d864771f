"""A process that sends without pause until it is killed. Run by test_kill.py.

`python -m tests.faults.sender LOG_DB RUN`: prints a line per promise, after it was made:
`chat <id>`, then `ack <clientId> <id> <seq>`.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from batiyoun.chats.log import Log
from batiyoun.chats.model import Chat, Outcome
from batiyoun.runtime import Runtime
from batiyoun.storage.sqlite import SqliteChatLog
from tests.contracts.chat_stores import Clock, Scene, draft, stored

SENDERS = 20


def tell(*words: object) -> None:
    """One write per line: what was written before the kill can be read after it."""
    os.write(1, " ".join(map(str, words)).encode() + b"\n")


async def main(path: Path, run: str) -> None:
    """Create or find the chat of all runs, then send."""
    store = SqliteChatLog(path, Runtime(), checkpoint_pages=200)
    await store.open()
    chat = await Scene(store, Clock()).direct("ann", "bob")
    tell("chat", chat.id)
    log = Log(store, publish=lambda _: None)
    for sender in range(SENDERS):
        send(log, chat, run, sender, 0)
    await asyncio.Event().wait()


def send(log: Log, chat: Chat, run: str, sender: int, number: int) -> None:
    """The next message of a sender goes when the last was acknowledged."""
    client_id = f"{run}.{sender}.{number}"

    def done(outcome: Outcome) -> None:
        envelope = stored(outcome)
        tell("ack", client_id, envelope.id, envelope.seq)
        send(log, chat, run, sender, number + 1)

    log.append(draft(chat, "ann", client_id * 20, client_id=client_id, message_id=f"m{client_id}"), done)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
