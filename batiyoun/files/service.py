"""Rules of the pictures by which people are known."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import timedelta

from batiyoun.auth.service import new_secret
from batiyoun.errors import NotFound, Unavailable
from batiyoun.files.pictures import squares
from batiyoun.files.store import BlobStore
from batiyoun.runtime import Runtime
from batiyoun.threads import Threads
from batiyoun.users.model import User
from batiyoun.users.service import UserService

#: pixels: for a profile, and for lists
SIDES = (512, 96)
#: where browsers find them; the name of a file behind it is all that the store knows
PLACE = "/api/avatars/"
_KEY_NAME = re.compile(r"-[0-9]+\.webp$")
_NAME = re.compile(r"([A-Za-z0-9_-]{43})(-96)?\.webp")


class Avatars:
    """Makes, keeps and shows profile pictures: `/api/avatars/{name}.webp`, and small `{name}-96.webp`.

    Names cannot be guessed and change with every picture, so browsers may keep what they have for ever.
    """

    def __init__(self, blobs: BlobStore, users: UserService, runtime: Runtime) -> None:
        self._blobs = blobs
        self._users = users
        self._runtime = runtime
        # one at a time: decoding is what takes memory
        busy = "Too many pictures are being worked on right now. Try again in a moment."
        self._threads = Threads("pictures", threads=1, max_waiting=8, busy=busy)

    async def put(self, user_id: str, content: bytes) -> User:
        """Make that picture the person's; returns them. Raises `InvalidImage`, `UserNotFound`, `Unavailable`."""
        made = await self._threads.run(squares, content, SIDES)
        name = new_secret(self._runtime)
        for side, picture in made.items():
            await self._blobs.put(_key(name, side), picture)
        try:
            user, before = await self._users.set_avatar(user_id, f"{PLACE}{name}.webp")
        except BaseException:
            await self._forget(name)
            raise
        await self.forget(before)
        return user

    async def clear(self, user_id: str) -> User:
        """Show the person by their initials again; returns them. Raises `UserNotFound`, `Unavailable`."""
        user, before = await self._users.set_avatar(user_id, None)
        await self.forget(before)
        return user

    async def read(self, file: str) -> bytes:
        """The picture behind the last part of its address. Raises `NotFound`, `Unavailable`."""
        match = _NAME.fullmatch(file)
        picture = await self._blobs.get(_key(match[1], 96 if match[2] else SIDES[0])) if match else None
        if picture is None:
            raise NotFound
        return picture

    async def forget(self, avatar: str | None) -> None:
        """Delete the files behind an address that nobody has any more; never raises."""
        match = _NAME.fullmatch((avatar or "").removeprefix(PLACE))
        if match is not None:
            await self._forget(match[1])

    async def sweep(self, named: set[str], young: timedelta) -> int:
        """Delete the files of pictures that nobody has (`named`: the addresses that somebody has), but for those that
        were put within `young`: their row may still come. Returns how many files. Raises `Unavailable`."""
        matches = (_NAME.fullmatch(avatar.removeprefix(PLACE)) for avatar in named)
        names = {match[1] for match in matches if match is not None}
        gone = 0
        for key in await self._blobs.old_keys("avatars", self._runtime.utcnow() - young):
            if _KEY_NAME.sub("", key.removeprefix("avatars/")) not in names:
                await self._blobs.delete(key)
                gone += 1
        return gone

    def close(self) -> None:
        """Stop the thread."""
        self._threads.close()

    async def _forget(self, name: str) -> None:
        for side in SIDES:
            with suppress(Unavailable):  # a file that stays takes space, and its name is known to nobody
                await self._blobs.delete(_key(name, side))


def _key(name: str, side: int) -> str:
    return f"avatars/{name}-{side}.webp"
