"""Tells open connections what changed about keys. Who hears nothing finds out by asking."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime

from batiyoun.errors import Unavailable
from batiyoun.keys.payloads import DeviceListChanged, IdentityReset, KeyPackagesLow, OwnMarksChanged
from batiyoun.live import Rooms, session_room, user_room

log = logging.getLogger(__name__)


class Telling:
    """`near(user_id)` gives the rooms of everybody who shares a chat with the person."""

    def __init__(self, rooms: Rooms, near: Callable[[str], Awaitable[Iterable[str]]]) -> None:
        self._rooms = rooms
        self._near = near

    async def devices_changed(self, user_id: str) -> None:
        """To the person and everybody who shares a chat with them; whoever shares several may hear it several times."""
        try:
            near = await self._near(user_id)
        except Unavailable:
            log.warning("that the devices of somebody changed could not be told to others")
            near = ()
        self._rooms.publish_all({user_room(user_id), *near}, "device_list_changed", DeviceListChanged(user_id))

    def packages_low(self, session_id: str, left: int) -> None:
        """To the device of that session."""
        self._rooms.publish(session_room(session_id), "key_packages_low", KeyPackagesLow(left))

    def marks_changed(self, user_id: str) -> None:
        """To all devices of the person, the one that wrote among them."""
        self._rooms.publish(user_room(user_id), "own_marks_changed", OwnMarksChanged())

    def reset(self, user_id: str, at: datetime | None) -> None:
        """To all devices of the person."""
        self._rooms.publish(user_room(user_id), "identity_reset", IdentityReset(at))
