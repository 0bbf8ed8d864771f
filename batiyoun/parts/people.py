"""What an application has around accounts: invitations, pictures, leaving, taking one's data along."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from batiyoun.account.export import Exporter, Section
from batiyoun.account.service import Leaving
from batiyoun.account.watch import Watch
from batiyoun.audit.service import Audit
from batiyoun.auth.connections import Connections
from batiyoun.auth.passkeys.service import Passkeys
from batiyoun.auth.service import AuthService
from batiyoun.chats.members import MemberService
from batiyoun.chats.payloads import CreateChat
from batiyoun.chats.service import ChatService
from batiyoun.files.service import Avatars
from batiyoun.invites.service import InviteService
from batiyoun.keys.service import KeyService
from batiyoun.parts.chores import Chores
from batiyoun.runtime import Runtime
from batiyoun.settings import Settings
from batiyoun.storage.blobs.disk import DiskBlobs
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.departures import SqlDepartureStore, SqlNoticeStore
from batiyoun.storage.sql.identities import SqlIdentityStore
from batiyoun.storage.sql.invites import SqlInviteStore
from batiyoun.users.service import UserService


class People:
    """The parts, as `state` gives them to the routes; `start` and `close` bound the life of their background work."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        runtime: Runtime,
        *,
        auth: AuthService,
        connections: Connections,
        users: UserService,
        audit: Audit,
        chats: ChatService,
        members: MemberService,
        passkeys: Passkeys,
        keys: KeyService,
        sections: Mapping[str, Section],
    ) -> None:
        """`sections`: what else is kept about a person, for their own data."""
        self._auth = auth
        self._connections = connections
        self._chats = chats
        self._passkeys = passkeys
        self._identities = SqlIdentityStore(database)
        self._keys = keys
        self.avatars = Avatars(DiskBlobs(settings.data_dir.absolute() / "blobs"), users, runtime)
        self.invites = InviteService(
            store=SqlInviteStore(database),
            users=users,
            audit=audit,
            meet=self._meet,
            place=settings.base_url(),
            runtime=runtime,
        )
        auth.on_invited.append(self.invites.signed_up)
        self.leaving = Leaving(
            store=SqlDepartureStore(database, runtime),
            users=users,
            audit=audit,
            runtime=runtime,
            end_sessions=self._end_sessions,
            leave_groups=members.leave_all,
            forget_avatar=self.avatars.forget,
        )
        self.exporter = Exporter(
            auth=auth,
            users=users,
            audit=audit,
            chats=chats,
            runtime=runtime,
            sections={
                "invites": self._invites,
                "apiTokens": self._api_tokens,
                "passkeys": self._own_passkeys,
                "identities": self._own_identities,
                "devices": self._devices,
                **sections,
            },
        )
        self.chores = Chores(database, runtime, auth=auth, chats=chats, avatars=self.avatars)
        self._works = settings.role in {"all", "worker"}
        self.watch = Watch(SqlNoticeStore(database, runtime), self.leaving, self._look_again, runtime)

    def state(self) -> dict[str, Any]:
        """What the routes look for."""
        return {
            "avatars": self.avatars,
            "invites": self.invites,
            "leaving": self.leaving,
            "exporter": self.exporter,
        }

    def start(self) -> None:
        """Begin to look at what is decided elsewhere; call it in the running loop."""
        self.watch.start()
        if self._works:
            self.chores.start()

    async def close(self) -> None:
        """Stop."""
        await self.chores.close()
        await self.watch.close()
        self.avatars.close()

    async def _meet(self, user_id: str, other_id: str) -> str:
        chat, _ = await self._chats.create(user_id, CreateChat("direct", [other_id]))
        return chat.id

    async def _end_sessions(self, user_id: str) -> None:
        await self._auth.revoke_all(user_id)
        await self._look_again(user_id)

    async def _look_again(self, user_id: str) -> None:
        await self._connections.look_at(user_id)
        await self._keys.look_at(user_id)

    async def _invites(self, user_id: str) -> list[dict[str, Any]]:
        return [
            {
                "id": invite.id,
                "note": invite.note,
                "uses": invite.uses,
                "maxUses": invite.max_uses,
                "createdAt": invite.created_at,
                "expiresAt": invite.expires_at,
            }
            for invite in await self.invites.of_user(user_id)
        ]

    async def _api_tokens(self, user_id: str) -> list[dict[str, Any]]:
        return [
            {
                "id": token.id,
                "name": token.name,
                "scopes": sorted(token.scopes),
                "createdAt": token.created_at,
                "lastUsedAt": token.last_used_at,
            }
            for token in await self._auth.api_tokens.of_user(user_id)
        ]

    async def _own_identities(self, user_id: str) -> list[dict[str, Any]]:
        # also when no provider is set up any more
        return [
            {
                "id": identity.id,
                "issuer": identity.issuer,
                "subject": identity.subject,
                "email": identity.email,
                "linkedAt": identity.linked_at,
            }
            for identity in await self._identities.of_user(user_id)
        ]

    async def _own_passkeys(self, user_id: str) -> list[dict[str, Any]]:
        return [
            {
                "id": passkey.id,
                "name": passkey.name,
                "createdAt": passkey.created_at,
                "lastUsedAt": passkey.last_used_at,
            }
            for passkey in await self._passkeys.of_user(user_id)
        ]

    async def _devices(self, user_id: str) -> list[dict[str, Any]]:
        return [
            {"id": device.id, "name": device.name, "createdAt": device.created_at, "lastSeenAt": device.last_seen_at}
            for device in await self._keys.devices.of_user(user_id)
        ]
