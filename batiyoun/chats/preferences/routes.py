"""The HTTP edge of preferences: `/api/chats/{id}/preferences`. They are read with the chats."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from batiyoun.chats.preferences.model import Preferences
from batiyoun.chats.preferences.payloads import EditPreferences
from batiyoun.chats.preferences.service import PreferenceService
from batiyoun.chats.routes import ChatId, Person, within
from batiyoun.http import operation, struct_body, struct_response
from batiyoun.limiting import Rate

router = APIRouter(prefix="/api", tags=["chats"])

#: of one person: who comes back after a day without a network has some to tell
CHANGES = Rate("preferences", burst=60, period=1)


async def _preferences(request: Request) -> PreferenceService:
    service: PreferenceService = request.app.state.preferences
    return service


@router.patch("/chats/{chat_id}/preferences", **operation(body=EditPreferences, answers={200: Preferences}))
async def change_preferences(
    request: Request,
    chat_id: ChatId,
    wish: Annotated[EditPreferences, Depends(struct_body(EditPreferences))],
    me: Person,
    preferences: Annotated[PreferenceService, Depends(_preferences)],
) -> Response:
    """Mute, archive or pin a chat for oneself, or take it back; at most five are pinned."""
    within(request, CHANGES, me.user_id)
    return struct_response(await preferences.change(me.user_id, chat_id, wish))
