"""A family's encrypted chat over a real store, with what its devices really sent (`vectors.json`)."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from batiyoun.chats.groups.payloads import Commit
from batiyoun.chats.groups.service import GroupService
from batiyoun.chats.log import Log
from batiyoun.chats.members import MemberService
from batiyoun.chats.model import Appended, NewChat, Replayed, Role
from batiyoun.chats.payloads import MessageBody
from batiyoun.chats.service import ChatService
from batiyoun.keys.model import DeviceRecord
from batiyoun.live import Caller
from batiyoun.storage.sqlite import SqliteChatLog
from tests.contracts.chat_stores import Clock

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "vectors.json").read_text())
CHAT: str = VECTORS["chat"]


def device(name: str) -> DeviceRecord:
    """One of the devices of the vectors, as the directory has it."""
    found = VECTORS["devices"][name]
    return DeviceRecord(found["userId"], found["deviceId"], b"", base64.b64decode(found["signatureKey"]))


def wish(name: str, commit_id: str | None = None, **instead: bytes | None) -> Commit:
    """What a device sent; `instead` changes parts of it."""
    parts: dict[str, str | None] = VECTORS["commits"][name]
    raw = {key: None if part is None else base64.b64decode(part) for key, part in parts.items()}
    assert raw["groupInfo"] is not None
    made = Commit(commit_id or name, raw["commit"], raw["groupInfo"], raw["welcome"])
    return msgspec.structs.replace(made, **instead)


def said(name: str) -> tuple[str, MessageBody]:
    """A message as a device sent it: its clientId and body."""
    found = VECTORS["messages"][name]
    return found["clientId"], MessageBody(found["content"], True, iv=found["iv"], mls=found["mls"])


class Devices:
    """A directory that the test fills."""

    def __init__(self) -> None:
        self.known: dict[str, DeviceRecord] = {}

    async def devices_of(self, user_ids: Collection[str]) -> dict[str, list[DeviceRecord]]:
        """See `Directory`."""
        return {
            user_id: [record for record in self.known.values() if record.user_id == user_id] for user_id in user_ids
        }


@dataclass
class Family:
    """The parts, and who is who: asha has a phone and a laptop, ravi and meena a phone each."""

    store: SqliteChatLog
    log: Log
    groups: GroupService
    chats: ChatService
    members: MemberService
    devices: Devices
    clock: Clock
    #: (user, chat) of everybody who was told of a Welcome
    told: list[tuple[str, str]]

    def by(self, name: str) -> Caller:
        """A call from that device."""
        record = device(name)
        return Caller(record.user_id, f"session of {name}", record.device_id)

    async def commit(self, by: str, name: str | Commit, chat_id: str = CHAT) -> tuple[int, int, bool]:
        """(seq, epoch, whether it was new) of a commit of that device."""
        committed, new = await self.groups.commit(self.by(by), chat_id, wish(name) if isinstance(name, str) else name)
        return committed.seq, committed.epoch, new

    async def say(self, by: str, name: str) -> Appended | Replayed:
        """Send a message of the vectors from that device."""
        client_id, body = said(name)
        return await self.chats.put(self.by(by), CHAT, client_id, body)

    async def begin(self) -> None:
        """The group has phone, laptop and ravi; epoch 1."""
        await self.commit("phone", "create")
        await self.commit("phone", "family")

    async def kick(self, name: str) -> None:
        """The phone's owner takes a person out of the chat."""
        await self.members.remove(self.by("phone"), CHAT, device(name).user_id)


@asynccontextmanager
async def family(folder: Path) -> AsyncIterator[Family]:
    """The chat of asha (owner) and ravi, with their devices registered."""
    clock = Clock()
    runtime = clock.runtime()
    store = SqliteChatLog(folder / "log.db", runtime)
    await store.open()
    log = Log(store, publish=lambda _: None)
    devices = Devices()
    devices.known = {name: device(name) for name in ("phone", "laptop", "ravi", "meena")}

    async def known(user_ids: Collection[str]) -> set[str]:
        return set(user_ids)

    groups = GroupService(store, store, log, devices, runtime)
    chats = ChatService(store, store, log, known, runtime, encrypts=True)
    members = MemberService(store, log, known, runtime)
    made = Family(store, log, groups, chats, members, devices, clock, [])
    groups.welcomed.append(lambda user_id, chat_id: made.told.append((user_id, chat_id)))
    owner, ravi = device("phone").user_id, device("ravi").user_id
    roles = {owner: Role.OWNER, ravi: Role.MEMBER}
    await store.create(NewChat(CHAT, "group", "mls", "Family", owner, roles, None, runtime.utcnow()))
    try:
        yield made
    finally:
        await log.close()
        await store.close()
