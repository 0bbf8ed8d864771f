"""The rules of groups: who may add, remove, promote, rename, leave. Every change is an envelope of kind `system`."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import Any

from batiyoun.chats.checks import access_group
from batiyoun.chats.log import Log
from batiyoun.chats.model import Chat, Draft, Role, RosterChange
from batiyoun.chats.payloads import MAX_GROUP
from batiyoun.chats.service import Apart, Known, together
from batiyoun.chats.store import ChatStore
from batiyoun.errors import ChatNotFound, Conflict, EncryptionRequired, Forbidden, InvalidInput, UserNotFound
from batiyoun.live import Caller
from batiyoun.runtime import Runtime


class MemberService:
    """Changes of a group's roster and name.

    The caller's role is looked at first for a clear answer, and again in the transaction that writes the change.
    """

    def __init__(self, chats: ChatStore, log: Log, known: Known, runtime: Runtime, apart: Apart = together) -> None:
        self._chats = chats
        self._log = log
        self._known = known
        self._runtime = runtime
        self._apart = apart

    async def add(self, caller: Caller, chat_id: str, user_ids: list[str]) -> None:
        """Add people; those who are members already are passed over. Admins only.

        Raises `ChatNotFound`, `Forbidden`, `UserNotFound`, `InvalidInput` (the group would be too large).
        """
        chat, _ = access_group(await self._chats.get(chat_id), caller.user_id, Role.ADMIN)
        new = [user_id for user_id in dict.fromkeys(user_ids) if user_id not in chat.members]
        if not new:
            return
        if len(chat.members) + len(new) > MAX_GROUP:
            raise InvalidInput(f"A group has at most {MAX_GROUP:,} members.", fields={"userIds": "too many"})
        if len(await self._known(new)) != len(new):
            raise UserNotFound
        if await self._apart(caller.user_id, new):
            raise UserNotFound  # as for nobody: who is blocked is not told (security check 27)
        change = RosterChange(add=dict.fromkeys(new, Role.MEMBER))
        await self._write(caller, chat, "members_added", {"userIds": new}, Role.ADMIN, change)

    async def remove(self, caller: Caller, chat_id: str, user_id: str) -> None:
        """Remove somebody of a smaller role than one's own; oneself: leave.

        Raises `ChatNotFound`, `Forbidden`, `UserNotFound` (not a member).
        """
        if user_id == caller.user_id:
            await self.leave(caller, chat_id)
            return
        chat, me = access_group(await self._chats.get(chat_id), caller.user_id, Role.ADMIN)
        target = chat.members.get(user_id)
        if target is None:
            raise UserNotFound("This person is not in the group.")
        if target.role >= me.role:
            raise Forbidden("Only the owner can remove an admin.")
        await self._write(
            caller, chat, "member_removed", {"userIds": [user_id]}, me.role, RosterChange(remove=(user_id,))
        )

    async def leave(self, caller: Caller, chat_id: str) -> None:
        """Leave; an owner hands the group to the longest-standing admin, or else member.

        Raises `ChatNotFound`, `Forbidden` (a direct chat).
        """
        chat, me = access_group(await self._chats.get(chat_id), caller.user_id, Role.MEMBER)
        roles: dict[str, Role] = {}
        if me.role is Role.OWNER and (heir := heir_of(chat, caller.user_id)):
            roles[heir] = Role.OWNER
        metadata = {"userIds": [caller.user_id]} | ({"ownerId": next(iter(roles))} if roles else {})
        change = RosterChange(remove=(caller.user_id,), roles=roles)
        await self._write(caller, chat, "member_left", metadata, Role.MEMBER, change)

    async def leave_all(self, user_id: str) -> None:
        """Leave every group, as `leave` does: somebody's account is gone. Again, it does what is left to do."""
        for row in await self._chats.memberships(user_id):
            if row.type == "group":
                with suppress(ChatNotFound):  # removed by somebody else meanwhile
                    await self.leave(Caller(user_id, ""), row.chat_id)

    async def set_role(self, caller: Caller, chat_id: str, user_id: str, role: Role) -> None:
        """Make somebody admin, member or owner. Owners only; naming another owner makes oneself an admin.

        Raises `ChatNotFound`, `Forbidden`, `UserNotFound`, `Conflict` (a group without an owner).
        """
        chat, _ = access_group(await self._chats.get(chat_id), caller.user_id, Role.OWNER)
        target = chat.members.get(user_id)
        if target is None:
            raise UserNotFound("This person is not in the group.")
        if target.role is role:
            return
        if user_id == caller.user_id:
            raise Conflict("A group needs an owner. Make somebody else the owner first.")
        roles = {user_id: role} | ({caller.user_id: Role.ADMIN} if role is Role.OWNER else {})
        metadata = {"userIds": [user_id], "role": role.wire}
        await self._write(caller, chat, "role_changed", metadata, Role.OWNER, RosterChange(roles=roles))

    async def rename(self, caller: Caller, chat_id: str, name: str) -> None:
        """Give the group another name. Admins only.

        Raises `ChatNotFound`, `Forbidden`, `InvalidInput`, `EncryptionRequired` (an encrypted group is named inside).
        """
        chat, _ = access_group(await self._chats.get(chat_id), caller.user_id, Role.ADMIN)
        if chat.encryption == "mls":
            raise EncryptionRequired("The name of this group is said inside of its encryption. Send it as a message.")
        name = name.strip()
        if not name or "\0" in name:
            raise InvalidInput("A group needs a name.", fields={"name": "missing"})
        if name != chat.name:
            await self._write(caller, chat, "renamed", {"name": name}, Role.ADMIN, RosterChange(name=name))

    async def _write(
        self, caller: Caller, chat: Chat, kind: str, metadata: dict[str, Any], requires: Role, change: RosterChange
    ) -> None:
        event_id = self._runtime.new_id()
        await self._log.send(
            Draft(
                id=event_id,
                chat_id=chat.id,
                sender_id=caller.user_id,
                sender_device_id=caller.device_id,
                client_id=event_id,
                kind="system",
                type=kind,
                content="",
                iv=None,
                encrypted=False,
                mls=None,
                metadata=metadata,
                notify=False,
                digest=hashlib.blake2b(event_id.encode(), digest_size=16).digest(),
                requires=requires,
                change=change,
            )
        )


def heir_of(chat: Chat, leaving: str) -> str | None:
    """Who owns the group after its owner: the highest role, then the longest membership, then the smallest id."""
    others = [member for member in chat.members.values() if member.user_id != leaving]
    if not others:
        return None
    return min(others, key=lambda member: (-member.role, member.joined_seq, member.user_id)).user_id
