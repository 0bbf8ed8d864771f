"""The delivery service of encrypted chats: where groups stand, commits, and the ways in.

The server reads no message and holds no key. It keeps the order (one commit per epoch), the roster, and a copy of each
group's public description; see docs/reference/protocol.md.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import timedelta

from batiyoun.chats.checks import access_chat
from batiyoun.chats.groups.framing import read_move
from batiyoun.chats.groups.model import Step
from batiyoun.chats.groups.payloads import (
    MAX_WELCOMES,
    Commit,
    Committed,
    DeviceName,
    GroupInfoView,
    GroupView,
    WelcomeList,
    WelcomeView,
)
from batiyoun.chats.groups.rules import Directory, Standing, judge, wanted_of
from batiyoun.chats.groups.store import GroupStore
from batiyoun.chats.log import Log
from batiyoun.chats.model import Appended, Chat, Draft
from batiyoun.chats.store import ChatStore
from batiyoun.errors import Conflict, EpochStale, GroupMissing, NotInGroup
from batiyoun.live import Caller
from batiyoun.runtime import Runtime

#: a Welcome that nobody fetched; the device comes in from outside then
KEPT = timedelta(days=90)


class GroupService:
    """Groups of encrypted chats, for one caller at a time.

    `welcomed` is told (user, chat) of everybody for whose devices a Welcome waits.
    """

    def __init__(self, chats: ChatStore, groups: GroupStore, log: Log, directory: Directory, runtime: Runtime) -> None:
        self._chats = chats
        self._groups = groups
        self._log = log
        self._directory = directory
        self._runtime = runtime
        self.welcomed: list[Callable[[str, str], None]] = []

    async def view(self, user_id: str, chat_id: str) -> GroupView:
        """Who should be in the group and who is. Raises `ChatNotFound`, `Conflict` (a chat without encryption)."""
        # the group first: what the roster says of it is then at least as new
        group = await self._groups.group(chat_id)
        chat = await self._chat(user_id, chat_id)
        wanted = wanted_of(chat.members, await self._directory.devices_of(list(chat.members)))
        standing = Standing(group, chat.members, wanted)
        due = standing.due()
        here = None if group is None or standing.lost else group
        open_from = 0 if here is None else here.epoch + 1 if due else here.open_from
        return GroupView(
            epoch=None if here is None else here.epoch,
            generation=0 if group is None else group.generation,
            open_from=open_from,
            members=list(chat.members),
            devices=[DeviceName(user, device) for user, device in wanted],
            leaves=[] if here is None else [DeviceName(leaf.user_id, leaf.device_id) for leaf in here.leaves],
            due=[] if here is None else [leaf.device_id for leaf in due],
            head_seq=chat.head_seq,
        )

    async def info(self, user_id: str, chat_id: str) -> GroupInfoView:
        """The group's public description. Raises `ChatNotFound`, `GroupMissing`."""
        await self._chat(user_id, chat_id)
        found = await self._groups.group_info(chat_id)
        if found is None:
            raise GroupMissing
        group, info = found
        return GroupInfoView(group.epoch, group.generation, info)

    async def commit(self, caller: Caller, chat_id: str, wish: Commit) -> tuple[Committed, bool]:
        """Put a commit on the chat's log, if the group still stands where it begins; the flag says whether it is new.

        Raises `ChatNotFound`, `Conflict`, `MlsInvalid`, `NotInGroup`, `Forbidden`, `GroupFull`, `EpochStale`,
        `ClientIdReused`.
        """
        chat = await self._chat(caller.user_id, chat_id)
        if caller.device_id is None:
            raise NotInGroup("Register this device first.")
        move = read_move(chat_id, wish.commit, wish.group_info, wish.welcome)
        wanted = wanted_of(chat.members, await self._directory.devices_of(list(chat.members)))
        standing = Standing(await self._groups.group(chat_id), chat.members, wanted)
        base, group = judge(standing, move, (caller.user_id, caller.device_id))
        welcomed = tuple(device.name for device in move.added)
        step = Step(base, group, wish.group_info, wish.welcome, welcomed)
        try:
            outcome = await self._log.send(self._draft(caller, chat_id, wish, step))
        except EpochStale as error:
            raise await self._stale(chat_id) from error
        new = isinstance(outcome, Appended)
        if new:
            for user_id in dict.fromkeys(user_id for user_id, _ in welcomed):
                for tell in self.welcomed:
                    tell(user_id, chat_id)
        return Committed(outcome.envelope.seq, group.epoch), new

    async def welcomes(self, caller: Caller) -> WelcomeList:
        """What waits for the session's device; nothing for a session without one."""
        if caller.device_id is None:
            return WelcomeList([])
        since = self._runtime.utcnow() - KEPT
        found = await self._groups.welcomes(caller.user_id, caller.device_id, since=since, limit=MAX_WELCOMES)
        return WelcomeList([WelcomeView(each.id, each.chat_id, each.epoch, each.welcome) for each in found])

    async def forget_welcome(self, caller: Caller, welcome_id: str) -> None:
        """The session's device has it."""
        if caller.device_id is not None:
            await self._groups.forget_welcome(caller.user_id, caller.device_id, welcome_id)

    async def sweep(self) -> int:
        """Let go of Welcomes that nobody fetched in time; returns how many. Raises `Unavailable`."""
        return await self._groups.forget_welcomes(self._runtime.utcnow() - KEPT)

    async def _chat(self, user_id: str, chat_id: str) -> Chat:
        chat, _ = access_chat(await self._chats.get(chat_id), user_id)
        if chat.encryption != "mls":
            raise Conflict("This chat is not end-to-end encrypted.")
        return chat

    async def _stale(self, chat_id: str) -> EpochStale:
        """Where the group stands, for whoever must catch up first."""
        group = await self._groups.group(chat_id)
        head = (await self._chats.heads([chat_id])).get(chat_id, 0)
        epoch = {} if group is None else {"epoch": str(group.epoch)}
        return EpochStale(fields=epoch | {"headSeq": str(head)})

    def _draft(self, caller: Caller, chat_id: str, wish: Commit, step: Step) -> Draft:
        digest = hashlib.blake2b(digest_size=16)
        for part in (wish.commit, wish.group_info, wish.welcome):
            digest.update(b"\0" if part is None else b"\1" + len(part).to_bytes(8, "big") + part)
        return Draft(
            id=self._runtime.new_id(),
            chat_id=chat_id,
            sender_id=caller.user_id,
            sender_device_id=caller.device_id,
            client_id=wish.commit_id,
            kind="commit",
            type="commit",
            content="",
            iv=None,
            encrypted=True,
            mls=None if wish.commit is None else base64.b64encode(wish.commit).decode(),
            metadata={"generation": step.group.generation, "epoch": step.group.epoch},
            notify=False,
            digest=digest.digest(),
            step=step,
        )
