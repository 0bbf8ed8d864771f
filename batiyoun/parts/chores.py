"""Background work over several stores: what a worker does, and every server that is all in one."""

from __future__ import annotations

from batiyoun.account.errands import Errands
from batiyoun.account.retention import Retention
from batiyoun.account.store import Errand
from batiyoun.auth.service import AuthService
from batiyoun.chats.payloads import CreateChat
from batiyoun.chats.service import ChatService
from batiyoun.files.service import Avatars
from batiyoun.runtime import Runtime
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.errands import SqlErrandStore, SqlRetentionStore


class Chores:
    """The outbox and the retention; `start` and `close` bound their life."""

    def __init__(
        self, database: Database, runtime: Runtime, *, auth: AuthService, chats: ChatService, avatars: Avatars
    ) -> None:
        self._auth = auth
        self._chats = chats
        handlers = {"end_sessions": self._end_sessions, "meet": self._meet}
        self.errands = Errands(SqlErrandStore(database), handlers, runtime)
        self.retention = Retention(SqlRetentionStore(database), avatars.sweep, runtime)

    def start(self) -> None:
        """Begin; call it in the running loop."""
        self.errands.start()
        self.retention.start()

    async def close(self) -> None:
        """Stop."""
        await self.errands.close()
        await self.retention.close()

    async def _end_sessions(self, errand: Errand) -> None:
        """End what was signed in before the decision; who signed in after it knew the new password."""
        keep = errand.details["keep"]
        for session in await self._auth.sessions_of(errand.user_id):
            if session.created_at < errand.at and session.id not in keep:
                await self._auth.revoke(session.id)
        if errand.details["tokens"]:
            await self._auth.api_tokens.revoke_all(errand.user_id, before=errand.at)

    async def _meet(self, errand: Errand) -> None:
        await self._chats.create(errand.user_id, CreateChat("direct", [errand.details["inviter"]]))
