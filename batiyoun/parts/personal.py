"""What people decide for themselves, put together: how to meet their chats, whom not at all, and what they report."""

from __future__ import annotations

from typing import Any

from batiyoun.account.export import Section
from batiyoun.blocks.service import BlockService
from batiyoun.blocks.standing import Standing
from batiyoun.chats.preferences.service import PreferenceService
from batiyoun.live import Nodes
from batiyoun.reports.service import ReportService
from batiyoun.runtime import Runtime
from batiyoun.storage.messages import MessageStore
from batiyoun.storage.sql.blocks import SqlBlockStore
from batiyoun.storage.sql.database import Database
from batiyoun.storage.sql.preferences import SqlPreferenceStore
from batiyoun.storage.sql.reports import SqlReportStore
from batiyoun.users.service import UserService


class Personal:
    """The parts are attributes."""

    def __init__(
        self,
        database: Database,
        chats: MessageStore,
        nodes: Nodes,
        users: UserService,
        runtime: Runtime,
    ) -> None:
        self.preferences = PreferenceService(SqlPreferenceStore(database), chats, nodes)
        self._chats = chats
        store = SqlBlockStore(database)
        self.standing = Standing(store, nodes)
        self.blocks = BlockService(store, self.standing, self._between, users, nodes, runtime)
        self.reports = ReportService(SqlReportStore(database), users, chats.locate, self._is_in, runtime)

    async def _between(self, user_id: str, other_id: str) -> list[str]:
        mine = await self._chats.memberships(user_id)
        return [row.chat_id for row in mine if row.type == "direct" and row.partner_id == other_id]

    async def _is_in(self, user_id: str, chat_id: str) -> bool:
        chat = await self._chats.get(chat_id)
        return chat is not None and user_id in chat.members

    def sections(self) -> dict[str, Section]:
        """What belongs to somebody's own data."""
        return {"blocked": self._blocked, "reports": self._reported}

    async def _blocked(self, user_id: str) -> list[dict[str, Any]]:
        mine = await self.blocks.of_user(user_id)
        return [{"userId": other_id, "since": since} for other_id, since in mine.items()]

    async def _reported(self, user_id: str) -> list[dict[str, Any]]:
        mine = await self.reports.of_reporter(user_id)
        return [
            {
                "userId": report.user_id,
                "chatId": report.chat_id,
                "reason": report.reason,
                "note": report.note,
                "at": report.at,
                "messages": [{"id": each.message_id, "text": each.text} for each in report.messages],
            }
            for report in mine
        ]

    def state(self) -> dict[str, Any]:
        """What the routes look for."""
        return {"preferences": self.preferences, "blocks": self.blocks, "reports": self.reports}
