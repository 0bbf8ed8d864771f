"""The rules of reporting: whom one may report, and what of it is known to be true."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from batiyoun.chats.model import Envelope
from batiyoun.errors import ChatNotFound, Conflict, InvalidInput, NotFound
from batiyoun.reports.model import MAX_OPEN, Disclosed, Reason, Report
from batiyoun.reports.store import ReportStore
from batiyoun.runtime import Runtime
from batiyoun.users.service import UserService

#: The envelope of a message in one of the user's chats.
Locate = Callable[[str, str], Awaitable[Envelope | None]]
#: Whether the user is in the chat.
IsIn = Callable[[str, str], Awaitable[bool]]


class ReportService:
    """Takes reports. Nobody but the people who run the server learns of them: commands read them."""

    def __init__(self, store: ReportStore, users: UserService, locate: Locate, is_in: IsIn, runtime: Runtime) -> None:
        self._store = store
        self._users = users
        self._locate = locate
        self._is_in = is_in
        self._runtime = runtime

    async def of_reporter(self, user_id: str) -> Sequence[Report]:
        """What the person has reported, the newest first."""
        return await self._store.of_reporter(user_id)

    async def report(
        self,
        reporter_id: str,
        user_id: str,
        *,
        chat_id: str | None,
        reason: Reason,
        note: str,
        shown: Sequence[tuple[str, str]],
    ) -> Report:
        """Keep a report; `shown` are (message id, text) that the reporter discloses.

        Raises `UserNotFound`, `InvalidInput` (oneself), `ChatNotFound` (not theirs), `NotFound` (a message that is not
        in that chat), `Conflict` (too many open ones).
        """
        if user_id == reporter_id:
            raise InvalidInput("Nobody can report themselves.", fields={"userId": "oneself"})
        about = await self._users.get(user_id)
        if chat_id is not None and not await self._is_in(reporter_id, chat_id):
            raise ChatNotFound
        report = Report(
            id=self._runtime.new_id(),
            reporter_id=reporter_id,
            user_id=about.id,
            chat_id=chat_id,
            reason=reason,
            note=note.strip(),
            at=self._runtime.utcnow(),
            messages=tuple([await self._disclosed(reporter_id, chat_id, *each) for each in shown]),
        )
        if not await self._store.add(report, most=MAX_OPEN):
            raise Conflict(f"You have {MAX_OPEN} reports that nobody has looked at yet. Wait until they are.")
        return report

    async def _disclosed(self, reporter_id: str, chat_id: str | None, message_id: str, text: str) -> Disclosed:
        found = await self._locate(reporter_id, message_id)
        if found is None or found.chat_id != chat_id:
            raise NotFound("One of the messages is not in this chat.")
        return Disclosed(found.id, found.sender_id, found.timestamp, text)
